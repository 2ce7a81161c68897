"""Every table: columns, types, keys, descriptions. The single source of truth.

All else derives from here: Parquet schemas and metadata, DuckDB comments, Dagster's column schemas, the dictionary.
Elsewhere: how a row is found (`pipelines.jekyll`, `pipelines.normalise`), where it is kept (`lake`, `database`).

One word per thing: the name of a table is the name of its asset, its Parquet folder and its table in DuckDB.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import dataframely as dy
import polars as pl

from warehouse.errors import UserError

CONTRACT_VERSION: Final = 3
"""Goes up when a column changes its meaning; a warehouse of another version is rebuilt or refused."""

UNDATED: Final = "undated"
"""The month of a file whose name holds no month."""

MONTH_PATTERN: Final = rf"^(\d{{4}}-(0[1-9]|1[0-2])|{UNDATED})$"


def _text(description: str, *, nullable: bool = False, key: bool = False) -> dy.String:
    return dy.String(description=description, nullable=nullable, primary_key=key)


def _one_of(values: Mapping[str, str], description: str, *, nullable: bool = False) -> dy.String:
    """A text that is one of `values`; their meanings stand in the description, so that every reader sees them."""
    meaning = "; ".join(f"{value}: {what}" if what else value for value, what in values.items())
    allowed = list(values)
    return dy.String(
        description=f"{description} ({meaning})",
        nullable=nullable,
        check={"one_of": lambda column: column.is_in(allowed)},
        metadata={"values": allowed},
    )


def _count(description: str) -> dy.Int64:
    return dy.Int64(description=description, min=0)


def _instant(description: str) -> dy.Datetime:
    return dy.Datetime(description=description, time_zone="UTC", time_unit="us")


def _texts(description: str) -> dy.List:
    return dy.List(dy.String(), description=description)


def _position(description: str) -> dy.Int32:
    return dy.Int32(description=description, min=1, primary_key=True)


def _path() -> dy.String:
    return _text(
        "POSIX path of the file, relative to the site's source; a name that is not UTF-8 is percent-escaped",
        key=True,
    )


def _month() -> dy.String:
    return dy.String(
        description="Year and month in the file's name as YYYY-MM, else 'undated'. Its year names the Parquet folder",
        regex=MONTH_PATTERN,
    )


OUTCOMES: Final = {
    "published": "a post the site shows",
    "hidden": "its front matter says published: false",
    "future": "later than the build's now",
    "draft": "in a drafts folder",
    "rejected": "a post that cannot be trusted, see reason",
    "ignored": "Jekyll reads no post there, see reason",
}
STATES: Final = {state: what for state, what in OUTCOMES.items() if state not in ("rejected", "ignored")}
FRONT_MATTER_STATES: Final = {
    "clean": "read as written",
    "salvaged": "the YAML is broken, its flat key: value lines could be read",
    "absent": "there is none",
}
DATE_SOURCES: Final = {
    "front_matter": "the post's date key",
    "defaults": "a date in the configuration's defaults",
    "name": "the file's name",
    "modified": "the file's modification time, for an undated draft",
}
LINK_KINDS: Final = {
    "external": "another site",
    "internal": "this site",
    "fragment": "a place in the same page",
    "mail": "a mail address",
    "script": "javascript:",
    "data": "data:",
    "other": "another scheme",
    "liquid": "Liquid that only the site's own build resolves",
    "empty": "nothing written",
    "broken": "not a url",
}
LINK_ROLES: Final = {
    "source": "where the post came from",
    "navigation": "the site's own pages",
    "image": "an image or other embedded file",
    "body": "any other link",
}
DUPLICATE_REASONS: Final = {
    "source_id": "the same article at its source, whatever the host",
    "source_url": "the same page at its source",
    "text": "the same text but for blanks, or the same file twice",
    "near": "nearly the same text; looked for where the rules say so",
}
CHANGES: Final = {"added": "", "edited": "", "moved": "same content, another path", "removed": ""}


class Files(dy.Schema):
    """Every entry below a posts folder that is no directory, with its one outcome."""

    path = _path()
    month = _month()
    size_bytes = _count("Size in bytes, as of the last read")
    modified_at = _instant("Modification time in UTC, as of the last read")
    content_hash = _text("XXH3 (128 bits, hexadecimal) of the bytes; null where the file was not read", nullable=True)
    outcome = _one_of(OUTCOMES, "What became of the file")
    reason = _text("Why it is no post, or why it is not as clean as others; one word or a few", nullable=True)
    detail = _text("The evidence: the error with line and column, the link's target, the limit", nullable=True)


class Posts(dy.Schema):
    """Every post with what Jekyll says of it: published, hidden, future and draft."""

    path = _path()
    month = _month()
    name = _text("The file's name without its folders")
    slug = _text("Jekyll's slug: the slug key, else the name without date and extension", nullable=True)
    title = _text("Jekyll's title: the title key, else made from the slug", nullable=True)
    published_at = _instant("Jekyll's date, in UTC")
    published_on = dy.Date(description="Jekyll's date as the site's time zone shows it")
    date_written = _text(
        "The date as written in the front matter or the name; null for an undated draft", nullable=True
    )
    date_source = _one_of(DATE_SOURCES, "Where the date was found")
    date_flags = _texts(
        "What may surprise in the date: read_as_utc, differs_from_name, ambiguous_zone, rolled_over; empty for most"
    )
    url = _text("Jekyll's url path, from the permalink; the site's url and baseurl are not in it")
    layout = _text("The layout key, defaults included", nullable=True)
    state = _one_of(STATES, "Whether the site shows it")
    rendered = dy.Bool(description="Whether this site's configuration would emit a page for it")
    archived = dy.Bool(description="Whether it lies in a configured extra posts folder")
    front_matter_state = _one_of(FRONT_MATTER_STATES, "How the front matter was read")
    categories = _texts("Jekyll's categories, in its order")
    tags = _texts("Jekyll's tags, in its order, repeats kept")
    markup = _text(
        "What the body is written in: markdown, or markdown (NAME) with another processor than kramdown; html, "
        "asciidoc, org, rst, textile; other for a text that is shown as it is"
    )
    characters = _count("Characters of the plain text")
    words = _count("Words of the plain text: a CJK character counts one, elsewhere a run of letters or digits")
    code_words = _count("Words in blocks of code; words - code_words are the words of the prose")
    body_hash = _text("XXH3 (128 bits, hexadecimal) of the body")
    front_matter = _text("The post's own front matter, every key, as JSON; defaults are not in it")


class PostBodies(dy.Schema):
    """The bodies of the posts, as written and as plain text."""

    path = _path()
    month = _month()
    body = _text("The text after the front matter, as written")
    text = _text(
        "What the rendered page says: blocks separated by an empty line; quotes, dashes and dots as written; without "
        "what Liquid prints"
    )
    excerpt_characters = dy.Int64(
        description="Length of Jekyll's excerpt, with which text starts; null if the front matter has an excerpt",
        min=0,
        nullable=True,
    )


class PostHeadings(dy.Schema):
    """The headings of a post outside code, one per row."""

    path = _path()
    month = _month()
    position = _position("Place among the post's headings, from 1")
    level = dy.Int32(description="1 for h1 … 6 for h6", min=1, max=6)
    anchor_id = _text("The id by which a link leads to it (#id)", nullable=True)
    text = _text("Its text, in one line")


class PostCodeBlocks(dy.Schema):
    """The blocks of code of a post, one per row: fenced, indented, highlighted by Liquid, or pre in HTML."""

    path = _path()
    month = _month()
    position = _position("Place among the post's blocks of code, from 1")
    language = _text("The language as written; null if none is named", nullable=True)
    lines = dy.Int32(description="Number of lines, empty ones included", min=1)
    characters = _count("Characters without empty lines around the code")


class PostLinksRaw(dy.Schema):
    """The links of a body as written, one per row, in the order of the page; post_links is made from them."""

    path = _path()
    month = _month()
    position = _position("Place among the body's links, from 1")
    element = _text("The HTML element (a, img, iframe, …)")
    attribute = _text("href or src")
    url = _text("As written, Liquid included")
    in_code = dy.Bool(description="True inside pre and code")
    anchor = _text("Text of the link, an image's alternative text; null for an image without one", nullable=True)
    anchor_start = _count("Place in the post's text at which the link's text starts")
    anchor_end = _count("Place in the post's text at which it ends")
    in_item = dy.Bool(description="True inside an item of a list")
    after_heading = dy.Bool(description="True if nothing is between a heading and the link")


class PostCategories(dy.Schema):
    """A post's categories, one a row."""

    path = _path()
    month = _month()
    position = _position("Place among the post's categories, from 1")
    category = _text("Jekyll's category")
    category_key = _text("The category's spelling made equal by rules alone; null where nothing is left", nullable=True)


