"""Which of the site's posts a link leads to: by its url, or by what a post_url or link tag names."""

from __future__ import annotations

from typing import Final

import duckdb

from warehouse.connection import literal
from warehouse.shown import TARGET_COLUMNS

DESCRIPTION: Final = "Links within the site that lead to a post of it, and the post"
COLUMNS: Final = {"target": "the link's url, or the name in its post_url or link tag"} | TARGET_COLUMNS
"""Descriptions of the columns of `stored.link_targets`."""

TARGET: Final = "CASE WHEN kind = 'internal' THEN coalesce(canonical_url, entity_id, url) END"
"""What of a link says which post it leads to: its url, or what a post_url or link tag names."""


def load(connection: duckdb.DuckDBPyConnection, root: str) -> None:
    """Make `stored.link_targets`: the posts that links within the site lead to, of those that lead to any.

    A `link` tag names a post by its path (Jekyll's tags/link.rb); `post_url` by its folders and its name without the
    extension, else by its date and slug alone (tags/post_url.rb); of several Jekyll takes the first by date and path.
    A url below the site's root leads to the post of this url, whether or not it spells out `index.html`, `.html` or the
    last slash.

    Args:
        root: the path below which the site's pages lie, "/blog".
    """
    page = r"regexp_replace({}, '(/index)?(\.html?)?/?(\?.*)?$', '')"
    place = "regexp_replace(target, '^[a-z]+://[^/]*', '')"
    connection.execute(rf"""
        CREATE OR REPLACE TABLE stored.link_targets AS
        WITH link AS (
            SELECT DISTINCT {TARGET} AS target, entity_kind IS NOT DISTINCT FROM 'post' AS is_named,
            FROM stored.post_links WHERE kind = 'internal' AND role <> 'image'
        ),
        named AS (
            SELECT target, ltrim(target, '/') AS place, regexp_extract(target, '[^/]*$') AS name,
                regexp_extract(name, '^([0-9]+-[0-9]+-[0-9]+)-(.*)$', ['date', 'slug']) AS parts
            FROM link WHERE is_named
        ),
        post AS (
            SELECT path, url, slug, published_at, published_on, rendered, name,
                regexp_replace(name, '\.[^.]+$', '') AS stem
            FROM posts
        ),
        found AS (
            SELECT target, post.*, CASE WHEN path = place THEN 1 ELSE 2 END AS rank
            FROM named JOIN post USING (name) WHERE path = place OR ends_with(path, '/' || place)
            UNION ALL
            SELECT target, post.*, 3 FROM named JOIN post ON post.stem = named.name
            WHERE regexp_replace(replace(path, '_posts/', ''), '\.[^.]+$', '') = place
            UNION ALL
            SELECT target, post.*, 4
            FROM named JOIN post ON post.slug = parts.slug AND post.published_on = try_cast(parts.date AS DATE)
            UNION ALL
            SELECT target, post.*, 5
            FROM (SELECT target, {page.format(place)} AS page FROM link WHERE NOT is_named) AS link
            JOIN post ON {literal(root)} || {page.format("post.url")} = link.page
        )
        SELECT target, unnest(min_by(
            {{target_path: path, target_url: url}}, (rank, NOT rendered, published_at, path)
        ))
        FROM found GROUP BY target
    """)
