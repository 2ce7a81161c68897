-- description: Posts have categories or tags that no earlier post had: new subjects, or typing errors
-- says: Categories or tags that no earlier post had: {rows:,} (allowed {threshold:g})
-- severity: warn
-- threshold: 5
WITH added AS (SELECT path FROM changes WHERE change IN ('added', 'edited') AND build_id = (SELECT max(build_id) FROM builds)),
before AS (SELECT count(*) > 1 AS is_known FROM builds),
terms AS (
    SELECT 'category' AS kind, path, category_id AS id FROM post_categories
    UNION ALL
    SELECT 'tag', path, tag_id FROM post_tags
)
SELECT kind, id, count(*) AS posts, min(path) AS example
FROM terms
WHERE id IS NOT NULL AND (SELECT is_known FROM before)
GROUP BY kind, id
HAVING bool_and(path IN (SELECT path FROM added))
ORDER BY posts DESC, kind, id
