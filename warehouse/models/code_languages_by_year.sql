-- title: Languages of code by year
-- purpose: Blocks of code in published posts by the language they name, and the year of the post.
-- chart: bar year blocks language
-- column year: Local year as YYYY
-- column language: The language in small letters; 'none named' for blocks without one
-- column blocks: Blocks of code in this language
-- column lines: Their lines
-- column posts: Published posts with such a block, each counted once
-- column share: Part of the year's posts with code, 0 to 1
WITH block AS (
    SELECT path, strftime(published_on, '%Y') AS year, coalesce(lower(language), 'none named') AS language, lines
    FROM post_code_blocks JOIN posts USING (month, path)
    WHERE state = 'published'
),
of_year AS (SELECT year, count(DISTINCT path) AS posts FROM block GROUP BY year)
SELECT
    year,
    language,
    count(*) AS blocks,
    CAST(sum(lines) AS BIGINT) AS lines,
    count(DISTINCT path) AS posts,
    count(DISTINCT path) / any_value(of_year.posts) AS share
FROM block JOIN of_year USING (year)
GROUP BY year, language
ORDER BY year DESC, posts DESC, blocks DESC, language
