-- description: Several rendered posts have one url: Jekyll writes them over each other
-- severity: warn
SELECT url, count(*) AS posts, list(path ORDER BY path)[:5] AS paths
FROM posts
WHERE rendered AND NOT archived AND state = 'published'
GROUP BY url
HAVING count(*) > 1
ORDER BY posts DESC, url
