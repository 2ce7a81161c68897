"""From the posts of one chunk to the rows of `post_categories`, `post_tags`, `post_links`, `post_sources`, and
`near_signatures` where the rules want them.

Runs in worker processes: rows of the lake in, rows of the lake out. What depends on other posts: `archive`.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import polars as pl

from pipelines.normalise import liquid, near, terms
from pipelines.normalise.entities import NOTHING, EntityFinder, Thing
from pipelines.normalise.links import Link, extract
from pipelines.normalise.rules import Rules, Sources, Terms
from pipelines.normalise.sources import (
    bare_text,
    front_matter_pattern,
    named_in_front_matter,
    publisher,
    roles,
    text_hash,
)
from pipelines.normalise.urls import Resolver, SiteFacts
from warehouse import contracts

__all__ = ["POST_COLUMNS", "READ_BY", "RULES", "SiteFacts", "body_columns", "known_tables", "normalise"]

_FINDING: Final = ("urls", "sources", "navigation", "hosts")

READ_BY: Final[dict[str, tuple[str, ...]]] = {"post_links": _FINDING, "post_sources": (*_FINDING, "publishers")}
"""The kinds of rules by which a table's rows are read from bodies and texts. What the links point at is told from these
rows, without reading again."""

RULES: Final[dict[str, tuple[str, ...]]] = {
    "post_categories": ("terms",),
    "post_tags": ("terms",),
    **{table: (*kinds, "entities") for table, kinds in READ_BY.items()},
    "near_signatures": (*_FINDING, "publishers", "duplicates"),
}
"""The kinds of rules that decide what is in a table. Those of no table here decide about the whole archive."""

POST_COLUMNS: Final = ("path", "month", "url", "categories", "tags", "front_matter")
"""What is needed of `posts`: a third of the time it takes to load all, excerpts above all."""

ARTICLE: Final = "article"
"""The kind of entity whose id is a post's `source_id`."""

POST: Final = "post"
"""The kind of entity that a `post_url` or `link` tag names: a file of the site, as written there."""


def normalise(
    posts: pl.DataFrame,
    bodies: pl.DataFrame,
    site: SiteFacts,
    rules: Rules,
    tables: Collection[str] = frozenset(contracts.NORMALISED_TABLES),
    known: Mapping[str, pl.DataFrame] = MappingProxyType({}),
) -> dict[str, pl.DataFrame]:
    """The normalised rows of some posts.

    Args:
        posts: rows of `posts`; of its columns those of `POST_COLUMNS` are needed.
        bodies: rows of `post_bodies`, of the same paths; of its columns those of `body_columns` are needed.
        site: where relative links are joined, and which files are Markdown.
        rules: the rules in force.
        tables: which of `contracts.NORMALISED_TABLES` are wanted.
        known: the posts' rows of those tables of `READ_BY` for which nothing need be read: what links point at may be
            told anew, and other tables follow from them.

    Returns:
        The tables by name, sorted by path and position; `near_signatures` only where the rules look for near
        duplicates.
    """
    posts = posts.sort("path")
    made: dict[str, pl.DataFrame] = {}
    for column, term in (("categories", "category"), ("tags", "tag")):
        if f"post_{column}" in tables:
            made[f"post_{column}"] = _terms(posts, column, term, rules.terms)
    links = known.get("post_links")
    if "post_links" in tables:
        resolver, finder = _tools(site, rules)
        found = _found(posts, bodies, resolver, site, rules) if links is None else links
        links = made["post_links"] = _pointing(found, finder)
    if links is not None:
        if "text" in body_columns(tables, known, rules):
            made |= _sources(posts, bodies, links, rules)
        elif "post_sources" in known:
            made["post_sources"] = _sourced(known["post_sources"], links)
    return {table: made[table] for table in made if table in tables}


def known_tables(tables: Collection[str], read: Collection[str], rules: Rules) -> set[str]:
    """The tables of which the rows of before are needed to make these.

    Args:
        tables: those wanted of `contracts.NORMALISED_TABLES`.
        read: those of `READ_BY` whose rows are read from bodies and texts again.
    """
    wanted = READ_BY.keys() & set(tables)
    if wanted or _near(tables, rules):
        wanted |= {"post_links"}
    return wanted - set(read)


