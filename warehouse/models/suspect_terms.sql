-- title: Terms that may be one
-- purpose: Pairs of categories or tags that are probably one and that no rule joins: a line in the rules answers each.
-- column kind: category or tag
-- column name: Name of the term with more posts
-- column other_name: Name of the other
-- column posts: Posts that have the term
-- column other_posts: Posts that have the other
-- column score: How probable, from the spelling and from what they come with, 0 to 1
-- column id: id of the term
-- column other_id: id of the other
WITH term AS (
    SELECT 'category' AS kind, id, name FROM categories UNION ALL SELECT 'tag', id, name FROM tags
)
SELECT
    suspects.kind,
    term.name,
    other.name AS other_name,
    suspects.posts,
    suspects.other_posts,
    suspects.score,
    suspects.term AS id,
    suspects.other AS other_id
FROM suspects
JOIN term ON term.kind = suspects.kind AND term.id = suspects.term
JOIN term AS other ON other.kind = suspects.kind AND other.id = suspects.other
ORDER BY score DESC, suspects.posts + other_posts DESC, id, other_id