class PostTags(dy.Schema):
    """A post's tags, one a row."""

    path = _path()
    month = _month()
    position = _position("Place among the post's tags, from 1")
    tag = _text("Jekyll's tag")
    tag_key = _text("The tag's spelling made equal by rules alone; null where nothing is left", nullable=True)


class PostLinks(dy.Schema):
    """The links of a post, one a row, in the order in which the page shows them."""

    path = _path()
    month = _month()
    position = _position("Place among the post's links, from 1; those of the front matter come last")
    element = _text("The HTML element that holds it (a, img, iframe, …); front_matter for a key of the front matter")
    kind = _one_of(LINK_KINDS, "What the url is")
    role = _one_of(LINK_ROLES, "What the link is for")
    url = _text("As written")
    canonical_url = _text(
        "By the WHATWG rules, joined to the site's url, without fragment and tracking; of a site that names no url, "
        "its pages' paths alone; null where it is none",
        nullable=True,
    )
    scheme = _text("Scheme of the canonical url", nullable=True)
    host = _text("Host of the canonical url", nullable=True)
    domain = _text(
        "Registered domain of the host, by the Public Suffix List; the host itself where it has none",
        nullable=True,
    )
    anchor = _text(
        "Text of the link, an image's alternative text; '' for an empty one; null for an image without one, and for "
        "links of the front matter",
        nullable=True,
    )
    entity_kind = _text("What sort of thing the link points at, by the rules (security, article, …)", nullable=True)
    entity_id = _text("Which one", nullable=True)


