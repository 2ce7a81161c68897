-- title: What posts link to
-- purpose: Repositories, articles and whatever else the rules know by its address. Securities and the site's own posts have reports of their own; the article that a post came from is no link to one.
-- chart: rank name posts
-- column kind: What sort of thing: entity_kind in entities and post_links
-- column id: Which one: entity_id
-- column name: What posts call it; its id where they do not, and of repositories
-- column posts: Published posts that link to it
-- column links: Their links to it
-- column first_posted_on: Local date of the first such post
-- column last_posted_on: Local date of the last such post
SELECT
    link.entity_kind AS kind,
    link.entity_id AS id,
    CASE WHEN link.entity_kind = 'repository' THEN id ELSE coalesce(any_value(entities.name), id) END AS name,
    count(*) AS posts,
    CAST(sum(link.links) AS BIGINT) AS links,
    min(published_on) AS first_posted_on,
    max(published_on) AS last_posted_on
FROM (
    SELECT entity_kind, entity_id, path, count(*) AS links
    FROM stored.post_links
    WHERE entity_kind NOT IN ('security', 'post') AND (role = 'body' OR (role = 'source' AND entity_kind <> 'article'))
    GROUP BY ALL
) AS link
JOIN posts USING (path)
LEFT JOIN entities USING (entity_kind, entity_id)
WHERE state = 'published'
GROUP BY link.entity_kind, link.entity_id
ORDER BY posts DESC, links DESC, kind, id
