-- title: Rising and fading terms
-- purpose: Categories and tags that a larger or smaller part of the posts has in the archive's last 28 days than in the 84 days before, by more than chance.
-- column kind: category or tag
-- column id: id in categories or tags
-- column name: The term's name
-- column posts_recent: Published posts that have it, of the 28 days up to the archive's newest post
-- column posts_before: The same, of the 84 days before these
-- column share_recent: Part of the 28 days' posts, 0 to 1
-- column share_before: Part of the 84 days' posts, 0 to 1
-- column change: Posts of the 28 days more or fewer than at the share of the days before
-- column direction: rising or fading
WITH published AS (
    SELECT path, published_on, max(published_on) OVER () - 27 AS recent_from FROM posts WHERE state = 'published'
),
windowed AS (
    SELECT path, published_on >= recent_from AS is_recent FROM published WHERE published_on >= recent_from - 84
),
total AS (
    SELECT count(*) FILTER (is_recent) AS recent, count(*) FILTER (NOT is_recent) AS before FROM windowed
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
        count(*) FILTER (NOT is_recent) AS posts_before
    FROM term JOIN windowed USING (path)
    WHERE id IS NOT NULL
    GROUP BY kind, id
),
shared AS (
    SELECT
        *,
        posts_recent / recent AS share_recent,
        posts_before / before AS share_before,
        posts_recent - share_before * recent AS change,
        posts_recent + posts_before AS posts,
        recent / (recent + before) AS part
    FROM counted, total
    WHERE before > 0
)
SELECT
    kind,
    id,
    name,
    posts_recent,
    posts_before,
    share_recent,
    share_before,
    change,
    CASE WHEN change > 0 THEN 'rising' ELSE 'fading' END AS direction
FROM shared
JOIN (SELECT 'category' AS kind, id, name FROM categories UNION ALL SELECT 'tag', id, name FROM tags) USING (kind, id)
-- If a term kept its share, each of its posts would be a recent one with the chance `part`: more than two standard
-- deviations off is rarely chance, except below five posts, where a single one decides.
WHERE posts >= 5 AND abs(posts_recent - posts * part) > 2 * sqrt(posts * part * (1 - part))
ORDER BY abs(change) DESC, kind, id
