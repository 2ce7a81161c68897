-- description: The last build counted other entries below the posts folders than files has rows
-- severity: error
WITH last AS (SELECT counts FROM builds ORDER BY started_at DESC, build_id DESC LIMIT 1)
SELECT CAST(counts ->> '$.entries' AS BIGINT) AS entries, (SELECT count(*) FROM files) AS files
FROM last
WHERE CAST(counts ->> '$.entries' AS BIGINT) <> (SELECT count(*) FROM files)
