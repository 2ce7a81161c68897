-- title: Posts by weekday and hour
-- purpose: When in the week posts are published, in the site's time zone; posts of exactly midnight are left out, as their date says no time.
-- chart: heat hour name posts
-- column weekday: 1 for Monday to 7 for Sunday
-- column name: The day's name
-- column hour: Hour of the day in the site's time zone, 0 to 23; in UTC where DuckDB does not know the zone
-- column posts: Published posts
WITH zone AS (
    SELECT coalesce(
        (
            SELECT name FROM pg_timezone_names()
            WHERE name = (SELECT counts ->> '$.timezone' FROM builds ORDER BY started_at DESC, build_id DESC LIMIT 1)
        ),
        'UTC'
    ) AS name
),
published AS (
    SELECT timezone(zone.name, published_at) AS local_time
    FROM posts, zone
    WHERE state = 'published'
),
counted AS (
    SELECT isodow(local_time) AS weekday, hour(local_time) AS hour, count(*) AS posts FROM published
    WHERE local_time > date_trunc('day', local_time)
    GROUP BY ALL
),
week AS (
    SELECT weekday, dayname(DATE '2024-01-01' + CAST(weekday - 1 AS INTEGER)) AS name, hour
    FROM range(1, 8) AS weekdays (weekday), range(24) AS hours (hour)
    WHERE EXISTS (FROM counted)
)
SELECT weekday, name, hour, coalesce(posts, 0) AS posts
FROM week
LEFT JOIN counted USING (weekday, hour)
ORDER BY weekday, hour