def body_columns(tables: Collection[str], known: Collection[str], rules: Rules) -> list[str]:
    """The columns of `post_bodies` that making these tables takes, where the rows of some are known."""
    unknown = set(tables) - set(known)
    columns = ["body"] if "post_links" in unknown else []
    return columns + (["text"] if "post_sources" in unknown or _near(tables, rules) else [])


def _near(tables: Collection[str], rules: Rules) -> bool:
    return "near_signatures" in tables and bool(rules.duplicates.near)


def _terms(posts: pl.DataFrame, column: str, term: str, rules: Terms) -> pl.DataFrame:
    table = f"post_{column}"
    exploded = (
        posts.lazy()
        .filter(pl.col(column).list.len() > 0)
        .select(
            "path",
            "month",
            pl.int_ranges(1, pl.col(column).list.len() + 1, dtype=pl.Int32).alias("position"),
            term=column,
        )
        .explode("position", "term")
        .rename({"term": term})
        .collect()
    )
    spellings = exploded[term].unique()
    keys = pl.Series([terms.key(spelling, rules) for spelling in spellings], dtype=pl.String)
    keyed = exploded.with_columns(
        pl.col(term).replace_strict(spellings, keys, return_dtype=pl.String).alias(f"{term}_key")
    )
    return keyed.select(list(contracts.polars_schema(table)))


def _named(posts: pl.DataFrame, sources: Sources) -> pl.DataFrame:
    """path, month, url, front_matter: only where it may say what the post's source is."""
    says = pl.col("front_matter").str.contains(front_matter_pattern(sources))
    return posts.select("path", "month", "url", front_matter=pl.when(says).then("front_matter"))


def _found(
    posts: pl.DataFrame, bodies: pl.DataFrame, resolver: Resolver, site: SiteFacts, rules: Rules
) -> pl.DataFrame:
    """The table `post_links` without what the links point at."""
    extensions = {"." + extension.strip().lstrip(".").lower() for extension in site.markdown_ext}
    read = _named(posts, rules.sources).join(
        bodies.select("path", "body"), on="path", how="left", maintain_order="left"
    )
    written = read["body"].fill_null("")
    markdown = [path[path.rfind(".") :].lower() in extensions for path in read["path"]]
    counts: list[int] = []
    links: list[_Row] = []
    for url, front_matter, body, found in zip(
        read["url"], read["front_matter"], written, extract(written, markdown, site.markdown), strict=True
    ):
        named = named_in_front_matter(front_matter, rules.sources).urls if front_matter else []
        rows = _links_of_post(body, found, resolver.page(url), named, resolver, rules)
        counts.append(len(rows))
        links += rows
    count = pl.Series(counts, dtype=pl.Int64)
    keys = read.select("path", "month", position=pl.int_ranges(1, count + 1, dtype=pl.Int32))
    return _framed(keys.filter(count > 0).explode("position"), _LINK_COLUMNS, links)


def _pointing(links: pl.DataFrame, finder: EntityFinder) -> pl.DataFrame:
    """The table `post_links`, from its columns but those of what the links point at."""
    columns = links.select("canonical_url", "host", "role", "kind", "url").iter_rows()
    things = [
        finder.find(canonical_url, host, role) if canonical_url and host else _named_post(kind, url)
        for canonical_url, host, role, kind, url in columns
    ]
    pointing = _framed(links, ("entity_kind", "entity_id"), things)
    return pointing.select(list(contracts.polars_schema("post_links")))


