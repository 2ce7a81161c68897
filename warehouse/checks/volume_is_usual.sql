-- description: The last whole day had far fewer posts than the 28 days before it
-- says: {posts:,} posts on {day}, usual are {usual:g} ({value:.0%} fewer, allowed {threshold:.0%})
-- severity: warn
-- threshold: 0.8
-- column value: Share by which it lies below the median of the 28 days before it, 0 to 1; 0 where it does not
-- column day: The day before the newest post's, by local date
-- column posts: Posts of that day
-- column usual: Median of the 28 days before
WITH newest AS (SELECT max(published_on) - 1 AS day FROM posts WHERE state = 'published'),
days AS (SELECT CAST(unnest(generate_series(day - 28, day, INTERVAL 1 DAY)) AS DATE) AS published_on FROM newest),
counted AS (
    SELECT published_on, count(path) AS posts
    FROM days LEFT JOIN (SELECT path, published_on FROM posts WHERE state = 'published') USING (published_on)
    GROUP BY published_on
),
compared AS (
    SELECT
        any_value(day) AS day,
        any_value(posts) FILTER (published_on = day) AS posts,
        median(posts) FILTER (published_on < day) AS usual
    FROM counted, newest
)
SELECT greatest(1 - posts / nullif(usual, 0), 0) AS value, day, posts, usual
FROM compared
WHERE usual > 0
