-- title: Rising and fading terms
-- purpose: Categories and tags that the last 28 days of the archive have more or less of than the 84 days before, by more than chance.
-- column kind: category or tag
-- column id: id in categories or tags
-- column name: The term's name
-- column posts_recent: Published posts that have it, of the 28 days up to the archive's newest post
-- column posts_before: The same, of the 84 days before these, or of as many as the archive has
-- column change: Posts of the 28 days more or fewer than at the rate of the days before
-- column direction: rising or fading
WITH published AS (
    SELECT path, published_on, max(published_on) OVER () - 27 AS recent_from, min(published_on) OVER () AS first_on
    FROM posts WHERE state = 'published'
),
windowed AS (
    SELECT path, published_on >= recent_from AS is_recent, least(84, recent_from - first_on) AS days_before
    FROM published
    WHERE published_on >= recent_from - 84
),
term AS (
    SELECT DISTINCT 'category' AS kind, category_id AS id, path FROM post_categories SEMI JOIN windowed USING (path)
    UNION ALL
    SELECT DISTINCT 'tag', tag_id, path FROM post_tags SEMI JOIN windowed USING (path)
),
counted AS (
    SELECT
        kind,
        id,
        count(*) FILTER (is_recent) AS posts_recent,
        count(*) FILTER (NOT is_recent) AS posts_before,
        any_value(28 / (28 + days_before)) AS part,  -- of all its posts, if nothing changed
        posts_recent + posts_before AS posts
    FROM term JOIN windowed USING (path)
    WHERE id IS NOT NULL AND days_before >= 28
    GROUP BY kind, id
)
SELECT
    kind,
    id,
    name,
    posts_recent,
    posts_before,
    posts_recent - posts_before * part / (1 - part) AS change,
    CASE WHEN change > 0 THEN 'rising' ELSE 'fading' END AS direction
FROM counted
JOIN (SELECT 'category' AS kind, id, name FROM categories UNION ALL SELECT 'tag', id, name FROM tags) USING (kind, id)
-- Each post falls into the 28 days by this chance: two standard deviations off are rarely chance, except for fewer than
-- five posts, where one post more would do.
WHERE posts >= 5 AND abs(posts_recent - posts * part) >= 2 * sqrt(posts * part * (1 - part))
ORDER BY abs(change) DESC, kind, id
