-- title: Data quality by month
-- purpose: Files that could not be trusted, or only in part, by month of the file's name.
-- chart: bar month rejected
-- column month: Month in the file's name, or undated
-- column files: Posts and rejected files
-- column rejected: Files rejected
-- column salvaged: Posts whose broken front matter was read in part
-- column flagged: Posts with a date that may surprise
-- column rejected_share: Part of the files, 0 to 1
-- column salvaged_share: Part of the files, 0 to 1
-- column flagged_share: Part of the files, 0 to 1
WITH counted AS (
    SELECT month, count(*) AS files, count(*) FILTER (outcome = 'rejected') AS rejected, 0 AS salvaged, 0 AS flagged
    FROM files
    WHERE outcome <> 'ignored'
    GROUP BY month
    UNION ALL
    SELECT
        month, 0, 0, count(*) FILTER (front_matter_state = 'salvaged'), count(*) FILTER (len(date_flags) > 0)
    FROM posts
    GROUP BY month
)
SELECT
    month,
    CAST(sum(counted.files) AS BIGINT) AS files,
    CAST(sum(counted.rejected) AS BIGINT) AS rejected,
    CAST(sum(counted.salvaged) AS BIGINT) AS salvaged,
    CAST(sum(counted.flagged) AS BIGINT) AS flagged,
    sum(counted.rejected) / sum(counted.files) AS rejected_share,
    sum(counted.salvaged) / sum(counted.files) AS salvaged_share,
    sum(counted.flagged) / sum(counted.files) AS flagged_share
FROM counted
GROUP BY month
ORDER BY month = 'undated', month DESC
