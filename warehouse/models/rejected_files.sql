-- title: Rejected files
-- purpose: Files that look like posts and cannot be trusted, with the reason: what to mend first.
-- column path: The file
-- column reason: Why it was rejected
-- column detail: The evidence
-- column modified_at: When it was last changed, as of the last read
SELECT path, reason, detail, modified_at
FROM files
WHERE outcome = 'rejected'
ORDER BY modified_at DESC, path
