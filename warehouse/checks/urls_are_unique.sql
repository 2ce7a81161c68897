-- description: Several rendered posts have one url: Jekyll overwrites all but one of them
-- says: Urls of several posts each: {rows:,}; Jekyll overwrites all but one of the posts
-- severity: warn
SELECT url, count(*) AS posts, list(path ORDER BY path)[:5] AS paths
FROM posts
WHERE rendered AND NOT archived AND state = 'published'
GROUP BY url
HAVING count(*) > 1
ORDER BY posts DESC, url
