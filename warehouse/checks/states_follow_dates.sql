-- description: A post's state contradicts the build's now
-- severity: error
WITH last AS (SELECT CAST(counts ->> '$.now' AS TIMESTAMPTZ) AS now FROM builds ORDER BY started_at DESC, build_id DESC LIMIT 1)
SELECT path, state, published_at, now
FROM posts, last
WHERE (state = 'future' AND published_at <= now) OR (state = 'published' AND published_at > now)
