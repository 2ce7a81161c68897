-- title: Posts linked to
-- purpose: The site's own posts that others of its posts link to most.
-- chart: rank title posts
-- column path: The post linked to
-- column title: Its title
-- column published_on: Its local date
-- column posts: Other published posts that link to it
-- column links: Their links to it
SELECT
    target.path,
    any_value(target.title) AS title,
    any_value(target.published_on) AS published_on,
    count(DISTINCT link.path) AS posts,
    count(*) AS links
FROM post_links AS link
JOIN posts AS source ON source.path = link.path
JOIN posts AS target ON target.path = link.target_path
WHERE source.state = 'published' AND link.role = 'body' AND link.path <> link.target_path
GROUP BY target.path
ORDER BY posts DESC, links DESC, target.path
