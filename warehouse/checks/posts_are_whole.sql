-- description: A post has no body, or a body, heading, block of code, category, tag or link has no post of its month
-- severity: error
SELECT 'post_bodies' AS "table", path, month FROM posts ANTI JOIN stored.post_bodies USING (path, month)
UNION ALL
FROM (
    SELECT 'posts of post_bodies' AS "table", path, month FROM stored.post_bodies
    UNION ALL SELECT 'posts of post_headings', path, month FROM post_headings
    UNION ALL SELECT 'posts of post_code_blocks', path, month FROM post_code_blocks
    UNION ALL SELECT 'posts of post_categories', path, month FROM stored.post_categories
    UNION ALL SELECT 'posts of post_tags', path, month FROM stored.post_tags
    UNION ALL SELECT 'posts of post_links', path, month FROM stored.post_links
)
ANTI JOIN posts USING (path, month)
