-- description: A post's date lies more than a week ahead: a wrong year or month more often than a plan
-- says: Posts dated more than a week ahead: {rows:,}
-- severity: warn
WITH last AS ( -- the time that an audit later than the build sets, else the build's
    SELECT coalesce(getvariable('now'), CAST(counts ->> '$.now' AS TIMESTAMPTZ)) AS now
    FROM builds ORDER BY started_at DESC, build_id DESC LIMIT 1
)
SELECT path, published_at, title
FROM posts, last
WHERE state <> 'draft' AND published_at > now + INTERVAL 7 DAY
ORDER BY published_at DESC
