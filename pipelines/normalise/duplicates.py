"""Which posts are one article: the same at its source, the same text, or nearly (`near`).

Connected clusters, not pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from pipelines.normalise import near
from pipelines.normalise.clusters import Clusters
from pipelines.normalise.rules import Host, Rules

REASONS: Final = ("source_id", "source_url", "text")
"""Strongest first."""

NEAR: Final = "near"
"""The reason of those for which there is none of these."""

_SCHEMA: Final = {"cluster_id": pl.String, "path": pl.String, "reason": pl.String, "similarity": pl.Float64}


def duplicates(posts: pl.LazyFrame, sources: pl.LazyFrame, signatures: pl.LazyFrame, rules: Rules) -> pl.DataFrame:
    """The table `duplicates`: cluster_id, path, reason, similarity; by cluster and path.

    Args:
        posts: path, name, body_hash, characters of all posts.
        sources: path, source_url, source_id, text_hash of all posts.
        signatures: path, signature of posts that near duplicates are looked for among.
        rules: which source ids are one article, which hosts one host, how alike near duplicates are.
    """
    clusters: Clusters[str] = Clusters()
    reasons: dict[str, int] = {}
    for strength, paths in _shared(posts, sources, rules):
        clusters.join(paths)
        for path in paths:
            reasons[path] = min(reasons.get(path, strength), strength)
    similarities = dict.fromkeys(reasons, 1.0)
    if rules.duplicates.near:
        for one, other, similarity in near.alike(signatures, rules.duplicates.near):
            clusters.join((one, other))
            for path in (one, other):
                similarities[path] = max(similarity, similarities.get(path, 0.0))
    rows = sorted(
        (clusters.root(path), path, REASONS[reasons[path]] if path in reasons else NEAR, similarity)
        for path, similarity in similarities.items()
    )
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _shared(posts: pl.LazyFrame, sources: pl.LazyFrame, rules: Rules) -> Iterator[tuple[int, list[str]]]:
    """Paths of posts that share something, with its place in `REASONS`."""
    same_file = posts.filter(pl.col("characters") > 0).select("path", shared=pl.concat_str("name", "body_hash"))
    for strength, identified in (
        (0, sources.select("path", shared=_article(pl.col("source_id"), rules))),
        (1, sources.select("path", shared=_page(pl.col("source_url"), rules.hosts))),
        (2, sources.select("path", shared="text_hash")),
        (2, same_file),
    ):
        groups = (
            identified.drop_nulls()
            .filter(pl.len().over("shared") > 1)
            .group_by("shared")
            .agg(pl.col("path").sort())
            .sort("shared")
            .collect()
        )
        for paths in groups["path"]:
            yield strength, paths.to_list()


def _article(source_id: pl.Expr, rules: Rules) -> pl.Expr:
    """What makes two source ids one article: what the rule finds in them, else all of it."""
    written = rules.duplicates.source_id
    return pl.coalesce(source_id.str.extract(written, 1), source_id) if written else source_id


def _page(url: pl.Expr, hosts: Sequence[Host]) -> pl.Expr:
    """What makes two urls one page: scheme and www. do not count, hosts that stand for another do. No site's home."""
    page = url.str.replace(r"^[a-z]+://(?:www\.)?", "")
    path = page.str.replace(r"\?.*$", "")
    for rule in reversed(hosts):
        host = rule.host.removeprefix("www.") + "/"
        other = pl.lit(rule.alias_of.removeprefix("www.") + "/")
        stands_for = page.str.starts_with(host) & path.str.ends_with(rule.path)
        page = pl.when(stands_for).then(other + page.str.strip_prefix(host)).otherwise(page)
    return pl.when(page.str.contains("/.", literal=False)).then(page)
