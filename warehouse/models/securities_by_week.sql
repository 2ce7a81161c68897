-- title: Securities by week
-- purpose: Which securities and sectors were written about each week, and by whom.
-- chart: bar week posts name
-- materialize: table
-- column week: Local date of the week's Monday
-- column security_id: entity_id in entities and post_links: market number and code
-- column name: What posts call it; its code where they do not
-- column market: The market's name; its number where it is not known
-- column posts: Published posts that link to it
-- column outlets: Their publishers, the one with most posts first
WITH linked AS (
    SELECT DISTINCT entity_id AS security_id, path FROM stored.post_links WHERE entity_kind = 'security'
),
counted AS (
    SELECT CAST(date_trunc('week', published_on) AS DATE) AS week, security_id, publisher, count(*) AS posts
    FROM linked JOIN posts USING (path)
    WHERE state = 'published'
    GROUP BY ALL
)
SELECT
    week,
    security_id,
    security.name,
    security.market,
    CAST(sum(counted.posts) AS BIGINT) AS posts,
    coalesce(list(publisher ORDER BY counted.posts DESC, publisher) FILTER (publisher IS NOT NULL), []) AS outlets
FROM counted
JOIN reports.securities AS security USING (security_id)
GROUP BY week, security_id, security.name, security.market
ORDER BY week DESC, posts DESC, security_id
