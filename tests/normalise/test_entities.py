"""What links point at, counted and named. Which link points at what: test_posts."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pipelines.normalise.entities import entities
from tests.normalise.frames import Post, as_read, normalised


def table(*posts: Post) -> list[dict[str, object]]:
    links = normalised(*posts)["post_links"].lazy()
    return entities(links, as_read(*posts)[0].lazy()).to_dicts()


def stock(code: str, name: str) -> str:
    return f"x [{name}](http://quote.eastmoney.com/unify/r/{code}) y"


def test_links_are_counted_and_dated_by_what_they_point_at() -> None:
    days = [dt.date(2022, 4, 16), dt.date(2022, 4, 15)]
    posts = [Post(stock("1.600001", "样例") * 2, on=days[0]), Post(stock("1.600001", "样例"), on=days[1])]
    assert table(*posts) == [
        {
            "entity_kind": "security",
            "entity_id": "1.600001",
            "name": "样例",
            "variants": ["样例"],
            "posts": 2,
            "links": 3,
            "first_posted_on": days[1],
            "last_posted_on": days[0],
        }
    ]


def test_the_commonest_text_names_it_ties_by_code_point() -> None:
    found = table(*(Post(stock("1.600001", name)) for name in ("B", "A", "C", "C", " D")))
    assert (found[0]["name"], found[0]["variants"]) == ("C", ["C", "A", "B", "D"])


def test_a_url_is_no_name() -> None:
    found = table(Post("x <https://github.com/a/b> [www.github.com/a/b](https://github.com/a/b) y"))
    assert (found[0]["name"], found[0]["variants"], found[0]["links"]) == (None, [], 2)


def test_a_page_below_it_names_nothing() -> None:
    deep = "[the file](https://github.com/a/b/blob/main/c.py) " * 3
    found = table(Post(f"x {deep} [Tool B](https://github.com/A/B.git) y"))
    assert (found[0]["name"], found[0]["variants"], found[0]["links"]) == ("Tool B", ["Tool B"], 4)


def test_a_page_under_another_address_names_it() -> None:
    found = table(Post("x [样例](http://quote.eastmoney.com/sh600001.html) y"))
    assert (found[0]["entity_id"], found[0]["name"]) == ("1.600001", "样例")


def test_no_links_no_entities() -> None:
    assert isinstance(entities(normalised(Post())["post_links"].lazy(), as_read(Post())[0].lazy()), pl.DataFrame)
