-- title: Publishers
-- purpose: Who published the posts first, with how many and when.
-- chart: rank publisher posts
-- column publisher: Publisher as the post names it
-- column posts: Published posts
-- column with_source: Of these, with a link to their source
-- column first_posted_on: Local date of the first
-- column last_posted_on: Local date of the last
SELECT
    publisher,
    count(*) AS posts,
    count(source_url) AS with_source,
    min(published_on) AS first_posted_on,
    max(published_on) AS last_posted_on
FROM posts
WHERE publisher IS NOT NULL AND state = 'published'
GROUP BY publisher
ORDER BY posts DESC, publisher