def _sources(posts: pl.DataFrame, bodies: pl.DataFrame, links: pl.DataFrame, rules: Rules) -> dict[str, pl.DataFrame]:
    """The table `post_sources`, and `near_signatures` where the rules want it.

    The anchors of the links that end a post are no part of its text.
    """
    ends = links.lazy().filter(pl.col("role").is_in(["source", "navigation"]))
    anchors = ends.group_by("path").agg(pl.col("anchor").fill_null(""))
    read = (
        _named(posts, rules.sources)
        .lazy()
        .join(bodies.lazy().select("path", "text"), on="path", how="left")
        .join(anchors, on="path", how="left")
        .join(_named_by_links(links), on="path", how="left")
        .sort("path")
        .collect()
    )
    made: list[tuple[str | None, str | None, str | None, str | None]] = []
    bare_texts: list[str] = []
    for _, _, _, front_matter, written, last, source_url, source_id in read.iter_rows():
        text = written or ""
        named = named_in_front_matter(front_matter, rules.sources).publisher if front_matter else None
        bare = bare_text(text, last or (), rules.publishers)
        made.append((named or publisher(text, rules.publishers), source_url, source_id, text_hash(bare)))
        if rules.duplicates.near:
            bare_texts.append(bare)
    keys = read.select("path", "month")
    framed = _framed(keys, _SOURCE_COLUMNS, made).select(list(contracts.polars_schema("post_sources")))
    tables = {"post_sources": framed}
    return tables | ({"near_signatures": near.signatures(keys, bare_texts)} if rules.duplicates.near else {})


def _named_by_links(links: pl.DataFrame) -> pl.LazyFrame:
    """path, source_url, source_id, where a post has a source: what the front matter names, else what the last lines
    name: a link of that role."""
    return (
        links.lazy()
        .filter(role="source")
        .sort(pl.col("element") != "front_matter", maintain_order=True)
        .group_by("path")
        .agg(pl.col("canonical_url", "entity_kind", "entity_id").first())
        .select("path", source_url="canonical_url", source_id=pl.when(entity_kind=ARTICLE).then("entity_id"))
    )


def _sourced(sources: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """The table `post_sources` as the links say now; what texts say is as it was."""
    said = sources.lazy().drop("source_url", "source_id").join(_named_by_links(links), on="path", how="left")
    return said.select(list(contracts.polars_schema("post_sources"))).sort("path").collect()


@functools.lru_cache(maxsize=2)
def _tools(site: SiteFacts, rules: Rules) -> tuple[Resolver, EntityFinder]:
    """Kept from chunk to chunk, with what they remember."""
    resolver = Resolver(site, rules)
    return resolver, EntityFinder(rules.entities, resolver.host)


_Row = tuple[str, str, str, str, str | None, str | None, str | None, str | None, str | None]
_LINK_COLUMNS: Final = ("element", "kind", "role", "url", "canonical_url", "scheme", "host", "domain", "anchor")
_SOURCE_COLUMNS: Final = ("publisher", "source_url", "source_id", "text_hash")


def _links_of_post(
    body: str, links: Sequence[Link], page: str, named: list[str], resolver: Resolver, rules: Rules
) -> list[_Row]:
    """The links of a post, those of its front matter last."""
    found = [link for link in links if not link.code]
    addresses = [resolver.resolve(link.value, page, link.liquid) for link in found]
    named_addresses = [resolver.resolve(url, page, "{" in url) for url in named]
    purposes, nth = roles(body, found, addresses, rules.sources, rules.navigation) if found else ([], None)

    candidates = [address for address in named_addresses if address.kind == "external"]
    source = candidates[0] if candidates else addresses[nth] if nth is not None else None
    source_url = source.canonical_url if source else None

    rows: list[_Row] = []
    for link, address, purpose in zip(found, addresses, purposes, strict=True):
        role = "source" if purpose == "body" and source_url and address.canonical_url == source_url else purpose
        rows.append((link.element, address.kind, role, link.value, *address[1:], link.anchor or None))
    for url, address in zip(named, named_addresses, strict=True):
        role = "source" if address.kind == "external" else "body"
        rows.append(("front_matter", address.kind, role, url, *address[1:], None))
    return rows


def _named_post(kind: str, url: str) -> Thing:
    """What a link of no host points at."""
    target = liquid.target(url) if kind == "internal" else None
    return NOTHING if target is None else Thing(POST, target)


def _framed(keys: pl.DataFrame, columns: tuple[str, ...], rows: Sequence[tuple[str | None, ...]]) -> pl.DataFrame:
    """The keys' frame with these columns of texts, from their rows."""
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    return keys.with_columns(
        pl.Series(name, value, dtype=pl.String) for name, value in zip(columns, values, strict=True)
    )
