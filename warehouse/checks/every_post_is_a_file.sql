-- description: A file's outcome and its post's state disagree, or one of the two is missing
-- severity: error
SELECT coalesce(file.path, post.path) AS path, file.outcome, post.state
FROM (SELECT path, month, outcome FROM files WHERE outcome NOT IN ('rejected', 'ignored')) AS file
FULL JOIN (SELECT path, month, state FROM posts) AS post USING (path, month)
WHERE file.outcome IS DISTINCT FROM post.state
