"""What only the whole archive can say: canonical terms, hosts, what links point at, duplicates, suspects.

From the lake's tables of posts to the whole-archive tables; recomputed each build, equal for equal lakes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from pipelines.normalise import names
from pipelines.normalise.duplicates import duplicates
from pipelines.normalise.entities import entities
from pipelines.normalise.names import Term
from pipelines.normalise.rules import Host, Rules
from pipelines.normalise.suspects import suspects
from warehouse import contracts


def summarise(lake: Mapping[str, pl.LazyFrame], rules: Rules) -> dict[str, pl.DataFrame]:
    """The whole-archive tables (`contracts.ARCHIVE_TABLES`) by name.

    Args:
        lake: the tables of posts by name, with all their columns.
        rules: the rules in force.
    """
    posts = lake["posts"].select("path", "published_on", "categories", "tags", "front_matter")
    category_spellings = _spellings(lake["post_categories"], "category")
    tag_spellings = _spellings(lake["post_tags"], "tag")
    split_categories = _split_names(posts, "categories", "tags", category_spellings)
    split_tags = _split_names(posts, "tags", "categories", tag_spellings)
    categories = names.canonical("category", category_spellings, split_categories, rules)
    tags = names.canonical("tag", tag_spellings, split_tags, rules)

    dated = posts.select("path", "published_on", "categories", "tags").collect().with_row_index("post")
    category_rows = _canonical_rows(dated, "categories", category_spellings, categories)
    tag_rows = _canonical_rows(dated, "tags", tag_spellings, tags)
    categories = _spelt_out(dated, category_rows, tag_rows, categories, tags, lake["post_sources"])
    tables: dict[str, Callable[[], pl.DataFrame]] = {
        "category_keys": lambda: _keys("category", categories),
        "tag_keys": lambda: _keys("tag", tags),
        "categories": lambda: _terms("categories", category_rows, category_spellings, categories),
        "tags": lambda: _terms("tags", tag_rows, tag_spellings, tags),
        "hosts": lambda: _hosts(lake["post_links"], rules.hosts),
        "entities": lambda: entities(lake["post_links"], lake["posts"]),
        "duplicates": lambda: duplicates(lake["posts"], lake["post_sources"], lake["near_signatures"], rules),
        "suspects": lambda: pl.concat(
            [
                _suspects("category", categories, category_rows, tag_rows, rules),
                _suspects("tag", tags, tag_rows, category_rows, rules),
            ]
        ),
    }
    return {name: tables[name]() for name in contracts.ARCHIVE_TABLES}


def _spellings(post_terms: pl.LazyFrame, kind: str) -> pl.DataFrame:
    """spelling, key, posts: every spelling of which something is left."""
    return (
        post_terms.drop_nulls(f"{kind}_key")
        .group_by(spelling=kind, key=f"{kind}_key")
        .agg(posts=pl.col("path").n_unique().cast(pl.Int64))
        .sort("spelling")
        .collect()
    )


def _split_names(posts: pl.LazyFrame, terms: str, others: str, spellings: pl.DataFrame) -> list[names.SplitName]:
    several = pl.col(terms).list.len() > 1
    named = (
        posts.filter(pl.col(terms).list.len() > 0)
        .select(
            terms=terms,
            others=others,
            text=pl.when(several).then("front_matter").str.json_path_match(f"$.{terms}"),
        )
        .collect()
    )
    return names.split_names(named, dict(spellings.select("spelling", "key").iter_rows()))


def _keys(kind: str, canonical: Sequence[Term]) -> pl.DataFrame:
    rows = [(key, term.id) for term in canonical for key in term.keys]
    schema = contracts.polars_schema(f"{kind}_keys")
    return pl.DataFrame(rows, schema=schema, orient="row").sort(f"{kind}_key")


def _ids(spellings: pl.DataFrame, canonical: Sequence[Term]) -> pl.DataFrame:
    """spelling, posts, id."""
    ids = {key: term.id for term in canonical for key in term.keys}
    return spellings.select("spelling", "posts", id=pl.col("key").replace_strict(ids, return_dtype=pl.String))


def _canonical_rows(
    posts: pl.DataFrame, terms: str, spellings: pl.DataFrame, canonical: Sequence[Term]
) -> pl.DataFrame:
    """post, published_on, id: each canonical term of a post once."""
    return (
        posts.select("post", "published_on", spelling=terms)
        .filter(pl.col("spelling").list.len() > 0)
        .explode("spelling")
        .join(_ids(spellings, canonical).select("spelling", "id"), on="spelling")
        .unique(["post", "id"])
        .select("post", "published_on", "id")
    )


def _spelt_out(
    posts: pl.DataFrame,
    category_rows: pl.DataFrame,
    tag_rows: pl.DataFrame,
    categories: list[Term],
    tags: list[Term],
    sources: pl.LazyFrame,
) -> list[Term]:
    """The categories, with the names that their tags spell out."""
    tag_names = {term.id: term.name for term in tags}
    one = pl.len().over("post") == 1
    together = (
        category_rows.filter(one)
        .select("post", category="id")
        .join(
            tag_rows.filter(one).select("post", tag=pl.col("id").replace_strict(tag_names, return_dtype=pl.String)),
            on="post",
        )
    )
    counted = dict(category_rows.group_by("id").len().iter_rows())
    if together.height < names.CONVENTION * sum(counted.values()):
        return categories
    publishers = (
        together.join(posts.select("post", "path"), on="post")
        .join(sources.drop_nulls("publisher").select("path", "publisher").collect(), on="path")
        .group_by("tag", "publisher")
        .len()
    )
    spelt = names.spelt_out(together.group_by("category", "tag").len("posts"), counted, publishers)
    return [term._replace(name=spelt.get(term.id, term.name)) for term in categories]


def _terms(table: str, rows: pl.DataFrame, spellings: pl.DataFrame, canonical: Sequence[Term]) -> pl.DataFrame:
    variants = (
        _ids(spellings, canonical)
        .sort(["posts", "spelling"], descending=[True, False])
        .group_by("id", maintain_order=True)
        .agg(variants="spelling")
    )
    counted = rows.group_by("id").agg(
        posts=pl.len().cast(pl.Int64),
        first_posted_on=pl.col("published_on").min(),
        last_posted_on=pl.col("published_on").max(),
    )
    called = pl.DataFrame(
        [(term.id, term.name) for term in canonical],
        schema={"id": pl.String, "name": pl.String},
        orient="row",
    )
    return called.join(variants, on="id").join(counted, on="id").select(list(contracts.polars_schema(table))).sort("id")


def _hosts(links: pl.LazyFrame, aliases: Sequence[Host]) -> pl.DataFrame:
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
        counted.with_columns(alias_of=pl.col("host").replace_strict(stands_for, default=None, return_dtype=pl.String))
        .select(list(contracts.polars_schema("hosts")))
        .sort("host")
    )


def _suspects(
    kind: str, canonical: Sequence[Term], rows: pl.DataFrame, company: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    denied = [frozenset(names.keys(rule.terms, rules)) for rule in rules.different if rule.kind == kind]
    found = [(kind, *suspect) for suspect in suspects(canonical, rows, company, denied)]
    schema = {
        "kind": pl.String,
        "term": pl.String,
        "other": pl.String,
        "score": pl.Float64,
        "posts": pl.Int64,
        "other_posts": pl.Int64,
    }
    return pl.DataFrame(found, schema=schema, orient="row")