class PostSources(dy.Schema):
    """Where a post came from, by the rules. One row a post."""

    path = _path()
    month = _month()
    publisher = _text("Who published it first", nullable=True)
    source_url = _text("Canonical url of the article at its source", nullable=True)
    source_id = _text("The article's identity at its source, whatever the host", nullable=True)
    text_hash = _text(
        "XXH3 (128 bits, hexadecimal) of the text without blanks and the last lines that name source and site; "
        "null where fewer than 40 characters are left",
        nullable=True,
    )


class NearSignatures(dy.Schema):
    """What near duplicates are found by. Without rows unless the rules look for them (rules.duplicates.near)."""

    path = _path()
    month = _month()
    signature = dy.Binary(description="The least hashes of the text's clauses (MinHash), a byte each", nullable=False)


class Changes(dy.Schema):
    """Every file added, edited, moved or removed, ever. By month of seen_at; not to be rebuilt from posts."""

    build_id = _text("The build that saw it", key=True)
    month = dy.String(
        description="Month of seen_at (UTC) as YYYY-MM. Its year names the Parquet folder", regex=MONTH_PATTERN
    )
    seen_at = _instant("When the build that saw it started, in UTC")
    path = _path()
    change = _one_of(CHANGES, "What happened")
    old_path = _text("Where a moved file lay", nullable=True)
    old_hash = _text("content_hash before", nullable=True)
    new_hash = _text("content_hash after", nullable=True)


