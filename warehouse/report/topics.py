"""The largest categories, tags, publishers and things linked to: what the pages of their own show, one query a section.

Only published posts count. A topic is told by its kind and id; the id of a thing linked to begins with what sort of
thing it is, as in `security:1.600000`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import duckdb
import xxhash

from warehouse.database import literal

LARGEST: Final = 24
"""Topics of a kind that have a page."""
COMPANIONS: Final = 10
"""Topics of a kind that are named as coming with another."""
NEWEST: Final = 25
"""Posts that a page lists."""

_IS_ABOUT: Final = "(role = 'body' OR entity_kind = 'security' OR (role = 'source' AND entity_kind <> 'article'))"
"""Links that say what a post is about: neither to the site's own pages nor to the article that it is."""

KINDS: Final = {
    "category": "path IN (SELECT path FROM post_categories WHERE category_id = {})",
    "tag": "path IN (SELECT path FROM post_tags WHERE tag_id = {})",
    "publisher": "publisher = {}",
    "entity": (f"path IN (SELECT path FROM post_links WHERE {_IS_ABOUT} AND entity_kind || ':' || entity_id = {{}})"),
}
"""Which posts are a topic's, by its kind."""

_PREPARE: Final = f"""
    CREATE OR REPLACE TEMP TABLE member AS
    WITH term AS (
        SELECT 'category' AS kind, category_id AS id, path FROM post_categories
        UNION ALL SELECT 'tag', tag_id, path FROM post_tags
        UNION ALL SELECT 'publisher', publisher, path FROM posts
        UNION ALL SELECT 'entity', entity_kind || ':' || entity_id, path
        FROM stored.post_links WHERE {_IS_ABOUT}
    )
    SELECT DISTINCT kind, id, path
    FROM term SEMI JOIN (FROM posts WHERE state = 'published') AS post USING (path)
    WHERE id IS NOT NULL;

    CREATE OR REPLACE TEMP TABLE topic AS
    SELECT kind, id, count(*) AS posts, count(*) OVER (PARTITION BY kind) AS topics,
        row_number() OVER (PARTITION BY kind ORDER BY count(*) DESC, id) AS place
    FROM member GROUP BY kind, id
    HAVING kind <> 'entity' OR count(*) > 1
    QUALIFY place <= {LARGEST};

    CREATE OR REPLACE TEMP VIEW named AS
    SELECT 'category' AS kind, id, name, variants FROM categories
    UNION ALL SELECT 'tag', id, name, variants FROM tags
    UNION ALL SELECT 'entity', entity_kind || ':' || entity_id, coalesce(name, entity_id), [] FROM entities
"""
_NUMBERS: Final = """
    SELECT kind, id, any_value(coalesce(named.name, id)), any_value(coalesce(variants, [])), any_value(place),
        any_value(topics), count(*), min(published_on), max(published_on), CAST(median(words) AS BIGINT)
    FROM topic JOIN member USING (kind, id) JOIN posts AS post USING (path) LEFT JOIN named USING (kind, id)
    GROUP BY kind, id ORDER BY kind, any_value(place)
"""
_MONTHS: Final = """
    SELECT kind, id, strftime(published_on, '%Y-%m') AS in_month, count(*)
    FROM topic JOIN member USING (kind, id) JOIN posts AS post USING (path)
    GROUP BY ALL ORDER BY in_month
"""
_COMPANIONS: Final = f"""
    WITH pair AS (
        SELECT topic.kind, topic.id, other.kind AS other_kind, other.id AS other_id, count(*) AS together
        FROM topic JOIN member USING (kind, id) JOIN member AS other ON other.path = member.path
        WHERE other.kind <> topic.kind OR other.id <> topic.id
        GROUP BY topic.kind, topic.id, other_kind, other_id
        HAVING other_kind <> 'entity' OR together > 1
        QUALIFY row_number() OVER (
            PARTITION BY topic.kind, topic.id, other_kind ORDER BY together DESC, other_id
        ) <= {COMPANIONS}
    )
    SELECT pair.kind, pair.id, other_kind, other_id, coalesce(named.name, other_id), together
    FROM pair LEFT JOIN named ON named.kind = other_kind AND named.id = other_id
    ORDER BY together DESC, other_id
"""
_NEWEST: Final = f"""
    SELECT kind, id, published_on, title, path, url, rendered
    FROM topic JOIN member USING (kind, id) JOIN (SELECT * EXCLUDE (month) FROM posts) AS post USING (path)
    QUALIFY row_number() OVER (PARTITION BY kind, id ORDER BY published_at DESC, path) <= {NEWEST}
    ORDER BY published_at DESC, path
"""


