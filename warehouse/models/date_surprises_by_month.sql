-- title: Dates that surprise, by month
-- purpose: Dates that may surprise, by month of the file's name: what was written is not what people see.
-- chart: bar month posts flag
-- column month: Month in the file's name, or undated
-- column flag: read_as_utc: unquoted without zone; differs_from_name: another day than the name's; ambiguous_zone: a zone's abbreviation; rolled_over: a day that does not exist
-- column posts: Posts so flagged
-- column share: Part of the month's posts, 0 to 1
-- column example: Path of the first such post
WITH months AS (SELECT month, count(*) AS posts FROM posts GROUP BY month)
SELECT month, flag, count(*) AS posts, count(*) / any_value(months.posts) AS share, min(path) AS example
FROM (SELECT month, path, unnest(date_flags) AS flag FROM posts)
JOIN months USING (month)
GROUP BY month, flag
ORDER BY month, posts DESC, flag
