"""Fast paths: expressions and Python say the same of every row that expressions answer.

The checks run every fast path within the reading of whole posts: generated ones, the sample and real sites.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import pipelines
from pipelines.allowance import TooCostlyError
from pipelines.columns.fallback import REGISTRY, FastPath, Tables, by_distinct, one_row
from pipelines.jekyll import posts
from pipelines.jekyll.bodies import BODIES
from pipelines.jekyll.config import Default, Site, read_site
from pipelines.jekyll.documents import Rules
from pipelines.jekyll.front_matter_columns import Batch, Document, read
from pipelines.jekyll.scan import scan
from pipelines.markdown.options import DEFAULT
from tests.jekyll.strategies import HEADS
from tests.markdown.bodies import cut_of, generated
from tests.parity import NOW, shared, sites

SAMPLE = Path(__file__).parents[2] / "sample"
CLOCK = datetime(2023, 3, 12, 10, tzinfo=UTC)


@contextmanager
def checked() -> Iterator[Counter[str]]:
    """Let every fast path answer its simple rows slowly too, and assert that both agree; count these rows."""
    simple: Counter[str] = Counter()
    read_once = FastPath.read

    def read_twice(path: FastPath[Any], context: Any, frame: pl.DataFrame) -> Tables:
        fast = path.fast(context, frame)
        sure = frame.join(fast[next(iter(path.tables))], on="row", how="semi", maintain_order="left")
        for name, table in path.answered_slowly(context, sure).items():
            assert_frame_equal(fast[name].sort("row", maintain_order=True), table)
        simple[path.name] += sure.height
        return read_once(path, context, frame)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(FastPath, "read", read_twice)
        yield simple


def read_site_checked(root: Path, most: int) -> Counter[str]:
    """Read so many posts of a site; return how many rows each fast path answered by expressions."""
    site = read_site(root)
    entries = scan(site).entries
    with checked() as simple:
        posts.read(site, entries.sample(min(most, entries.height), seed=1), NOW)
    return simple


TEMPLATES = [
    "/:categories/:year/:month/:day/:title:output_ext",
    "/:year/:title/:hour",
    "/:slug/:title/:title",
    "/p/./:title..html",
    "/p.:title",
    "/x:categories-:year/:title",
    "/:categories:title/:categories",
    "/:categories/:slugified_categories/:title",
    "/:moon",
]
DEFAULTS: list[dict[str, object]] = [
    {},
    {"layout": "post", "author": "x"},
    {"permalink": "/d/:year/:title/", "layout": 7},
    {"permalink": "/:hour/:title"},
    {"permalink": False},
    {"tags": ["a"]},
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
        *("categories: a b a", "categories: [B, b]", "categories: 1", "category: A", "categories: ['/']"),
        *("categories: ['/a', b/c]", "categories: [.., a.b]", "categories: ['']", "categories: 新闻 财经"),
        *("categories: ['新:x']", "tags: [x, 1, true]", "tag: x y", "tags:"),
    ]
)
OTHER = st.sampled_from(
    [
        *("published: false", "published: true", "permalink: /x/:title", "permalink: 7", "permalink: no", "permalink:"),
        *("excerpt: e", "excerpt: no", "excerpt_separator: o", "slug: s", "author: someone", "# note", ""),
        *("title:", "title: no", 'title: "财经"', 'title:   " a "  ', "title: é b  ", "layout:", "layout: 7"),
    ]
)
POSTS = st.lists(st.one_of(DATES, TERMS, OTHER), max_size=5, unique_by=lambda line: line.partition(":")[0]).map(
    lambda lines: "---\n" + "".join(f"{line}\n" for line in lines)
)
NAMES = st.sampled_from(
    [
        *("2022-04-15-a-b", "2022-04-15-A_b", "2022-02-30-x", "2023-03-12--x-", "2022-04-15-财", "2022-04-15-！"),
        *("2022-04-15-한국어 (a)", "2022-04-15-财:x", "2022-04-15-a&b~c", "2022-04-15-%é", "2022-04-15-a.b.c"),
        *("2022-04-15-.net", "2022-04-15-a..b", "2022-04-15-a.", "0000-01-01-a", "1582-10-10-a", "22-4-15-a"),
    ]
)
BODY_STARTS = st.sampled_from(
    ["---\nOne.\n\nTwo.", "---\n\nOne.", "---\n\n\n One", "--- \nOne", "...\nOne", "---", "One"]
)
FOLDERS = st.sampled_from(["_posts", "news/_posts", "v1.0/B/_posts"])


@settings(max_examples=60, deadline=None)
@given(
    made=st.lists(st.tuples(FOLDERS, NAMES, st.one_of(POSTS, HEADS), BODY_STARTS), min_size=5, max_size=40),
    template=st.sampled_from(TEMPLATES),
    timezone=st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "America/St_Johns"]),
    defaults=st.sampled_from(DEFAULTS),
)
def test_generated_posts(
    made: list[tuple[str, str, str, str]], template: str, timezone: str, defaults: dict[str, object]
) -> None:
    usual = (Default("", None, defaults),)
    site = Site(Path("/"), Path("/"), "site", permalink=template, timezone=timezone, defaults=usual)
    documents = [
        Document(f"{folder}/{name}.md", "posts", head + body, 0, len(head)) for folder, name, head, body in made
    ]
    with checked():
        tables = read(Batch(Rules.of(site, CLOCK), documents))
    assert tables["posts"].height + tables["rejected"].height == len(documents)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_generated_bodies(seed: int) -> None:
    bodies, chance = generated(seed, 8_000), random.Random(seed)
    frame = pl.DataFrame(
        {"body": bodies, "cut": [cut_of(body, chance) for body in bodies]}, {"body": pl.String(), "cut": pl.Int64()}
    )
    frame = frame.with_columns(
        row=pl.int_range(pl.len(), dtype=pl.Int32), markup=pl.lit("markdown"), has_liquid=pl.lit(False)
    )
    with checked() as simple:
        BODIES.read(DEFAULT, frame)
    assert simple["bodies"] > 500


def test_the_sample_goes_through_every_fast_path() -> None:
    for module in walk_packages(pipelines.__path__, "pipelines."):
        if module.name.startswith(("pipelines.jekyll.", "pipelines.markdown.", "pipelines.normalise.")):
            import_module(module.name)
    simple = read_site_checked(SAMPLE, 1_000)
    assert simple.keys() == REGISTRY.keys()
    assert min(simple.values()) > 0


@pytest.mark.parametrize("name", ["edge", "fatihhayri", "freifunk-muc", "haacked", "swift-org", "teahouse"])
def test_real_sites(name: str, tmp_path: Path) -> None:
    material = shared()
    if material is None:
        pytest.skip("no shared material: set BACKFILE_SHARED")
    for _, folder, _ in sites(material, tmp_path, name):
        simple = read_site_checked(folder, 300)
        assert simple["posts"] > 20


# The combinator.

TEXT = pl.String()


def test_rows_are_in_order_whoever_answers_them() -> None:
    path = FastPath[None](
        "test",
        ("a",),
        {"one": {"b": TEXT}, "many": {"c": TEXT}},
        lambda _, frame: {
            "one": frame.filter(pl.col("a") != "x").select("row", b="a"),
            "many": pl.DataFrame(schema={"row": pl.Int32(), "c": TEXT}),
        },
        lambda _, a: {"one": [(a + "!",)], "many": [("1",), ("2",)]},
    )
    del REGISTRY["test"]
    frame = pl.DataFrame({"row": [0, 1, 2], "a": ["x", "y", "x"]}, {"row": pl.Int32(), "a": TEXT})
    tables = path.read(None, frame)
    assert tables["one"].rows() == [(0, "x!"), (1, "y"), (2, "x!")]
    assert tables["many"].rows() == [(0, "1"), (0, "2"), (2, "1"), (2, "2")]


def test_a_failure_is_no_answer_unless_it_is_of_cost() -> None:
    frame = pl.DataFrame({"a": ["1", "x", None, "1"]}, {"a": TEXT})
    assert by_distinct(frame, ["a"], {"n": pl.Int64()}, lambda a: (int(a),))["n"].to_list() == [1, None, None, 1]

    def costly(_: object) -> tuple[int]:
        raise TooCostlyError

    with pytest.raises(TooCostlyError):
        by_distinct(frame, ["a"], {"n": pl.Int64()}, costly)
    with pytest.raises(TooCostlyError):
        one_row("t", costly)("1")
