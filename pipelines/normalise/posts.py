"""From the posts of one chunk to the rows of `post_categories`, `post_tags`, `post_links`, `post_sources`, and
`near_signatures` where the rules want them.

Runs in worker processes: rows of the lake in, rows of the lake out. What depends on other posts: `archive`.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final

import polars as pl

from pipelines.normalise import liquid, near, terms
from pipelines.normalise.entities import NOTHING, EntityFinder, Thing
from pipelines.normalise.links import extract
from pipelines.normalise.rules import Rules, Terms
from pipelines.normalise.sources import (
    NOT_NAMED,
    bare_text,
    front_matter_pattern,
    named_in_front_matter,
    publisher,
    roles,
    text_hash,
)
from pipelines.normalise.urls import Address, Resolver, SiteFacts
from warehouse import contracts

__all__ = ["POST_COLUMNS", "SiteFacts", "normalise"]

POST_COLUMNS: Final = ("path", "month", "url", "categories", "tags", "front_matter")
"""What is needed of `posts`: a third of the time it takes to load all, excerpts above all."""

ARTICLE: Final = "article"
"""The kind of entity whose id is a post's `source_id`."""

POST: Final = "post"
"""The kind of entity that a `post_url` or `link` tag names: a file of the site, as written there."""


def normalise(posts: pl.DataFrame, bodies: pl.DataFrame, site: SiteFacts, rules: Rules) -> dict[str, pl.DataFrame]:
    """The normalised rows of some posts.

    Args:
        posts: rows of `posts`; of its columns those of `POST_COLUMNS` are needed.
        bodies: rows of `post_bodies`, of the same paths.
        site: where relative links are joined, and which files are Markdown.
        rules: the rules in force.

    Returns:
        The tables of `contracts.NORMALISED_TABLES` by name, sorted by path and position; `near_signatures` only where
        the rules look for near duplicates.
    """
    posts = posts.sort("path")
    return {
        "post_categories": _terms(posts, "categories", "category", rules.terms),
        "post_tags": _terms(posts, "tags", "tag", rules.terms),
        **_links_and_sources(posts, bodies, site, rules),
    }


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


def _links_and_sources(
    posts: pl.DataFrame, bodies: pl.DataFrame, site: SiteFacts, rules: Rules
) -> dict[str, pl.DataFrame]:
    resolver, finder = _tools(site, rules)
    markdown_ext = {"." + extension.strip().lstrip(".").lower() for extension in site.markdown_ext}
    names_source = pl.col("front_matter").str.contains(front_matter_pattern(rules.sources))
    read = posts.select("path", "month", "url", front_matter=pl.when(names_source).then("front_matter")).join(
        bodies.select("path", "body", "text"), on="path", how="left", maintain_order="left"
    )
    counts: list[int] = []
    links: list[_Row] = []
    sources: list[tuple[str | None, str | None, str | None, str | None]] = []
    bare_texts: list[str] = []
    for path, _, url, front_matter, body, text in read.iter_rows():
        named = named_in_front_matter(front_matter, rules.sources) if front_matter else NOT_NAMED
        rows, source = _links(
            body or "",
            path[path.rfind(".") :].lower() in markdown_ext,
            resolver.page(url),
            named.urls,
            resolver,
            finder,
            rules,
        )
        counts.append(len(rows))
        links += rows
        last = [row[_ANCHOR] or "" for row in rows if row[_ROLE] in ("source", "navigation")]
        bare = bare_text(text or "", last, rules.publishers)
        sources.append((named.publisher or publisher(text or "", rules.publishers), *source, text_hash(bare)))
        if rules.duplicates.near:
            bare_texts.append(bare)
    keys = read.select("path", "month")
    made = {
        "post_links": _link_frame(keys, counts, links),
        "post_sources": _frame("post_sources", keys, _SOURCE_COLUMNS, sources),
    }
    return made | ({"near_signatures": near.signatures(keys, bare_texts)} if rules.duplicates.near else {})


@functools.lru_cache(maxsize=2)
def _tools(site: SiteFacts, rules: Rules) -> tuple[Resolver, EntityFinder]:
    """Kept from chunk to chunk, with what they remember."""
    resolver = Resolver(site, rules)
    return resolver, EntityFinder(rules.entities, resolver.host)


_Row = tuple[str, str, str, str, str | None, str | None, str | None, str | None, str | None, str | None, str | None]
_LINK_COLUMNS: Final = (
    "element", "kind", "role", "url", "canonical_url", "scheme", "host", "domain", "anchor", "entity_kind", "entity_id",
)  # fmt: skip
_ROLE, _ANCHOR = _LINK_COLUMNS.index("role"), _LINK_COLUMNS.index("anchor")
_SOURCE_COLUMNS: Final = ("publisher", "source_url", "source_id", "text_hash")


def _links(
    body: str,
    markdown: bool,
    page: str,
    named: list[str],
    resolver: Resolver,
    finder: EntityFinder,
    rules: Rules,
) -> tuple[list[_Row], tuple[str | None, str | None]]:
    """The links of a post, those of its front matter last; and url and id of its source."""
    found = [link for link in extract(body, markdown) if not link.code] if body else []
    addresses = [resolver.resolve(link.value, page, link.liquid) for link in found]
    named_addresses = [resolver.resolve(url, page, "{" in url) for url in named]
    purposes, nth = roles(body, found, addresses, rules.sources, rules.navigation) if found else ([], None)

    candidates = [address for address in named_addresses if address.kind == "external"]
    source = candidates[0] if candidates else addresses[nth] if nth is not None else None
    source_url = source.canonical_url if source else None

    rows: list[_Row] = []
    for link, address, purpose in zip(found, addresses, purposes, strict=True):
        role = "source" if purpose == "body" and source_url and address.canonical_url == source_url else purpose
        rows.append(_row(link.element, link.value, address, role, link.anchor or None, finder))
    for url, address in zip(named, named_addresses, strict=True):
        rows.append(
            _row("front_matter", url, address, "source" if address.kind == "external" else "body", None, finder)
        )

    thing = finder.find(source_url, source.host, "source") if source and source_url and source.host else NOTHING
    return rows, (source_url, thing.id if thing.kind == ARTICLE else None)


def _row(element: str, url: str, address: Address, role: str, anchor: str | None, finder: EntityFinder) -> _Row:
    thing = NOTHING
    if address.host and address.canonical_url:
        thing = finder.find(address.canonical_url, address.host, role)
    elif address.kind == "internal" and (target := liquid.target(url)) is not None:
        thing = Thing(POST, target)
    return (element, address.kind, role, url, *address[1:], anchor, *thing)


def _link_frame(keys: pl.DataFrame, counts: list[int], rows: list[_Row]) -> pl.DataFrame:
    count = pl.Series(counts, dtype=pl.Int64)
    repeated = (
        keys.with_columns(position=pl.int_ranges(1, count + 1, dtype=pl.Int32)).filter(count > 0).explode("position")
    )
    return _frame("post_links", repeated, _LINK_COLUMNS, rows)


def _frame(
    table: str, keys: pl.DataFrame, columns: tuple[str, ...], rows: Sequence[tuple[str | None, ...]]
) -> pl.DataFrame:
    """The table, from its first columns and rows of texts for the others."""
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    series = [pl.Series(name, value, dtype=pl.String) for name, value in zip(columns, values, strict=True)]
    return keys.with_columns(series).select(list(contracts.polars_schema(table)))
