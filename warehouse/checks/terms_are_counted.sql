-- description: A post's category or tag has a key that belongs to no canonical term, or does not stand in its post
-- severity: error
SELECT 'category' AS kind, path, category AS term, category_key AS key
FROM post_categories
WHERE category_key IS NOT NULL AND coalesce(category_id NOT IN (SELECT id FROM categories), true)
UNION ALL
SELECT 'tag', path, tag, tag_key
FROM post_tags
WHERE tag_key IS NOT NULL AND coalesce(tag_id NOT IN (SELECT id FROM tags), true)
UNION ALL
SELECT 'categories of the post', path, CAST(categories AS VARCHAR), NULL
FROM posts LEFT JOIN (SELECT path, count(*) AS terms FROM post_categories GROUP BY path) USING (path)
WHERE len(categories) <> coalesce(terms, 0)
UNION ALL
SELECT 'tags of the post', path, CAST(tags AS VARCHAR), NULL
FROM posts LEFT JOIN (SELECT path, count(*) AS terms FROM post_tags GROUP BY path) USING (path)
WHERE len(tags) <> coalesce(terms, 0)
