-- title: Posts by day
-- purpose: Posts by local day: how much was published, and how long it was.
-- chart: bar day posts
-- column day: Local date of the site
-- column posts: Published posts of the day
-- column words: Their words
-- column median_words: Median words of a post
SELECT
    published_on AS day,
    count(*) AS posts,
    CAST(sum(words) AS BIGINT) AS words,
    CAST(median(words) AS BIGINT) AS median_words
FROM posts
WHERE state = 'published'
GROUP BY day
ORDER BY day DESC
