-- title: Posts by hour
-- purpose: At which hours posts are published, in the site's time zone; posts of exactly midnight are left out, as their date says no time.
-- chart: bar hour posts
-- column hour: Hour of the day in the site's time zone, 0 to 23; in UTC where DuckDB does not know the zone
-- column posts: Published posts
-- column share: Part of them all, 0 to 1
SELECT hour, CAST(sum(posts) AS BIGINT) AS posts, sum(posts) / sum(sum(posts)) OVER () AS share
FROM reports.volume_by_weekday_and_hour
GROUP BY hour
ORDER BY hour
