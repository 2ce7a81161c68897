"""What only the whole archive can say: canonical terms and their counts, hosts.

From the month tables of the lake to the whole-archive tables; recomputed each build, equal for equal lakes.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.normalise import names
from pipelines.normalise.rules import Host, Rules
from warehouse import contracts


def summarise(lake: Mapping[str, pl.LazyFrame], rules: Rules) -> dict[str, pl.DataFrame]:
    """The whole-archive tables (`contracts.ARCHIVE_TABLES`) by name.

    Args:
        lake: the month tables by name, with all their columns.
        rules: the rules in force.
    """
    categories = _terms(lake, "category", "categories", rules)
    tags = _terms(lake, "tag", "tags", rules)
    return {
        "category_keys": categories[0],
        "tag_keys": tags[0],
        "categories": categories[1],
        "tags": tags[1],
        "hosts": _hosts(lake["post_links"], rules.hosts),
    }


def _terms(
    lake: Mapping[str, pl.LazyFrame], kind: str, plural: str, rules: Rules
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The keys of a kind of term, and the canonical terms."""
    key, term_id = f"{kind}_key", f"{kind}_id"
    spelt = lake[f"post_{plural}"].select(spelling=kind, key=key).unique().collect()
    rows = (
        lake["posts"]
        .select("published_on", spelling=plural)
        .collect()
        .with_row_index("post")
        .filter(pl.col("spelling").list.len() > 0)
        .explode("spelling")
        .unique(["post", "spelling"])
    )
    spellings = rows.group_by("spelling").len("posts").join(spelt, on="spelling").drop_nulls("key")
    canonical = names.canonical(kind, spellings, rules)
    keys = pl.DataFrame(
        [(key, term.id) for term in canonical for key in sorted(term.keys)],
        schema={"key": pl.String, "id": pl.String},
        orient="row",
    )
    variants = (
        spellings.join(keys, on="key")
        .sort(["posts", "spelling"], descending=[True, False])
        .group_by("id", maintain_order=True)
        .agg(variants="spelling")
    )
    counted = (
        rows.join(spellings.join(keys, on="key").select("spelling", "id"), on="spelling")
        .unique(["post", "id"])
        .group_by("id")
        .agg(
            posts=pl.len().cast(pl.Int64),
            first_posted_on=pl.col("published_on").min(),
            last_posted_on=pl.col("published_on").max(),
        )
    )
    called = pl.DataFrame(
        [(term.id, term.name) for term in canonical],
        schema={"id": pl.String, "name": pl.String},
        orient="row",
    )
    table = called.join(variants, on="id").join(counted, on="id")
    return (
        keys.rename({"key": key, "id": term_id}).sort(key),
        table.select(list(contracts.polars_schema(plural))).sort("id"),
    )


def _hosts(links: pl.LazyFrame, aliases: tuple[Host, ...]) -> pl.DataFrame:
    counted = (
        links.filter(pl.col("host").is_not_null())
        .group_by("host", "domain", "path")
        .agg(links=pl.len())
        .group_by("host", "domain")
        .agg(links=pl.col("links").sum().cast(pl.Int64), posts=pl.len().cast(pl.Int64))
        .collect()
    )
    stands_for = {rule.host: rule.alias_of for rule in reversed(aliases)}
    return (
        counted.with_columns(
            alias_of=pl.col("host").replace_strict(stands_for, default=None, return_dtype=pl.String)
        )
        .select(list(contracts.polars_schema("hosts")))
        .sort("host")
    )
