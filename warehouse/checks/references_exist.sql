-- description: A row points at what is not there: a duplicate's post, a suspect's term, a link's host or entity
-- severity: error
SELECT 'duplicates' AS "table", path AS key FROM duplicates ANTI JOIN posts USING (path)
UNION ALL
SELECT 'duplicates', cluster_id FROM duplicates WHERE cluster_id NOT IN (SELECT path FROM duplicates)
UNION ALL
SELECT 'suspects', kind || ' ' || id
FROM (SELECT kind, unnest([term, other]) AS id FROM suspects)
WHERE (kind, id) NOT IN (SELECT ('category', id) FROM categories UNION ALL SELECT ('tag', id) FROM tags)
UNION ALL
SELECT 'hosts', host FROM (SELECT DISTINCT host FROM stored.post_links WHERE host IS NOT NULL) ANTI JOIN hosts USING (host)
UNION ALL
SELECT 'entities', entity_kind || ' ' || entity_id
FROM (SELECT DISTINCT entity_kind, entity_id FROM stored.post_links WHERE entity_kind IS NOT NULL)
ANTI JOIN entities USING (entity_kind, entity_id)
