-- title: Tags by month
-- purpose: Posts of each tag by local month, with its share of the month's posts.
-- column month: Local month as YYYY-MM
-- column tag_id: id in tags
-- column tag: The tag's name
-- column posts: Published posts that have it, each counted once
-- column share: Part of the month's published posts, 0 to 1
WITH published AS (
    SELECT path, strftime(published_on, '%Y-%m') AS month FROM posts WHERE state = 'published'
),
months AS (
    SELECT month, count(*) AS posts FROM published GROUP BY month
)
SELECT
    month,
    term.tag_id,
    any_value(tags.name) AS tag,
    count(DISTINCT path) AS posts,
    count(DISTINCT path) / any_value(months.posts) AS share
FROM published
JOIN (SELECT path, tag_id FROM post_tags) AS term USING (path)
JOIN months USING (month)
JOIN tags ON tags.id = term.tag_id
GROUP BY month, term.tag_id
ORDER BY month DESC, posts DESC, term.tag_id
