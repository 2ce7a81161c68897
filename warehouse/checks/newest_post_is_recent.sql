-- description: No new post for longer than the archive's usual gaps: did the script that fetches or writes posts stop?
-- says: No new post for {value:,.0f} days (longest usual gap: {threshold:.0f})
-- severity: warn
-- threshold: 7
-- column value: Days from the newest published post to now
-- column threshold: Longest usual gap in days: 19 in 20 gaps of the archive are no longer; 7 at least
-- column newest: Time of the newest post
WITH last AS ( -- the time that an audit later than the build sets, else the build's
    SELECT coalesce(getvariable('now'), CAST(counts ->> '$.now' AS TIMESTAMPTZ)) AS now
    FROM builds ORDER BY started_at DESC, build_id DESC LIMIT 1
),
day AS (SELECT DISTINCT published_on AS day FROM posts WHERE state = 'published'),
gap AS (SELECT day - lag(day) OVER (ORDER BY day) AS days FROM day)
SELECT
    round(date_diff('hour', max(published_at), any_value(now)) / 24, 2) AS value,
    (SELECT greatest(7, ceil(quantile_cont(days, 0.95))) FROM gap) AS threshold,
    max(published_at) AS newest
FROM posts, last
WHERE state = 'published'
HAVING count(*) > 0
