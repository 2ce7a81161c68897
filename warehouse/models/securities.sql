-- title: Securities
-- purpose: Listed securities and sectors that posts link to: market and code, who wrote of them, how often and when.
-- chart: rank name posts
-- materialize: table
-- column security_id: entity_id in entities and post_links, as the rules made it: market number and code
-- column market: The market's name; its number where it is not known here
-- column code: Code on that market
-- column name: What posts call it; its code where they do not
-- column posts: Published posts that link to it
-- column links: Their links to it
-- column publishers: Different publishers of these posts
-- column first_posted_on: Local date of the first
-- column last_posted_on: Local date of the last
WITH markets (number, market) AS (  -- the numbers that eastmoney.com puts before a code
    VALUES
        ('0', 'Shenzhen'), ('1', 'Shanghai'), ('90', 'Sector'), ('100', 'World index'), ('105', 'NASDAQ'),
        ('106', 'NYSE'), ('107', 'NYSE American'), ('116', 'Hong Kong')
),
linked AS (  -- counted before it is named: links by the million, securities by the thousand
    SELECT
        entity_id,
        split_part(entity_id, '.', 1) AS number,
        substr(entity_id, strpos(entity_id, '.') + 1) AS code,
        count(DISTINCT path) AS posts,
        count(*) AS links,
        count(DISTINCT posts.publisher) AS publishers,
        min(posts.published_on) AS first_posted_on,
        max(posts.published_on) AS last_posted_on
    FROM stored.post_links
    JOIN posts USING (path)
    WHERE entity_kind = 'security' AND posts.state = 'published'
    GROUP BY entity_id
)
SELECT
    linked.entity_id AS security_id,
    CASE
        WHEN number = '0' AND regexp_matches(code, '^(4|8|92)[0-9]+$') THEN 'Beijing'  -- counted with Shenzhen there
        ELSE coalesce(markets.market, number)
    END AS market,
    code,
    coalesce(security.name, code) AS name,
    linked.posts,
    linked.links,
    linked.publishers,
    linked.first_posted_on,
    linked.last_posted_on
FROM linked
JOIN entities AS security ON security.entity_kind = 'security' AND security.entity_id = linked.entity_id
LEFT JOIN markets USING (number)
ORDER BY posts DESC, security_id
