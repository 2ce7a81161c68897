"""What is remembered of common posts is what all the rules say of each."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.jekyll.common import Common, Described, in_full
from pipelines.jekyll.config import Site
from pipelines.jekyll.documents import Rejection, Rules
from tests.jekyll.strategies import HEADS

NOW = datetime(2023, 3, 12, 10, tzinfo=UTC)
HEAD = "---\nlayout: post\ntitle: t\n{}\n---\nBody\n"


def common(**options: object) -> Common:
    return Common(Rules.of(Site(Path("/"), Path("/"), "site", **options), NOW))  # type: ignore[arg-type]


def whole(common: Common, path: str, text: str) -> Described | Rejection:
    try:
        return in_full(common._rules, path, "posts", text, 0)
    except Rejection as rejection:
        return rejection


TEMPLATES = [
    "/:categories/:year/:month/:day/:title:output_ext",
    "/:year/:title/:hour",
    "/:slug/:title/:title",
    "/p/./:title..html",
    "/x:categories-:year/:title",
    "/:categories:title/:categories",
    "/:categories/:slugified_categories/:title",
]
DATES = st.one_of(
    st.tuples(
        st.sampled_from(["2023-03-12", "2023-03-11", "1971-12-31", "1900-01-01", "2023-02-30", "2999-12-31"]),
        st.sampled_from(["", " 00:00:00", " 23:59:59", " 09:59:60", " 24:00:00", " 2:03", " 10:00:00"]),
        st.sampled_from(["", " +0800", " -1130", " +2500", " Z", "Z", " +08:00"]),
    ).map(lambda parts: "date: " + "".join(parts)),
    st.sampled_from(["date:", "date: yes", "date: 1", "date: [2022-01-01]", "date: 'March 3'"]),
)
TERMS = st.sampled_from(
    [
        "categories: a b a",
        "categories: [B, b]",
        "categories: 1",
        "category: A",
        "categories: ['/']",
        "categories: ['/a', b/c]",
        "categories: [.., a.b]",
        "categories: ['']",
        "categories: 新闻 财经",
        "categories: ['新:x']",
        "tags: [x, 1, true]",
        "tag: x y",
        "tags:",
    ]
)
OTHER = st.sampled_from(
    [
        *("published: false", "permalink: /x/:title", "permalink: 7", "excerpt: e", "excerpt_separator: o", "slug: s"),
        *("title:", "title: no", 'title: "财经"', "layout:", "layout: 7", "author: someone", "# note", ""),
    ]
)
POSTS = st.lists(st.one_of(DATES, TERMS, OTHER), max_size=5, unique_by=lambda line: line.partition(":")[0]).map(
    lambda lines: "---\n" + "".join(f"{line}\n" for line in lines)
)


@given(
    heads=st.lists(st.one_of(POSTS, HEADS), min_size=1, max_size=3),
    name=st.sampled_from(
        [
            *("2022-04-15-a-b", "2022-04-15-A_b", "2022-02-30-x", "2023-03-12--x-", "2022-04-15-财", "2022-04-15-！"),
            *("2022-04-15-한국어 (a)", "2022-04-15-财:x", "2022-04-15-a&b~c", "2022-04-15-%é"),
        ]
    ),
    body=st.sampled_from(["---\nOne.\n\nTwo.", "---\n\nOne.", "---\n\n\nOne", "--- \nOne", "...\nOne", "---"]),
    template=st.sampled_from(TEMPLATES),
    timezone=st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "America/St_Johns"]),
)
def test_says_what_all_the_rules_say_or_nothing(
    heads: list[str], name: str, body: str, template: str, timezone: str
) -> None:
    reader = common(permalink=template, timezone=timezone)
    for folder in ("_posts", "news/_posts"):  # what it remembers of one must not be said of another
        for head in heads:
            path, text = f"{folder}/{name}.md", head + body
            said = reader.post(path, text.encode())
            assert said is None or said == whole(reader, path, text)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("date: 2022-04-15 20:12:07 +0800", id="a timestamp"),
        pytest.param("date: 2022-04-15 20:12:07", id="a timestamp without zone"),
        pytest.param("date: 2022-04-15", id="a date"),
        pytest.param("author: someone", id="the date in the name"),
        pytest.param("categories: [a, b]", id="a list"),
        pytest.param("published: false", id="a hidden post"),
        pytest.param("permalink: /own/", id="a permalink of its own"),
    ],
)
def test_common_posts_are_answered(line: str) -> None:
    assert common().post("_posts/2022-04-15-a.md", HEAD.format(line).encode()) is not None
