-- description: Many of the newest files are rejected
-- says: {value:.0%} of the {files:,} newest files are rejected (allowed {threshold:.0%}), most of them as {commonest}
-- severity: warn
-- threshold: 0.05
-- column value: Share of the rejected among the files of the two newest months and the undated, 0 to 1
-- column rejected: Rejected files
-- column files: Files
-- column commonest: The commonest reason
WITH newest AS (
    SELECT month FROM (SELECT DISTINCT month FROM files WHERE outcome = 'published' ORDER BY month <> 'undated' DESC, month DESC LIMIT 2)
    UNION SELECT 'undated'
)
SELECT
    count(*) FILTER (outcome = 'rejected') / count(*) AS value,
    count(*) FILTER (outcome = 'rejected') AS rejected,
    count(*) AS files,
    mode(reason) FILTER (outcome = 'rejected') AS commonest
FROM files
WHERE month IN (SELECT month FROM newest) AND outcome <> 'ignored'
HAVING count(*) > 0
