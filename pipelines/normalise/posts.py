"""From the posts of a chunk to the rows of `contracts.NORMALISED_TABLES`.

Runs in worker processes: rows of the lake in, rows of the lake out. It reads no file of the archive and no body: links
come as the read step wrote them. Elsewhere: what depends on other posts (`archive`).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from itertools import islice
from typing import Final

import polars as pl

from pipelines.liquid import values
from pipelines.liquid.tokens import holds_liquid
from pipelines.normalise import near, terms
from pipelines.normalise.entities import NOTHING, EntityFinder, Thing
from pipelines.normalise.rules import Rules, Sources, Terms
from pipelines.normalise.sources import (
    RawLink,
    bare_text,
    front_matter_pattern,
    named_in_front_matter,
    publisher,
    roles,
    text_hash,
)
from pipelines.normalise.urls import Resolver, SiteFacts
from warehouse import contracts

__all__ = ["POST_COLUMNS", "SiteFacts", "normalise"]

POST_COLUMNS: Final = ("path", "month", "url", "categories", "tags", "front_matter")
"""The columns of `posts` that normalising needs."""

ARTICLE: Final = "article"
"""The kind of entity whose id is a post's `source_id`."""

POST: Final = "post"
"""The kind of entity that a `post_url` or `link` tag names: a file of the site, as written there."""


def normalise(
    posts: pl.DataFrame, bodies: pl.DataFrame, links: pl.DataFrame, site: SiteFacts, rules: Rules
) -> dict[str, pl.DataFrame]:
    """Return the normalised rows of some posts.

    Args:
        posts: rows of `posts`, of its columns `POST_COLUMNS`.
        bodies: path and text of the same posts.
        links: their rows of `post_links_raw`.
        site: where relative links are joined.
        rules: the rules in force.

    Returns:
        The tables by name, sorted by path and position; `near_signatures` only if the rules look for near duplicates.
    """
    posts = posts.sort("path")
    resolver, finder = _tools(site, rules)
    found = _pointing(_found(posts, bodies, links, resolver, rules), finder)
    return {
        "post_categories": _terms(posts, "categories", "category", rules.terms),
        "post_tags": _terms(posts, "tags", "tag", rules.terms),
        "post_links": found,
        **_sources(posts, bodies, found, rules),
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


def _named(posts: pl.DataFrame, sources: Sources) -> pl.DataFrame:
    """path, month, url, front_matter: only where it may say what the post's source is."""
    says = pl.col("front_matter").str.contains(front_matter_pattern(sources))
    return posts.select("path", "month", "url", front_matter=pl.when(says).then("front_matter"))


def _found(
    posts: pl.DataFrame, bodies: pl.DataFrame, links: pl.DataFrame, resolver: Resolver, rules: Rules
) -> pl.DataFrame:
    """Return the table `post_links` without what the links point at."""
    links = links.sort("path", "position")
    raw = map(RawLink._make, links.select(_RAW_COLUMNS).iter_rows())
    numbers = links.group_by("path", maintain_order=True).agg(links=pl.len())
    read = (
        _named(posts, rules.sources)
        .join(bodies.select("path", "text"), on="path", how="left", maintain_order="left")
        .join(numbers, on="path", how="left", maintain_order="left")
        .with_columns(pl.col("links").fill_null(0))
    )
    counts: list[int] = []
    rows: list[_Row] = []
    for url, front_matter, text, number in read.select("url", "front_matter", "text", "links").iter_rows():
        named = named_in_front_matter(front_matter, rules.sources).urls if front_matter else []
        made = _links_of_post(text or "", list(islice(raw, number)), resolver.page(url), named, resolver, rules)
        counts.append(len(made))
        rows += made
    count = pl.Series(counts, dtype=pl.Int64)
    keys = read.select("path", "month", position=pl.int_ranges(1, count + 1, dtype=pl.Int32))
    return _framed(keys.filter(count > 0).explode("position"), _LINK_COLUMNS, rows)


def _pointing(links: pl.DataFrame, finder: EntityFinder) -> pl.DataFrame:
    """Return the table `post_links`: these rows and what each link points at."""
    asked = links.select(_ASKED).unique(maintain_order=True)
    things = [
        finder.find(canonical_url, host, role) if canonical_url and host else _named_post(kind, url)
        for canonical_url, host, role, kind, url in asked.iter_rows()
    ]
    known = _framed(asked, ("entity_kind", "entity_id"), things)
    pointing = links.join(known, on=_ASKED, how="left", nulls_equal=True, maintain_order="left")
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


@functools.lru_cache(maxsize=2)
def _tools(site: SiteFacts, rules: Rules) -> tuple[Resolver, EntityFinder]:
    """Kept from chunk to chunk, with what they remember."""
    resolver = Resolver(site, rules)
    return resolver, EntityFinder(rules.entities, resolver.host)


_RAW_COLUMNS: Final = (
    *("element", "attribute", "url", "anchor", "anchor_start", "anchor_end"),
    *("in_item", "after_heading"),
)
_ASKED: Final = ["canonical_url", "host", "role", "kind", "url"]
"""Columns of `post_links` that decide what a link points at."""

_Row = tuple[str, str, str, str, str | None, str | None, str | None, str | None, str | None]
_LINK_COLUMNS: Final = ("element", "kind", "role", "url", "canonical_url", "scheme", "host", "domain", "anchor")
_SOURCE_COLUMNS: Final = ("publisher", "source_url", "source_id", "text_hash")


def _links_of_post(
    text: str, links: Sequence[RawLink], page: str, named: list[str], resolver: Resolver, rules: Rules
) -> list[_Row]:
    """Return the links of a post, those of its front matter last."""
    addresses = [resolver.resolve(link.url, page, holds_liquid(link.url)) for link in links]
    named_addresses = [resolver.resolve(url, page, "{" in url) for url in named]
    purposes, nth = roles(text, links, addresses, rules.sources, rules.navigation) if links else ([], None)

    candidates = [address for address in named_addresses if address.kind == "external"]
    source = candidates[0] if candidates else addresses[nth] if nth is not None else None
    source_url = source.canonical_url if source else None

    rows: list[_Row] = []
    for link, address, purpose in zip(links, addresses, purposes, strict=True):
        role = "source" if purpose == "body" and source_url and address.canonical_url == source_url else purpose
        rows.append((link.element, address.kind, role, link.url, *address[1:], link.anchor))
    for url, address in zip(named, named_addresses, strict=True):
        role = "source" if address.kind == "external" else "body"
        rows.append(("front_matter", address.kind, role, url, *address[1:], None))
    return rows


def _named_post(kind: str, url: str) -> Thing:
    """What a link of no host points at."""
    target = values.target(url) if kind == "internal" else None
    return NOTHING if target is None else Thing(POST, target)


def _framed(keys: pl.DataFrame, columns: tuple[str, ...], rows: Sequence[tuple[str | None, ...]]) -> pl.DataFrame:
    """The keys' frame with these columns of texts, from their rows."""
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    return keys.with_columns(
        pl.Series(name, value, dtype=pl.String) for name, value in zip(columns, values, strict=True)
    )
