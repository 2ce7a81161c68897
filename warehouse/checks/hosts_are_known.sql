-- description: Links lead to hosts that no earlier post linked to: new sources, or advertisements in fetched pages
-- says: Hosts that no earlier post linked to: {rows:,} (allowed {threshold:g})
-- severity: warn
-- threshold: 20
WITH added AS (SELECT path FROM changes WHERE change IN ('added', 'edited') AND build_id = (SELECT max(build_id) FROM builds)),
before AS (SELECT count(*) > 1 AS is_known FROM builds),
linked AS (
    SELECT DISTINCT host FROM stored.post_links WHERE path IN (SELECT path FROM added) AND (SELECT is_known FROM before)
)
SELECT host, count(DISTINCT path) AS posts, min(path) AS example
FROM stored.post_links
WHERE host IN (SELECT host FROM linked)
GROUP BY host
HAVING bool_and(path IN (SELECT path FROM added))
ORDER BY posts DESC, host
