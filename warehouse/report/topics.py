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

from warehouse.connection import literal

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
    CREATE OR REPLACE TEMP TABLE published AS
    SELECT CAST(row_number() OVER (ORDER BY published_at DESC, path) AS INTEGER) AS post,
        path, publisher, published_on, words
    FROM posts WHERE state = 'published';

    CREATE OR REPLACE TEMP TABLE said AS
    SELECT DISTINCT 'category' AS kind, category_id AS id, post
    FROM post_categories JOIN published USING (path) WHERE category_id IS NOT NULL
    UNION ALL
    SELECT DISTINCT 'tag', tag_id, post FROM post_tags JOIN published USING (path) WHERE tag_id IS NOT NULL
    UNION ALL
    SELECT 'publisher', publisher, post FROM published WHERE publisher IS NOT NULL
    UNION ALL
    SELECT DISTINCT 'entity', entity_kind || ':' || entity_id, post
    FROM stored.post_links JOIN published USING (path) WHERE {_IS_ABOUT} AND entity_id IS NOT NULL;

    CREATE OR REPLACE TEMP TABLE topic AS
    SELECT CAST(row_number() OVER () AS INTEGER) AS topic, kind, id, count(*) AS posts FROM said GROUP BY kind, id;

    CREATE OR REPLACE TEMP TABLE member AS SELECT topic, post FROM said JOIN topic USING (kind, id);
    DROP TABLE said;

    CREATE OR REPLACE TEMP TABLE largest AS
    SELECT *, count(*) OVER (PARTITION BY kind) AS topics,
        row_number() OVER (PARTITION BY kind ORDER BY posts DESC, id) AS place
    FROM topic WHERE kind <> 'entity' OR posts > 1
    QUALIFY place <= {LARGEST};

    CREATE OR REPLACE TEMP TABLE of_largest AS FROM member SEMI JOIN largest USING (topic);

    CREATE OR REPLACE TEMP VIEW named AS
    SELECT 'category' AS kind, id, name, variants FROM categories
    UNION ALL SELECT 'tag', id, name, variants FROM tags
    UNION ALL SELECT 'entity', entity_kind || ':' || entity_id, coalesce(name, entity_id), [] FROM entities
"""
"""Posts and topics by numbers, on which grouping costs a fraction of what it does on paths; newer posts have the
smaller ones."""
_NUMBERS: Final = """
    WITH number AS (
        SELECT topic, min(published_on) AS first_on, max(published_on) AS last_on,
            CAST(median(words) AS BIGINT) AS median_words
        FROM of_largest JOIN published USING (post) GROUP BY topic
    )
    SELECT kind, id, coalesce(name, id), coalesce(variants, []), place, topics, posts, first_on, last_on, median_words
    FROM largest JOIN number USING (topic) LEFT JOIN named USING (kind, id)
    ORDER BY kind, place
"""
_MONTHS: Final = """
    SELECT kind, id, strftime(published_on, '%Y-%m') AS in_month, count(*)
    FROM of_largest JOIN published USING (post) JOIN largest USING (topic)
    GROUP BY ALL ORDER BY in_month
"""
_COMPANIONS: Final = f"""
    WITH pair AS (
        SELECT mine.topic, other.topic AS other, count(*) AS together
        FROM of_largest AS mine JOIN member AS other USING (post)
        WHERE other.topic <> mine.topic
        GROUP BY ALL
    ),
    companion AS (
        SELECT pair.topic, other.kind, other.id, together
        FROM pair JOIN topic AS other ON other.topic = pair.other
        WHERE other.kind <> 'entity' OR together > 1
        QUALIFY row_number() OVER (PARTITION BY pair.topic, other.kind ORDER BY together DESC, other.id) <= {COMPANIONS}
    )
    SELECT largest.kind, largest.id, companion.kind, companion.id, coalesce(named.name, companion.id), together
    FROM companion JOIN largest USING (topic)
    LEFT JOIN named ON named.kind = companion.kind AND named.id = companion.id
    ORDER BY together DESC, companion.id
"""
_NEWEST: Final = f"""
    WITH newest AS (SELECT topic, unnest(min(post, {NEWEST})) AS post FROM of_largest GROUP BY topic)
    SELECT largest.kind, largest.id, posts.published_on, title, path, url, rendered
    FROM newest JOIN largest USING (topic) JOIN published USING (post) JOIN posts USING (path)
    ORDER BY post
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
