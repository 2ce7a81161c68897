-- title: Lengths by month
-- purpose: How long posts were, in words by local month: the short, the usual and the long.
-- chart: line month median
-- column month: Local month as YYYY-MM
-- column posts: Published posts of the month
-- column p10: Words that one post in ten does not exceed
-- column median: Words that half the posts do not exceed
-- column p90: Words that nine posts in ten do not exceed
SELECT
    strftime(published_on, '%Y-%m') AS month,
    count(*) AS posts,
    quantile_disc(words, 0.1) AS p10,
    quantile_disc(words, 0.5) AS median,
    quantile_disc(words, 0.9) AS p90
FROM posts
WHERE state = 'published'
GROUP BY ALL
ORDER BY month DESC
