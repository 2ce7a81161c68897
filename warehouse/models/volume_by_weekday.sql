-- title: Posts by weekday
-- purpose: Which days of the week posts are published on, in the site's time zone.
-- chart: bar name posts_per_day
-- column weekday: 1 for Monday to 7 for Sunday
-- column name: The day's name
-- column posts: Published posts of this weekday
-- column days: How often the weekday came between the first post and the last
-- column posts_per_day: posts a day
WITH published AS (
    SELECT published_on, count(*) AS posts FROM posts WHERE state = 'published' GROUP BY published_on
),
calendar AS (
    SELECT CAST(unnest(generate_series(min(published_on), max(published_on), INTERVAL 1 DAY)) AS DATE) AS day
    FROM published
)
SELECT
    isodow(day) AS weekday,
    dayname(day) AS name,
    CAST(coalesce(sum(posts), 0) AS BIGINT) AS posts,
    count(*) AS days,
    coalesce(sum(posts), 0) / count(*) AS posts_per_day
FROM calendar
LEFT JOIN published ON published_on = day
GROUP BY weekday, name
ORDER BY weekday
