-- description: Posts of the last 28 days name no source, in an archive whose posts do
-- says: {value:.0%} of the last 28 days' posts name no source (allowed {threshold:.0%})
-- severity: warn
-- threshold: 0.2
-- column value: Share of them without publisher and source, 0 to 1; 0 where half the archive has none
-- column posts: How many
-- column example: Path of one
WITH published AS (
    SELECT path, published_on, publisher IS NULL AND source_url IS NULL AS without FROM posts WHERE state = 'published'
),
habit AS (SELECT avg(CAST(without AS INTEGER)) < 0.5 AS names_sources, max(published_on) AS newest FROM published)
SELECT
    CASE WHEN any_value(names_sources) THEN count(*) FILTER (without) / count(*) ELSE 0 END AS value,
    count(*) FILTER (without) AS posts,
    max(path) FILTER (without) AS example
FROM published, habit
WHERE published_on > newest - 28
HAVING count(*) > 0
