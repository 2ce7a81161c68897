"""Rows of `posts` and `post_bodies` for tests, from no more than a test has to say."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from pipelines.normalise.archive import summarise
from pipelines.normalise.posts import SiteFacts, normalise
from pipelines.normalise.rules import Rules, load_rules
from warehouse import contracts

SITE = SiteFacts(url="https://news.example.org", baseurl="", markdown_ext=("md", "markdown"))


class Post(NamedTuple):
    """A post, as the reader would hand it over."""

    body: str = ""
    categories: Sequence[str] = ()
    tags: Sequence[str] = ()
    front_matter: Mapping[str, object] | None = None
    path: str = ""
    url: str = "/2022/04/15/a.html"
    on: dt.date = dt.date(2022, 4, 15)


def posts_and_bodies(*posts: Post) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The two frames; posts without a path are called _posts/001.md and so on."""
    rows, bodies = [], []
    for number, post in enumerate(posts, 1):
        path = post.path or f"_posts/{number:03}.md"
        text = html.unescape(re.sub(r"<https?:|>", "", re.sub(r"</?[a-z][^<>]*>|\[|\]\([^)]*\)", "", post.body)))
        rows.append(
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
                "excerpt": "",
                "characters": len(text),
                "words": len(text.split()),
                "body_hash": f"{hash(post.body):x}",
                "front_matter": json.dumps(dict(post.front_matter or {}), ensure_ascii=False),
            }
        )
        bodies.append({"path": path, "month": f"{post.on:%Y-%m}", "body": post.body, "text": text})
    return (
        pl.DataFrame(rows, schema=contracts.polars_schema("posts")),
        pl.DataFrame(bodies, schema=contracts.polars_schema("post_bodies")),
    )


def normalised(*posts: Post, rules: Rules | None = None, site: SiteFacts = SITE) -> dict[str, pl.DataFrame]:
    """The normalised tables, each checked against its contract."""
    tables = normalise(*posts_and_bodies(*posts), site, rules or load_rules())
    return {name: contracts.check(name, table) for name, table in tables.items()}


def summarised(*posts: Post, rules: Rules | None = None, site: SiteFacts = SITE) -> dict[str, pl.DataFrame]:
    """The whole-archive tables, each checked against its contract."""
    rules = rules or load_rules()
    tables = summarise(as_lake(*posts_and_bodies(*posts), rules=rules, site=site), rules)
    return {name: contracts.check(name, table) for name, table in tables.items()}


def as_lake(posts: pl.DataFrame, bodies: pl.DataFrame, rules: Rules, site: SiteFacts = SITE) -> dict[str, pl.LazyFrame]:
    """The month tables of some posts, normalised, as a build finds them in the lake."""
    normalised = {name: contracts.empty(name) for name in contracts.NORMALISED_TABLES}
    normalised |= normalise(posts, bodies, site, rules)
    return {name: table.lazy() for name, table in ({"posts": posts, "post_bodies": bodies} | normalised).items()}
