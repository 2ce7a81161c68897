-- description: The archive lost many of its posts since the last build: is the site complete?
-- says: {posts:,} posts, {posts_before:,} in the last build ({value:.0%} are gone, allowed {threshold:.0%})
-- severity: error
-- threshold: 0.2
-- accept: yes
-- column value: Share of the last build's posts that are gone, 0 to 1; losing up to twenty posts is never too many
-- column posts: Posts now
-- column posts_before: Posts of the last build
WITH counted AS (
    SELECT
        list_sum(CAST(counts -> '$.posts.*' AS BIGINT[])) AS posts,
        row_number() OVER (ORDER BY started_at DESC, build_id DESC) AS age
    FROM builds
),
sums AS (
    SELECT (SELECT count(*) FROM posts) AS posts, (SELECT posts FROM counted WHERE age = 2) AS posts_before
)
SELECT CASE WHEN posts_before - posts > 20 THEN 1 - posts / posts_before ELSE 0 END AS value, posts, posts_before
FROM sums
WHERE posts_before > 0