class CategoryKeys(dy.Schema):
    """Which canonical category each key belongs to, by the whole archive's evidence."""

    category_key = _text("A spelling made equal by rules", key=True)
    category_id = _text("id in categories")


class TagKeys(dy.Schema):
    """Which canonical tag each key belongs to, by the whole archive's evidence."""

    tag_key = _text("A spelling made equal by rules", key=True)
    tag_id = _text("id in tags")


class _CanonicalTerms(dy.Schema):
    id = _text("The canonical key", key=True)
    name = _text("How people write it: the commonest spelling, or what the tag beside it spells out")
    variants = _texts("Every spelling Jekyll sees, commonest first")
    posts = _count("Posts of any state that have it, each counted once")
    first_posted_on = dy.Date(description="Local date of the first such post")
    last_posted_on = dy.Date(description="Local date of the last such post")


class Categories(_CanonicalTerms):
    """The canonical categories."""


class Tags(_CanonicalTerms):
    """The canonical tags."""


class Hosts(dy.Schema):
    """The hosts that posts link to."""

    host = _text("Host of a canonical url", key=True)
    domain = _text("Its registered domain; the host itself where it has none")
    alias_of = _text("The host that stands for it, by the rules", nullable=True)
    links = _count("Links to it")
    posts = _count("Posts of any state that link to it, each counted once")


class Entities(dy.Schema):
    """What links point at: listed securities, articles at their source, repositories, … by the rules."""

    entity_kind = _text("What sort of thing, by the rules", key=True)
    entity_id = _text("Which one; a security's is market.code", key=True)
    name = _text(
        "What posts call it: the commonest text of links to its own page; null where they show no more than its url",
        nullable=True,
    )
    variants = _texts("Every such text, commonest first, up to twenty")
    posts = _count("Posts of any state that link to it, each counted once")
    links = _count("Links to it")
    first_posted_on = dy.Date(description="Local date of the first such post")
    last_posted_on = dy.Date(description="Local date of the last such post")


class Duplicates(dy.Schema):
    """Posts that are one article, as clusters of two or more."""

    cluster_id = _text("Path of the cluster's first post, by code points")
    path = _path()
    reason = _one_of(DUPLICATE_REASONS, "The strongest reason for which it is in the cluster")
    similarity = dy.Float64(description="1 for the same article; less for near duplicates", min=0.0, max=1.0)


class Suspects(dy.Schema):
    """Pairs of canonical terms that are probably one, which no rule joins; the owner answers by a line in the rules."""

    kind = _text("What the terms are: category or tag", key=True)
    term = _text("id of the term with more posts", key=True)
    other = _text("id of the other", key=True)
    score = dy.Float64(
        description="How probable, from the spelling and from what they come with, 0 to 1", min=0.0, max=1.0
    )
    posts = _count("Posts of any state that have term")
    other_posts = _count("Posts of any state that have other")


class Builds(dy.Schema):
    """Every published build. Not to be rebuilt from posts."""

    build_id = _text("Name of the build's folder", key=True)
    dagster_run_id = _text("The Dagster run that made it")
    started_at = _instant("Start in UTC")
    finished_at = _instant("When its lake was complete, in UTC")
    site = _text("The site's root folder")
    counts = _text("What it counted, as JSON: files and posts by outcome, months rewritten, changes")
    code_version = _text("Hash of the sources that made it")
    rules_version = _text("Hash of the rules that normalised it")


READ_TABLES: Final[dict[str, type[dy.Schema]]] = {
    "files": Files,
    "posts": Posts,
    "post_bodies": PostBodies,
    "post_headings": PostHeadings,
    "post_code_blocks": PostCodeBlocks,
    "post_links_raw": PostLinksRaw,
}
"""Made from the archive, by month."""

