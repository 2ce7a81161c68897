-- description: A key occurs more than once
-- severity: error
SELECT 'posts' AS "table", path AS key, count(*) AS rows FROM posts GROUP BY path, month HAVING count(*) > 1
UNION ALL SELECT 'files', path, count(*) FROM files GROUP BY path, month HAVING count(*) > 1
UNION ALL SELECT 'post_bodies', path, count(*) FROM stored.post_bodies GROUP BY path, month HAVING count(*) > 1
UNION ALL SELECT 'post_headings', path || ' ' || position, count(*) FROM post_headings GROUP BY path, month, position HAVING count(*) > 1
UNION ALL SELECT 'post_code_blocks', path || ' ' || position, count(*) FROM post_code_blocks GROUP BY path, month, position HAVING count(*) > 1
UNION ALL SELECT 'post_categories', path || ' ' || position, count(*) FROM stored.post_categories GROUP BY path, month, position HAVING count(*) > 1
UNION ALL SELECT 'post_tags', path || ' ' || position, count(*) FROM stored.post_tags GROUP BY path, month, position HAVING count(*) > 1
UNION ALL SELECT 'post_links', path || ' ' || position, count(*) FROM stored.post_links GROUP BY path, month, position HAVING count(*) > 1
UNION ALL SELECT 'categories', id, count(*) FROM categories GROUP BY id HAVING count(*) > 1
UNION ALL SELECT 'tags', id, count(*) FROM tags GROUP BY id HAVING count(*) > 1
UNION ALL SELECT 'category_keys', category_key, count(*) FROM category_keys GROUP BY category_key HAVING count(*) > 1
UNION ALL SELECT 'tag_keys', tag_key, count(*) FROM tag_keys GROUP BY tag_key HAVING count(*) > 1
UNION ALL SELECT 'hosts', host, count(*) FROM hosts GROUP BY host HAVING count(*) > 1
UNION ALL SELECT 'entities', entity_kind || ' ' || entity_id, count(*) FROM entities GROUP BY entity_kind, entity_id HAVING count(*) > 1
UNION ALL SELECT 'duplicates', path, count(*) FROM duplicates GROUP BY path HAVING count(*) > 1
UNION ALL SELECT 'suspects', kind || ' ' || term || ' ' || other, count(*) FROM suspects GROUP BY kind, term, other HAVING count(*) > 1
UNION ALL SELECT 'changes', build_id || ' ' || path, count(*) FROM changes GROUP BY build_id, path HAVING count(*) > 1
UNION ALL SELECT 'builds', build_id, count(*) FROM builds GROUP BY build_id HAVING count(*) > 1
