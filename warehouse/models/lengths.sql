-- title: Lengths
-- purpose: How long posts are, in words; a CJK character counts as one.
-- chart: bar words posts
-- column words: The bucket, from and to
-- column from_words: Least words of the bucket; the rows' order
-- column to_words: Most words of the bucket; null for the last
-- column posts: Published posts in it
-- column share: Part of all published posts, 0 to 1
WITH bound AS (
    SELECT from_words, lead(from_words) OVER (ORDER BY from_words) - 1 AS to_words
    FROM (VALUES (0), (1), (10), (20), (50), (100), (200), (500), (1000), (2000), (5000), (10000)) AS bound (from_words)
),
published AS (
    SELECT words, count(*) AS posts FROM posts WHERE state = 'published' GROUP BY words
)
SELECT
    CASE
        WHEN to_words IS NULL THEN format('{:,} or more', from_words)
        WHEN to_words = from_words THEN CAST(from_words AS VARCHAR)
        ELSE format('{:,}–{:,}', from_words, to_words)
    END AS words,
    from_words,
    to_words,
    CAST(coalesce(sum(posts), 0) AS BIGINT) AS posts,
    coalesce(sum(posts), 0) / sum(sum(posts)) OVER () AS share
FROM bound
LEFT JOIN published ON published.words BETWEEN from_words AND coalesce(to_words, published.words)
WHERE EXISTS (FROM published)
GROUP BY from_words, to_words
ORDER BY from_words
