-- title: Addresses that posts share
-- purpose: Published posts with one address: a site shows only one of them.
-- column url: Their url
-- column posts: How many share it
-- column paths: Which, by path
SELECT url, count(*) AS posts, list(path ORDER BY path) AS paths
FROM posts
SEMI JOIN (SELECT url FROM posts WHERE state = 'published' GROUP BY url HAVING count(*) > 1) USING (url)
WHERE state = 'published'
GROUP BY url
ORDER BY posts DESC, url
