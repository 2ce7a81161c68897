-- description: Front matter has keys that no earlier post had: a new field, or a typing error
-- says: Front matter keys that no earlier post had: {rows:,}
-- severity: warn
WITH added AS (SELECT path FROM changes WHERE change IN ('added', 'edited') AND build_id = (SELECT max(build_id) FROM builds)),
before AS (SELECT count(*) > 1 AS is_known FROM builds),
new AS (
    SELECT path, unnest(json_keys(front_matter)) AS key
    FROM posts WHERE path IN (SELECT path FROM added) AND (SELECT is_known FROM before)
),
old AS (
    SELECT DISTINCT unnest(json_keys(front_matter)) AS key
    FROM posts
    WHERE path NOT IN (SELECT path FROM added) AND EXISTS (FROM new)
)
SELECT key, count(*) AS posts, min(path) AS example
FROM new ANTI JOIN old USING (key)
GROUP BY key
ORDER BY posts DESC, key
