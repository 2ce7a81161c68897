-- title: Sources
-- purpose: Where posts came from, by the host of their source; aliases are counted with the host they stand for.
-- chart: rank host posts
-- materialize: table
-- column host: Host of the source's url
-- column domain: Its registered domain
-- column posts: Published posts that name it as their source
-- column publishers: Different publishers among them
-- column first_posted_on: Local date of the first
-- column last_posted_on: Local date of the last
SELECT
    coalesce(hosts.alias_of, link.host) AS host,
    min(link.domain) AS domain,
    count(DISTINCT path) AS posts,
    count(DISTINCT publisher) AS publishers,
    min(published_on) AS first_posted_on,
    max(published_on) AS last_posted_on
FROM stored.post_links AS link
JOIN posts USING (month, path)
LEFT JOIN hosts ON hosts.host = link.host
WHERE link.role = 'source' AND link.host IS NOT NULL AND state = 'published'
GROUP BY coalesce(hosts.alias_of, link.host)
ORDER BY posts DESC, host
