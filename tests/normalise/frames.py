"""Rows of the read step's tables for tests, from no more than a test has to say."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from pipelines.jekyll import bodies
from pipelines.markdown import Options
from pipelines.normalise.archive import summarise
from pipelines.normalise.posts import SiteFacts, normalise
from pipelines.normalise.rules import Rules, load_rules
from warehouse import contracts

SITE = SiteFacts(url="https://news.example.org", baseurl="")


class Post(NamedTuple):
    """A post, as the reader would hand it over."""

    body: str = ""
    categories: Sequence[str] = ()
    tags: Sequence[str] = ()
    front_matter: Mapping[str, object] | None = None
    path: str = ""
    url: str = "/2022/04/15/a.html"
    on: dt.date = dt.date(2022, 4, 15)


def as_read(*posts: Post) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return `posts`, `post_bodies` and `post_links_raw`; posts without a path are called _posts/001.md and so on."""
    paths = [post.path or f"_posts/{number:03}.md" for number, post in enumerate(posts, 1)]
    described = [
        {
            "path": path,
            "month": f"{post.on:%Y-%m}",
            "name": path.rpartition("/")[2],
            "slug": "a",
            "title": "A",
            "published_at": dt.datetime(post.on.year, post.on.month, post.on.day, tzinfo=dt.UTC),
            "published_on": post.on,
            "date_written": str(post.on),
            "date_source": "name",
            "date_flags": [],
            "url": post.url,
            "layout": "post",
            "state": "published",
            "rendered": True,
            "archived": False,
            "front_matter_state": "clean",
            "categories": list(post.categories),
            "tags": list(post.tags),
            "markup": "markdown",
            "characters": len(post.body),
            "words": len(post.body.split()),
            "code_words": 0,
            "body_hash": f"{hash(post.body):x}",
            "front_matter": json.dumps(dict(post.front_matter or {}), ensure_ascii=False),
        }
        for path, post in zip(paths, posts, strict=True)
    ]
    frame = pl.DataFrame(described, schema=contracts.polars_schema("posts"))
    markup = pl.when(pl.col("path").str.ends_with(".md")).then(pl.lit("markdown")).otherwise(pl.lit("html"))
    written = pl.Series("body", [post.body for post in posts], pl.String)
    tables, _ = bodies.read(frame.with_columns(written, markup=markup, cut=pl.lit(None, pl.Int64)), Options())
    return frame, tables["post_bodies"], tables["post_links_raw"]


def normalised(*posts: Post, rules: Rules | None = None, site: SiteFacts = SITE) -> dict[str, pl.DataFrame]:
    """The normalised tables, each checked against its contract."""
    tables = normalise(*as_read(*posts), site, rules or load_rules())
    return {name: contracts.check(name, table) for name, table in tables.items()}


def summarised(*posts: Post, rules: Rules | None = None, site: SiteFacts = SITE) -> dict[str, pl.DataFrame]:
    """The whole-archive tables, each checked against its contract."""
    rules = rules or load_rules()
    tables = summarise(as_lake(*as_read(*posts), rules=rules, site=site), rules)
    return {name: contracts.check(name, table) for name, table in tables.items()}


def as_lake(
    posts: pl.DataFrame, bodies: pl.DataFrame, links: pl.DataFrame, rules: Rules, site: SiteFacts = SITE
) -> dict[str, pl.LazyFrame]:
    """The month tables of some posts, normalised, as a build finds them in the lake."""
    normalised = {name: contracts.empty(name) for name in contracts.NORMALISED_TABLES}
    normalised |= normalise(posts, bodies, links, site, rules)
    return {name: table.lazy() for name, table in ({"posts": posts, "post_bodies": bodies} | normalised).items()}
