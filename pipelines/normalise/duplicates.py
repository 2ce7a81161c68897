"""Which posts are one article: the same at its source, or the same text. Connected clusters, not pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import polars as pl

from pipelines.normalise.clusters import Clusters
from pipelines.normalise.rules import Host, Rules, pattern

REASONS: Final = ("source_id", "source_url", "text")
"""Strongest first."""

_SCHEMA: Final = {"cluster_id": pl.String, "path": pl.String, "reason": pl.String, "similarity": pl.Float64}


def duplicates(posts: pl.LazyFrame, sources: pl.LazyFrame, rules: Rules) -> pl.DataFrame:
    """The table `duplicates`: cluster_id, path, reason, similarity; by cluster and path.

    Args:
        posts: path, name, body_hash, characters of all posts.
        sources: path, source_url, source_id, text_hash of all posts.
        rules: which source ids are one article, which hosts one host.
    """
    clusters: Clusters[str] = Clusters()
    reasons: dict[str, int] = {}
    for strength, paths in _shared(posts, sources, rules):
        clusters.join(paths)
        for path in paths:
            reasons[path] = min(reasons.get(path, strength), strength)
    rows = sorted((clusters.root(path), path, REASONS[strength], 1.0) for path, strength in reasons.items())
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _shared(posts: pl.LazyFrame, sources: pl.LazyFrame, rules: Rules) -> Iterator[tuple[int, list[str]]]:
    """Paths of posts that share something, with its place in `REASONS`."""
    article = sources.drop_nulls("source_id").select("path", shared="source_id").collect()
    article = article.with_columns(shared=_mapped(article["shared"], lambda value: _article(value, rules)))
    page = sources.drop_nulls("source_url").select("path", shared="source_url").collect()
    page = page.with_columns(shared=_mapped(page["shared"], lambda value: _page(value, rules.hosts)))
    text = sources.drop_nulls("text_hash").select("path", shared="text_hash").collect()
    same_file = (
        posts.filter(pl.col("characters") > 0).select("path", shared=pl.concat_str("name", "body_hash")).collect()
    )
    for strength, identified in ((0, article), (1, page), (2, text), (2, same_file)):
        groups = (
            identified.drop_nulls()
            .filter(pl.len().over("shared") > 1)
            .group_by("shared")
            .agg(pl.col("path").sort())
            .sort("shared")
        )
        for paths in groups["path"]:
            yield strength, paths.to_list()


def _mapped(values: pl.Series, make: Callable[[str], str | None]) -> pl.Series:
    known = {value: make(value) for value in values.unique()}
    return values.replace_strict(known, return_dtype=pl.String) if known else values


def _article(source_id: str, rules: Rules) -> str:
    """What makes two source ids one article."""
    if rules.duplicates.source_id:
        found = pattern(rules.duplicates.source_id).search(source_id)
        if found:
            return str(found[1])
    return source_id


def _page(url: str, hosts: Sequence[Host]) -> str | None:
    """What makes two urls one page: scheme and www. do not count, hosts that stand for another do. No site's home."""
    host, _, rest = url.partition("://")[2].removeprefix("www.").partition("/")
    if not rest:
        return None
    for rule in hosts:
        if rule.host.removeprefix("www.") == host and ("/" + rest).partition("?")[0].endswith(rule.path):
            return f"{rule.alias_of}/{rest}"
    return f"{host}/{rest}"
