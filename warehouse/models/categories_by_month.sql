-- title: Categories by month
-- purpose: Posts of each category by local month, with its share of the month's posts.
-- column month: Local month as YYYY-MM
-- column category_id: id in categories
-- column category: The category's name
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
    term.category_id,
    any_value(categories.name) AS category,
    count(DISTINCT path) AS posts,
    count(DISTINCT path) / any_value(months.posts) AS share
FROM published
JOIN (SELECT path, category_id FROM post_categories) AS term USING (path)
JOIN months USING (month)
JOIN categories ON categories.id = term.category_id
GROUP BY month, term.category_id
ORDER BY month DESC, posts DESC, term.category_id
