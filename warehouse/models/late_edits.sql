-- title: Late edits
-- purpose: Posts that were edited after they were published, as the builds saw it; a post that was moved keeps its edits.
-- column path: The post, where it lies now
-- column title: Its title
-- column published_at: Its date, in UTC
-- column edits: How often a build found it edited
-- column first_edit: When a build first saw it so, in UTC
-- column last_edit: When a build last saw it so, in UTC
-- column hours_after: Hours from its date to the last edit
WITH RECURSIVE edit AS (
    SELECT path, seen_at, seen_at AS since FROM changes WHERE change = 'edited'
    UNION ALL
    SELECT moved.path, edit.seen_at, moved.seen_at
    FROM edit JOIN changes AS moved ON moved.old_path = edit.path AND moved.seen_at > edit.since
    WHERE moved.change = 'moved'
)
SELECT
    path,
    any_value(title) AS title,
    any_value(published_at) AS published_at,
    count(*) AS edits,
    min(seen_at) AS first_edit,
    max(seen_at) AS last_edit,
    (epoch(max(seen_at)) - epoch(any_value(published_at))) / 3600 AS hours_after
FROM edit
JOIN posts USING (path)
WHERE state = 'published' AND seen_at > published_at
GROUP BY path
ORDER BY last_edit DESC, path
