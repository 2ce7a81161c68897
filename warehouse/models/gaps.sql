-- title: Gaps
-- purpose: Runs of days without a post, longer than the archive's habit: two days at least, and more than 19 in 20 of its pauses.
-- column from_day: First local date without a post
-- column to_day: Last local date without a post
-- column days: Days without a post
WITH day AS (
    SELECT DISTINCT published_on AS day FROM posts WHERE state = 'published'
),
pause AS (
    SELECT day + 1 AS from_day, lead(day) OVER (ORDER BY day) - 1 AS to_day, to_day - day AS days FROM day
)
SELECT from_day, to_day, days
FROM pause
WHERE days > 1 AND days > (SELECT quantile_cont(days, 0.95) FROM pause)
ORDER BY days DESC, from_day DESC
