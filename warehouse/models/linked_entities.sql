-- title: What posts link to
-- purpose: Repositories, articles and other things that the rules know by their address, with who links to them; securities have a report of their own.
-- column kind: What sort of thing: entity_kind in entities and post_links
-- column id: Which one: entity_id
-- column name: What posts call it; its id where they do not
-- column posts: Published posts that link to it
-- column links: Their links to it
-- column first_posted_on: Local date of the first such post
-- column last_posted_on: Local date of the last such post
SELECT
    link.entity_kind AS kind,
    link.entity_id AS id,
    coalesce(any_value(entities.name), id) AS name,
    count(*) AS posts,
    CAST(sum(link.links) AS BIGINT) AS links,
    min(published_on) AS first_posted_on,
    max(published_on) AS last_posted_on
FROM (
    SELECT entity_kind, entity_id, path, count(*) AS links
    FROM stored.post_links
    WHERE entity_kind IS NOT NULL AND entity_kind <> 'security'
    GROUP BY ALL
) AS link
JOIN posts USING (path)
LEFT JOIN entities USING (entity_kind, entity_id)
WHERE state = 'published'
GROUP BY link.entity_kind, link.entity_id
ORDER BY posts DESC, links DESC, kind, id
