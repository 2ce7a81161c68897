-- title: Domains linked to
-- purpose: Which other sites posts link to in their text, by registered domain; aliases are counted with the host they stand for.
-- chart: rank domain posts
-- materialize: table
-- column domain: Registered domain
-- column links: Links in published posts; sources, navigation and images are left out
-- column posts: Posts that have them
-- column hosts: Different hosts below the domain
-- column first_posted_on: Local date of the first such post
-- column last_posted_on: Local date of the last such post
WITH host AS (
    SELECT link.host, coalesce(link.alias_of, link.host) AS name, coalesce(alias.domain, link.domain) AS domain
    FROM hosts AS link LEFT JOIN hosts AS alias ON alias.host = link.alias_of
)
SELECT
    host.domain,
    count(*) AS links,
    count(DISTINCT path) AS posts,
    count(DISTINCT host.name) AS hosts,
    min(published_on) AS first_posted_on,
    max(published_on) AS last_posted_on
FROM (SELECT path, host FROM stored.post_links WHERE role = 'body' AND kind = 'external' AND host IS NOT NULL) AS link
JOIN host USING (host)
JOIN posts USING (path)
WHERE state = 'published'
GROUP BY host.domain
ORDER BY posts DESC, links DESC, host.domain
