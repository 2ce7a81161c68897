"""What a link points at, by the rules: an article, a listed security, a repository, …; and who points at what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import polars as pl

from pipelines.columns.memoise import LONGEST
from pipelines.normalise.patterns import search
from pipelines.normalise.rules import Entity

_GROUP: Final = re.compile(r"\\([0-9])")
_CACHED: Final = 50_000


class Thing(NamedTuple):
    """What a link points at: `kind` names the sort, `id` which one."""

    kind: str | None
    id: str | None


NOTHING: Final = Thing(None, None)


class EntityFinder:
    """Finds what the urls of a site point at, and remembers what it found (bounded)."""

    def __init__(self, rules: Sequence[Entity], site_host: str | None) -> None:
        self._rules = rules
        self._site_host = site_host
        self._by_host: dict[str, tuple[Entity, ...]] = {}
        self._found: dict[tuple[str, str], Thing] = {}

    def find(self, url: str, host: str, role: str) -> Thing:
        """By the first rule that fits the canonical url of a link with this role."""
        if len(url) > LONGEST:
            return self._by_rules(url, host, role)
        found = self._found.get((url, role))
        if found is None:
            if len(self._found) >= _CACHED:
                self._found.clear()
            found = self._found[url, role] = self._by_rules(url, host, role)
        return found

    def _by_rules(self, url: str, host: str, role: str) -> Thing:
        for rule in self._rules_of(host):
            if rule.contains in url and rule.role in ("", role) and (found := _by_rule(rule, url)) is not None:
                return found
        return NOTHING

    def _rules_of(self, host: str) -> tuple[Entity, ...]:
        rules = self._by_host.get(host)
        if rules is None:
            rules = tuple(rule for rule in self._rules if _holds_for(rule, host, self._site_host))
            if len(self._by_host) >= _CACHED:
                self._by_host.clear()
            if len(host) <= LONGEST:
                self._by_host[host] = rules
        return rules


def _holds_for(rule: Entity, host: str, site_host: str | None) -> bool:
    for name in rule.hosts:
        if name == "{site}":
            fits = site_host is not None and host.removeprefix("www.") == site_host.removeprefix("www.")
        elif name.startswith("*."):
            fits = host == name[2:] or host.endswith(name[1:])
        else:
            fits = host.removeprefix("www.") == name.removeprefix("www.")
        if fits:
            return True
    return not rule.hosts


def _by_rule(rule: Entity, url: str) -> Thing | None:
    found = search(rule.url, url)
    if found is None or found[1] in rule.unless:
        return None
    name = _GROUP.sub(lambda group: found[int(group[1])] or "", rule.id)
    return Thing(rule.kind, name.lower() if rule.fold else name) if name else None


_VARIANTS: Final = 20
_URL_ENDING: Final = r"(?i)(?:/|\.git|\.html?)$"
_ID_ENDING: Final = r"(\w+)$"
_SHOWS_A_URL: Final = r"(?i)^\s*(?:[a-z][a-z0-9+.-]*:)?//|^\s*www\."


def entities(links: pl.LazyFrame, posts: pl.LazyFrame) -> pl.DataFrame:
    """The table `entities`: links by what they point at, named by their texts, but for urls.

    Named by links to the thing's own page, whose url ends with its id: not by what is said of a file in a repository.

    Args:
        links: path, canonical_url, anchor, entity_kind, entity_id of all links.
        posts: path, published_on of all posts.
    """
    entity = ["entity_kind", "entity_id"]
    pointing = links.drop_nulls("entity_id").select("path", "canonical_url", "anchor", *entity)
    ends = pl.col("entity_id").str.extract(_ID_ENDING).str.to_lowercase()
    is_own_page = pl.col("canonical_url").str.replace(_URL_ENDING, "").str.to_lowercase().str.ends_with(ends)
    called = (
        pointing.filter(~pl.col("anchor").str.contains(_SHOWS_A_URL))
        .filter(is_own_page.fill_null(True))
        .with_columns(anchor=pl.col("anchor").str.replace_all(r"\s+", " ").str.strip_chars())
        .filter(pl.col("anchor").str.len_chars().is_between(1, 200))
        .group_by(*entity, "anchor")
        .agg(links=pl.len())
        .sort([*entity, "links", "anchor"], descending=[False, False, True, False])
        .group_by(entity, maintain_order=True)
        .agg(name=pl.col("anchor").first(), variants=pl.col("anchor").head(_VARIANTS))
    )
    counted = (
        pointing.group_by(*entity, "path")
        .agg(links=pl.len())
        .join(posts.select("path", "published_on"), on="path")
        .group_by(entity)
        .agg(
            posts=pl.len().cast(pl.Int64),
            links=pl.col("links").sum().cast(pl.Int64),
            first_posted_on=pl.col("published_on").min(),
            last_posted_on=pl.col("published_on").max(),
        )
    )
    return (
        counted.join(called, on=entity, how="left")
        .select(
            *entity,
            "name",
            pl.col("variants").fill_null(pl.lit([], dtype=pl.List(pl.String))),
            "posts",
            "links",
            "first_posted_on",
            "last_posted_on",
        )
        .sort(entity)
        .collect()
    )
