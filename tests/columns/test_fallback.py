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

SAMPLE = Path(pipelines.__file__).parent / "sample"
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
DECIDING = 4
"""Defaults from here on leave nothing to expressions."""
DATES = [
    *(
        f"date: {day}{time}{zone}"
        for day in ("2023-03-12", "2023-03-11", "1971-12-31", "1900-01-01", "2023-02-30", "2999-12-31")
        for time in ("", " 00:00:00", " 23:59:59", " 09:59:60", " 24:00:00", " 2:03", " 10:00:00")
        for zone in ("", " +0800", " -1130", " +2500", " Z", "Z", " +08:00")
    ),
    *["date: 2023-03-12 10:00:00", "date: 1972-01-06 10:00:00 +0100", "date: 2023-03-26 22:30:00"] * 20,
    *("date:", "date: yes", "date: 1", "date: [2022-01-01]", "date: 'March 3'"),
]
TERMS = [
    *("categories: a b a", "categories: [B, b]", "categories: 1", "category: A", "categories: ['/']", "tags: x y"),
    *("categories: ['/a', b/c]", "categories: [.., a.b]", "categories: ['']", "categories: 新闻 财经", "tag: x y"),
    *("categories: ['新:x']", "tags: [x, 1, true]", "tags:", "tags: []"),
]
OTHER = [
    *("published: false", "published: true", "permalink: /x/:title", "permalink: 7", "permalink: no", "permalink:"),
    *("excerpt: e", "excerpt: no", "excerpt_separator: o", "slug: s", "author: someone", "# note", "", "- x", " x: y"),
    *("title:", "title: no", 'title: "财经"', 'title:   " a "  ', "title: é b  ", "title: a # b", 'title: "a" b'),
    *(
        "title: a: b",
        "title: ½",
        "title: No",
        'title: "a\\n"',
        "title: a\tb",
        "title: a\x85b",
        'title: a"b\\c',
        "title: 1",
    ),
    *("layout:", "layout: 7", "layout: post", "date : x", "x: \ufeff", "y: 1_000", "z: 'it''s'", "...", "--- a"),
]
NAMES = [
    *("2022-04-15-a-b", "2022-04-15-A_b", "2022-02-30-x", "2023-03-12--x-", "2022-04-15-财", "2022-04-15-！"),
    *("2022-04-15-한국어 (a)", "2022-04-15-财:x", "2022-04-15-a&b~c", "2022-04-15-%é", "2022-04-15-a.b.c"),
    *("2022-04-15-.net", "2022-04-15-a..b", "2022-04-15-a.", "0000-01-01-a", "1582-10-10-a", "22-4-15-a"),
    *("2022-04-15-a.！", "2022-04-15-！.b", "2023-03-12-c"),
]
BODIES_AFTER = ["---\nOne.\n\nTwo.", "---\n\nOne.", "---\n\n\n One", "--- \nOne", "...\nOne", "---", "One"]
FOLDERS = ["_posts", "news/_posts", "v1.0/B/_posts", "2022-04-15-a-b.md/_posts"]
ZONES = ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/St_Johns"]


def head(chance: random.Random) -> str:
    lines = [chance.choice(OTHER) for _ in range(chance.randint(0, 3))]
    lines += [chance.choice(pool) for pool in (DATES, TERMS) if chance.random() < 0.6]
    if chance.random() < 0.9:
        lines = list({line.partition(":")[0]: line for line in lines}.values())
    return "---\n" + "".join(f"{line}\n" for line in lines)


def check_posts(site: Site, heads: list[str], chance: random.Random) -> Counter[str]:
    """Read posts with these heads under random names; return how many rows each fast path answered."""
    documents = [
        Document(f"{chance.choice(FOLDERS)}/{name}.md", "posts", (text + chance.choice(BODIES_AFTER)).encode(), 0)
        for text, name in zip(heads, chance.choices(NAMES, k=len(heads)), strict=True)
    ]
    with checked() as simple:
        tables = read(Batch(Rules.of(site, CLOCK), documents))
    assert tables["posts"].height + tables["rejected"].height == len(documents)
    return simple


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("number", range(len(DEFAULTS)))
def test_generated_posts(template: str, number: int) -> None:
    chance = random.Random(template + str(number))
    usual = (Default("", None, DEFAULTS[number]),)
    site = Site(
        Path("/"), Path("/"), "site", permalink=template, timezone=chance.choice(ZONES), defaults=usual, future=True
    )
    simple = check_posts(site, [head(chance) for _ in range(400)], chance)
    assert simple["posts"] > 20 or template == "/:moon" or number >= DECIDING


@settings(max_examples=30, deadline=None)
@given(heads=st.lists(HEADS, min_size=10, max_size=40), seed=st.integers(0, 100))
def test_odd_front_matter(heads: list[str], seed: int) -> None:
    check_posts(Site(Path("/"), Path("/"), "site"), heads, random.Random(seed))


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
