-- title: Data quality
-- purpose: What is not as clean as it should be, one row an issue, with how much of the archive it concerns and an example.
-- chart: rank issue count
-- materialize: table
-- column issue: What is wrong; rejected files by reason, surprising dates by flag
-- column counted: What is counted: files, posts, categories or tags
-- column count: How many have the issue
-- column share: Part of all of these, 0 to 1
-- column example: Path of the first by code points; a term's name
WITH post AS (
    SELECT * EXCLUDE (title), nullif(trim(try(front_matter ->> '$.title')), '') AS title FROM posts
),
collision AS (
    SELECT unnest(paths[2:]) AS path FROM reports.url_collisions
),
repeated AS (
    SELECT path FROM duplicates JOIN posts USING (path)
    QUALIFY row_number() OVER (PARTITION BY cluster_id ORDER BY published_at, path) > 1
),
found AS (
    SELECT 'rejected: ' || reason AS issue, 'files' AS counted, path FROM files WHERE outcome = 'rejected'
    UNION ALL SELECT 'date: ' || unnest(date_flags), 'posts', path FROM posts
    UNION ALL SELECT 'front matter salvaged', 'posts', path FROM posts WHERE front_matter_state = 'salvaged'
    UNION ALL SELECT 'no front matter', 'posts', path FROM posts WHERE front_matter_state = 'absent'
    UNION ALL SELECT 'no title', 'posts', path FROM post WHERE title IS NULL AND front_matter_state <> 'absent'
    UNION ALL SELECT 'no text', 'posts', path FROM posts WHERE words = 0
    UNION ALL SELECT 'no source, as most have one', 'posts', path FROM posts
    WHERE source_url IS NULL AND (SELECT 2 * count(source_url) > count(*) FROM posts)
    UNION ALL SELECT 'address of another post', 'posts', path FROM collision
    UNION ALL SELECT 'repeats another post', 'posts', path FROM repeated
    UNION ALL SELECT DISTINCT 'broken link', 'posts', path FROM stored.post_links WHERE kind = 'broken'
    UNION ALL SELECT 'may be another ' || kind, if(kind = 'tag', 'tags', 'categories'), min(other_name)
    FROM reports.suspect_terms GROUP BY kind, other_id
),
total (counted, count) AS (
    SELECT 'files', count(*) FROM files WHERE outcome <> 'ignored'
    UNION ALL SELECT 'posts', count(*) FROM posts
    UNION ALL SELECT 'categories', count(*) FROM categories
    UNION ALL SELECT 'tags', count(*) FROM tags
)
SELECT issue, counted, count(*) AS count, count(*) / any_value(total.count) AS share, min(path) AS example
FROM found JOIN total USING (counted)
GROUP BY issue, counted
ORDER BY count DESC, issue
