-- description: A path stands in two months, or not in that of its file's name
-- severity: error
WITH placed AS (
    SELECT 'files' AS "table", path, month FROM files
    UNION ALL
    SELECT 'posts', path, month FROM posts
),
torn AS (SELECT "table", path FROM placed GROUP BY "table", path HAVING min(month) <> max(month))
SELECT "table", path, list_sort(list(DISTINCT month)) AS months
FROM placed SEMI JOIN torn USING ("table", path)
GROUP BY "table", path
