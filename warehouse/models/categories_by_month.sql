-- title: Categories by month
-- purpose: Posts of each category by local month, with its share of the month's posts, and both compared with the month before.
-- chart: bar month posts category
-- materialize: table
-- column month: Local month as YYYY-MM
-- column category_id: id in categories
-- column category: The category's name
-- column posts: Published posts that have it, each counted once
-- column change: posts less those of the calendar month before, which may have been none
-- column share: Part of the month's published posts, 0 to 1
-- column share_change: share less that of the calendar month before
WITH published AS (
    SELECT path, date_trunc('month', published_on) AS month FROM posts WHERE state = 'published'
),
months AS (
    SELECT month, count(*) AS posts FROM published GROUP BY month
),
counted AS (
    SELECT month, category_id, count(DISTINCT path) AS posts
    FROM published JOIN (SELECT path, category_id FROM post_categories) USING (path)
    WHERE category_id IS NOT NULL
    GROUP BY month, category_id
),
shared AS (
    SELECT month, category_id, counted.posts, counted.posts / months.posts AS share FROM counted JOIN months USING (month)
)
SELECT
    strftime(month, '%Y-%m') AS month,
    category_id,
    categories.name AS category,
    shared.posts,
    shared.posts - coalesce(any_value(shared.posts) OVER before, 0) AS change,
    share,
    share - coalesce(any_value(share) OVER before, 0) AS share_change
FROM shared
JOIN categories ON categories.id = category_id
WINDOW before AS (
    PARTITION BY category_id ORDER BY shared.month
    RANGE BETWEEN INTERVAL 1 MONTH PRECEDING AND INTERVAL 1 MONTH PRECEDING
)
ORDER BY month DESC, shared.posts DESC, category_id
