-- description: A path stands in two months, or not in that of its file's name
-- severity: error
SELECT 'files' AS "table", path, list_sort(list(DISTINCT month)) AS months FROM files GROUP BY path HAVING count(DISTINCT month) > 1
UNION ALL
SELECT 'posts', path, list_sort(list(DISTINCT month)) FROM posts GROUP BY path HAVING count(DISTINCT month) > 1