NORMALISED_TABLES: Final[dict[str, type[dy.Schema]]] = {
    "post_categories": PostCategories,
    "post_tags": PostTags,
    "post_links": PostLinks,
    "post_sources": PostSources,
    "near_signatures": NearSignatures,
}
"""Made from the lake's posts and the rules, by month."""

ARCHIVE_TABLES: Final[dict[str, type[dy.Schema]]] = {
    "category_keys": CategoryKeys,
    "tag_keys": TagKeys,
    "categories": Categories,
    "tags": Tags,
    "hosts": Hosts,
    "entities": Entities,
    "duplicates": Duplicates,
    "suspects": Suspects,
}
"""Whole-archive tables, recomputed each build from the lake."""

HISTORY_TABLES: Final[dict[str, type[dy.Schema]]] = {"changes": Changes, "builds": Builds}
"""What cannot be rebuilt from posts; carried from build to build."""

TABLES: Final = READ_TABLES | NORMALISED_TABLES | ARCHIVE_TABLES | HISTORY_TABLES
MONTHLY: Final = frozenset(name for name, schema in TABLES.items() if "month" in schema.columns())


class ContractError(UserError):
    """A frame breaks its contract. The message names table, column, rule and rows."""


def description(table: str) -> str:
    """What the table holds, in a sentence or two."""
    return " ".join((TABLES[table].__doc__ or "").split())


@cache
def polars_schema(table: str) -> Mapping[str, pl.DataType]:
    """Column names and Polars types, in the contract's order."""
    return {name: column.dtype for name, column in TABLES[table].columns().items()}


def empty(table: str) -> pl.DataFrame:
    """The table without rows."""
    return pl.DataFrame(schema=polars_schema(table))


@cache
def _kept(table: str) -> list[pl.Expr]:
    """Each rule of the contract, and its key, as whether all rows keep it. Put together once: dataframely does so each
    time it is asked, which takes milliseconds however few the rows are."""
    schema = TABLES[table]
    rules = [
        rule for name, column in schema.columns().items() for rule in column.validation_rules(pl.col(name)).values()
    ]
    key = pl.struct(schema.primary_key()).is_unique()
    return [rule.all().alias(str(number)) for number, rule in enumerate([*rules, key])]


def check(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame in the contract's column order, if it keeps the contract.

    Raises:
        ContractError: all that is wrong, in one message: missing and surplus columns, types, then rules with the
            number of rows that break them and the first few of those rows.
    """
    expected, given = polars_schema(table), frame.schema
    wrong = [f"column {name} is missing" for name in expected if name not in given]
    wrong += [f"column {name} is not in the contract" for name in given if name not in expected]
    wrong += [
        f"column {name} is {given[name]}, the contract says {dtype}"
        for name, dtype in expected.items()
        if name in given and given[name] != dtype
    ]
    kept = frame if wrong else frame.select(list(expected))
    if not wrong and not all(kept.select(_kept(table)).row(0)):
        wrong = _broken(table, kept)
    if wrong:
        raise ContractError(f"table {table} breaks its contract: " + "; ".join(wrong))
    return kept


def _broken(table: str, frame: pl.DataFrame) -> list[str]:
    """The rules that rows of the frame break, each with the first of them."""
    schema = TABLES[table]
    _, failure = schema.filter(frame)
    details = failure.details()
    keys = schema.primary_key()
    broken = []
    for rule, count in failure.counts().items():
        column, _, name = rule.rpartition("|")
        subject = f"column {column}" if column else f"key ({', '.join(keys)})"
        shown = list(dict.fromkeys([*keys, column])) if column else keys
        rows = details.filter(pl.col(rule) == "invalid").select(shown).head(3).to_dicts()
        broken.append(f"{subject} breaks the rule {name} in {count} row{'s' * (count != 1)}, first: {rows}")
    return broken
