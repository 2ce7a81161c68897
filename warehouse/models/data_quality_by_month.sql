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
SELECT
    month,
    count(*) AS files,
    count(*) FILTER (outcome = 'rejected') AS rejected,
    count(*) FILTER (front_matter_state = 'salvaged') AS salvaged,
    count(*) FILTER (len(date_flags) > 0) AS flagged,
    rejected / files AS rejected_share,
    salvaged / files AS salvaged_share,
    flagged / files AS flagged_share
FROM (SELECT path, month, outcome FROM files WHERE outcome <> 'ignored') AS file
LEFT JOIN (SELECT path, month, front_matter_state, date_flags FROM posts) USING (path, month)
GROUP BY month
ORDER BY month = 'undated', month DESC
