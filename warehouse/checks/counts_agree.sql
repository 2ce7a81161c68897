-- description: What the last build counted, or what a summary counts, is not what the tables hold
-- severity: error
WITH last AS (SELECT counts FROM builds ORDER BY started_at DESC, build_id DESC LIMIT 1),
counted AS (
    SELECT 'posts by state' AS what, list_sum(CAST(counts -> '$.posts.*' AS BIGINT[])) AS said, (SELECT count(*) FROM posts) AS held FROM last
    UNION ALL
    SELECT 'rejected files', coalesce(list_sum(CAST(counts -> '$.rejected.*' AS BIGINT[])), 0), (SELECT count(*) FROM files WHERE outcome = 'rejected')
    FROM last
    UNION ALL
    SELECT 'posts of categories', (SELECT coalesce(sum(posts), 0) FROM categories), count(DISTINCT (path, category_id))
    FROM post_categories WHERE category_id IS NOT NULL
    UNION ALL
    SELECT 'posts of tags', (SELECT coalesce(sum(posts), 0) FROM tags), count(DISTINCT (path, tag_id)) FROM post_tags WHERE tag_id IS NOT NULL
    UNION ALL
    SELECT 'links of hosts', (SELECT coalesce(sum(links), 0) FROM hosts), count(host) FROM stored.post_links
    UNION ALL
    SELECT 'links of entities', (SELECT coalesce(sum(links), 0) FROM entities), count(entity_kind) FROM stored.post_links
)
SELECT what, said, held FROM counted WHERE said <> held
