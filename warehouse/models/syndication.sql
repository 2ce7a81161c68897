-- title: Who carries whose articles
-- purpose: Publishers whose articles others publish as well, by posts that are one article: the first to post it is the origin, a publisher's own repeats are left out.
-- column origin: Publisher of the article's first post
-- column carrier: Another publisher that posted it
-- column articles: Articles so carried
-- column median_hours: Median hours from the origin's post to the carrier's first
-- column origin_path: The origin's post of the latest such article
-- column carrier_path: The carrier's first post of it
WITH article AS (
    SELECT cluster_id, publisher, path, published_at, row_number() OVER earliest AS place
    FROM duplicates JOIN posts USING (path)
    WHERE state = 'published'
    WINDOW earliest AS (PARTITION BY cluster_id ORDER BY published_at, path)
),
carried AS (
    SELECT cluster_id, publisher, min(published_at) AS published_at, min_by(path, (published_at, path)) AS path
    FROM article
    WHERE publisher IS NOT NULL
    GROUP BY cluster_id, publisher
)
SELECT
    origin.publisher AS origin,
    carrier.publisher AS carrier,
    count(*) AS articles,
    median(epoch(carrier.published_at) - epoch(origin.published_at)) / 3600 AS median_hours,
    max_by(origin.path, (origin.published_at, origin.path)) AS origin_path,
    max_by(carrier.path, (origin.published_at, origin.path)) AS carrier_path
FROM article AS origin
JOIN carried AS carrier USING (cluster_id)
WHERE origin.place = 1 AND carrier.publisher <> origin.publisher
GROUP BY origin.publisher, carrier.publisher
ORDER BY articles DESC, origin, carrier
