-- title: Posts by month
-- purpose: Posts by local month: how much was published, how long it was, and by how many. Months without posts have no row.
-- chart: bar month posts
-- column month: Local month as YYYY-MM
-- column posts: Published posts of the month
-- column words: Their words
-- column median_words: Median words of a post
-- column publishers: Different publishers that the posts name
SELECT
    strftime(published_on, '%Y-%m') AS month,
    count(*) AS posts,
    CAST(sum(words) AS BIGINT) AS words,
    CAST(median(words) AS BIGINT) AS median_words,
    count(DISTINCT publisher) AS publishers
FROM posts
WHERE state = 'published'
GROUP BY ALL
ORDER BY month DESC