@dataclass(frozen=True)
class Post:
    """A post in a list."""

    published_on: date
    title: str | None
    path: str
    url: str
    rendered: bool
    state: str = "published"


@dataclass(frozen=True)
class Companion:
    """A topic that comes with another."""

    kind: str
    id: str
    name: str
    posts: int
    """Posts that have both."""


@dataclass(frozen=True)
class Topic:
    """One of the largest of its kind."""

    kind: str
    id: str
    name: str
    variants: list[str]
    place: int
    topics: int
    """How many there are of its kind."""
    posts: int
    first_on: date
    last_on: date
    median_words: int
    months: dict[str, int] = field(default_factory=dict)
    companions: dict[str, list[Companion]] = field(default_factory=lambda: defaultdict(list))
    """By their kind, that with most posts first."""
    newest: list[Post] = field(default_factory=list)

    @property
    def page(self) -> str:
        """The file's name: the same from build to build, safe on any file system."""
        return page(self.kind, self.id)

    @property
    def sql(self) -> dict[str, str]:
        """The statements behind the page: its posts, their months, what comes with them."""
        where = f"state = 'published' AND {KINDS[self.kind].format(literal(self.id))}"
        listed = f"SELECT published_on, title, path\nFROM posts\nWHERE {where}\nORDER BY published_at DESC"
        months = (
            f"SELECT strftime(published_on, '%Y-%m') AS month, count(*) AS posts\nFROM posts\nWHERE {where}\n"
            "GROUP BY ALL\nORDER BY month"
        )
        companions = (
            f"WITH topic AS (SELECT path FROM posts WHERE {where})\n"
            "SELECT 'category' AS kind, category_id AS id, count(DISTINCT path) AS posts\n"
            "FROM post_categories SEMI JOIN topic USING (path) GROUP BY ALL\n"
            "UNION ALL SELECT 'tag', tag_id, count(DISTINCT path)\n"
            "FROM post_tags SEMI JOIN topic USING (path) GROUP BY ALL\n"
            "UNION ALL SELECT 'publisher', publisher, count(*)\n"
            "FROM posts SEMI JOIN topic USING (path) GROUP BY ALL\n"
            "UNION ALL SELECT entity_kind, entity_id, count(DISTINCT path)\n"
            f"FROM post_links SEMI JOIN topic USING (path) WHERE {_IS_ABOUT} GROUP BY ALL\n"
            "ORDER BY posts DESC"
        )
        return {"newest": listed, "volume": months, "companions": companions}


def page(kind: str, topic: str) -> str:
    """The name of a topic's page."""
    plain = re.fullmatch(r"[a-z0-9][a-z0-9-]{0,47}", topic)
    return f"{kind}-{topic if plain else xxhash.xxh3_64_hexdigest(topic.encode())}.html"


def largest(connection: duckdb.DuckDBPyConnection) -> list[Topic]:
    """The largest topics of each kind, the largest first."""
    connection.execute(_PREPARE)

    def ask(statement: str) -> list[tuple[Any, ...]]:
        return connection.execute(statement).fetchall()

    found = {row[:2]: Topic(*row) for row in ask(_NUMBERS)}
    for kind, topic, month, posts in ask(_MONTHS):
        found[kind, topic].months[month] = posts
    for kind, topic, *companion in ask(_COMPANIONS):
        found[kind, topic].companions[companion[0]].append(Companion(*companion))
    for kind, topic, *post in ask(_NEWEST):
        found[kind, topic].newest.append(Post(*post))
    return list(found.values())
