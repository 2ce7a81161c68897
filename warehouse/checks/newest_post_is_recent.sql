-- description: No post for longer than a living archive is silent: has what fetches or writes posts stopped?
-- severity: warn
-- threshold: 7
-- column value: Days from the newest published post to now
-- column newest: Its time
WITH last AS ( -- the time that an audit later than the build sets, else the build's
    SELECT coalesce(getvariable('now'), CAST(counts ->> '$.now' AS TIMESTAMPTZ)) AS now
    FROM builds ORDER BY started_at DESC, build_id DESC LIMIT 1
)
SELECT round(date_diff('hour', max(published_at), any_value(now)) / 24, 2) AS value, max(published_at) AS newest
FROM posts, last
WHERE state = 'published'
HAVING count(*) > 0
