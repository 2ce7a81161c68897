"""Charts: what is drawn of odd rows, and that nothing of a post leaves its text."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from warehouse.queries import MARKS, Query
from warehouse.report import charts
from warehouse.report.periods import PERIODS, together
from warehouse.report.pictures import drawn as picture

HOSTILE = "</text></svg><script>alert(1)</script>&\x00\x08\x1b\ufffe<image href='http://x.example'/>"
SVG = "{http://www.w3.org/2000/svg}"
MONTHS = [(f"2022-{month:02}", month) for month in range(1, 8)]


def model(chart: str) -> Query:
    return Query("model", "", {"title": "Title", "purpose": "Purpose", "chart": chart} if chart else {}, {})


def drawn(chart: str, columns: str, rows: list[tuple[Any, ...]], **more: Any) -> ElementTree.Element:
    text = charts.svg(model(chart), columns.split(), rows, **more)
    assert text is not None
    return ElementTree.fromstring(text)


def titles(root: ElementTree.Element) -> list[str]:
    """What is said of the marks."""
    return [node.text or "" for node in root.iter(f"{SVG}title")][1:]


def texts(root: ElementTree.Element) -> list[str]:
    return [node.text or "" for node in root.iter(f"{SVG}text")]


def test_a_model_without_a_chart_has_none() -> None:
    assert charts.svg(model(""), ["a", "b"], [(1, 2)] * 9) is None


@pytest.mark.parametrize("mark", sorted(MARKS))
@pytest.mark.parametrize(
    "rows",
    [[], [("a", 1, 1)], [("a", 0, 0), ("b", 0, 0), ("c", 0, 0)], [(None, 1, 1), ("a", None, None), ("b", 2, 2)]],
    ids=["none", "one", "nothing", "nulls"],
)
def test_too_few_rows_have_none(mark: str, rows: list[tuple[Any, ...]]) -> None:
    if mark == "line" and len(rows) == 3 and rows[0][0] == "a":
        rows = rows[:2]  # a line along the ground is one
    assert charts.svg(model(f"{mark} x y n"), ["x", "y", "n"], rows) is None


@pytest.mark.parametrize(
    ("chart", "rows"),
    [
        ("bar x n", [(f"{at}{HOSTILE}", "", at) for at in range(1, 5)]),
        ("bar x n y", [(f"{at}", f"{at}{HOSTILE}", at) for at in range(1, 5)]),
        ("line x n y", [(f"{at}", HOSTILE, at) for at in range(1, 5)]),
        ("rank x n", [(f"{at}{HOSTILE}", "", at) for at in range(1, 5)]),
        ("heat x y n", [(f"{at}", f"{at}{HOSTILE}", at) for at in range(1, 5)]),
    ],
    ids=["bar", "bar of groups", "line", "rank", "heat"],
)
def test_text_stays_text(chart: str, rows: list[tuple[Any, ...]]) -> None:
    root = drawn(chart, "x y n", rows, title=HOSTILE)
    assert {node.tag.partition("}")[2] for node in root.iter()} <= {"svg", "g", "path", "line", "rect", "text", "title"}
    assert not [key for node in root.iter() for key in node.attrib if key.startswith("on") or "href" in key]
    assert not [key for node in root.iter() for key in node.attrib if key in ("style", "class", "id", "clip-path")]
    assert any("<script>" in text for text in texts(root) + titles(root))


def test_it_says_what_it_shows() -> None:
    root = drawn("bar month posts", "month posts", MONTHS, title="Posts by month")
    assert root.get("role") == "img"
    assert root.findtext("{*}title") == "Posts by month"
    assert titles(root) == [f"{month}: {posts}" for month, posts in MONTHS]


def test_values_are_shown_as_the_page_shows_them() -> None:
    root = drawn("bar month posts", "month posts", MONTHS, label=lambda column, value: f"{column}={value}")
    assert titles(root)[0] == "2022-01: posts=1"


def test_colours_follow_the_page() -> None:
    root = drawn("bar month posts", "month posts", MONTHS)
    fills = {node.get("fill", "none") for node in root.iter() if node.tag.endswith(("path", "text"))}
    assert all(fill == "none" or fill.startswith("var(--") for fill in fills)


def test_rows_in_any_order_are_drawn_by_time() -> None:
    assert titles(drawn("bar month posts", "month posts", MONTHS[::-1])) == titles(
        drawn("bar month posts", "month posts", MONTHS)
    )


def test_what_is_no_period_is_left_out() -> None:
    rows = [*MONTHS, ("undated", 5), ("2022-13", 5)]
    assert len(titles(drawn("bar month posts", "month posts", rows))) == len(MONTHS)


def test_two_of_one_name_have_a_bar_each() -> None:
    root = drawn("rank name posts", "name posts", [("same", 3), ("same", 2), ("other", 1)])
    assert titles(root) == ["same: 3", "same: 2", "other: 1"]


def test_a_rank_is_the_first_rows() -> None:
    rows = [(f"n{at}", 100 - at) for at in range(50)]
    assert titles(drawn("rank name posts", "name posts", rows)) == [f"n{at}: {100 - at}" for at in range(charts.RANKED)]


def test_what_has_no_colour_of_its_own_is_one() -> None:
    rows = [(f"2022-0{month}", 10 - at, f"g{at}") for month in range(1, 5) for at in range(10)]
    root = drawn("bar month posts group", "month posts group", rows)
    assert len(titles(root)) == 4 * charts.SERIES
    assert f"2022-01, {charts.REST}: 15" in titles(root)


@pytest.mark.parametrize(
    ("column", "step", "said"),
    [("month", 31, "2020, a: 12"), ("week", 7, "2020-02, a: 4"), ("day", 1, "2020-02, a: 29")],
    ids=["months", "weeks", "days"],
)
def test_coloured_bars_that_would_be_too_thin_are_by_a_longer_period(column: str, step: int, said: str) -> None:
    months = [f"{2018 + at // 12}-{at % 12 + 1:02}" for at in range(120)]
    days = [str(date(2020, 1, 6) + timedelta(days=step * at)) for at in range(120)]
    rows = [(x, 1, group) for x in (months if column == "month" else days) for group in "ab"]
    assert said in titles(drawn(f"bar {column} posts group", f"{column} posts group", rows))


def test_the_largest_groups_have_a_line() -> None:
    rows = [(f"2022-0{month}", at, f"g{at}") for month in range(1, 5) for at in range(1, 11)]
    shown = texts(drawn("line month posts group", "month posts group", rows))
    assert [text for text in shown if text.startswith("g")] == ["g10", "g9", "g8", "g7", "g6", "g5"]


def test_all_hours_of_a_heat_map_have_a_cell() -> None:
    rows = [(day, hour, 1) for day in ("Monday", "Tuesday") for hour in (1, 2, 3)] + [("Tuesday", 4, 9)]
    assert len(titles(drawn("heat hour day posts", "day hour posts", rows))) == 8


def test_bars_few_and_far_between_are_a_table() -> None:
    rows = [(date(2022, 1, 1) + timedelta(days=60 * at), 1) for at in range(6)]
    assert charts.svg(model("bar day posts"), ["day", "posts"], rows) is None


@pytest.mark.parametrize(
    ("period", "values", "first", "last"),
    [
        ("month", ["2022-01", "2022-03"], "2022-01", "2022-03"),
        ("month", ["0198-04", "2021-12", "2022-01"], "2021-12", "2022-01"),
        ("month", ["2021-12", "2022-01", "2199-01"], "2021-12", "2022-01"),
        ("month", ["1990-01", "1999-01", "2012-01"], "1990-01", "2012-01"),
        ("month", ["1985-01", *(f"{year}-01" for year in range(1990, 2026))], "1995-02", "2025-01"),
        ("week", ["2022-04-11", "2022-04-25"], "2022-04-11", "2022-04-25"),
        ("day", ["2022-02-28", "2022-03-01"], "2022-02-28", "2022-03-01"),
        ("year", ["1999", "2003"], "1999", "2003"),
    ],
    ids=["months", "long ago", "far ahead", "years between", "too many", "weeks", "days", "years"],
)
def test_which_periods_are_drawn(period: str, values: list[str], first: str, last: str) -> None:
    of = PERIODS[period]
    span = together(of, {index for value in values if (index := of.index(value)) is not None})
    assert (of.name(span[0]), of.name(span[-1])) == (first, last)


@pytest.mark.parametrize(
    ("column", "rows", "named"),
    [
        ("month", MONTHS, ["2022-01", "2022-03", "2022-05", "2022-07"]),
        (
            "month",
            [(f"{2010 + at // 12}-{at % 12 + 1:02}", 1) for at in range(60)],
            ["2010", "2011", "2012", "2013", "2014"],
        ),
        ("day", [(date(2022, 1, 20) + timedelta(days=at), 1) for at in range(80)], ["2022-02", "2022-03", "2022-04"]),
        ("day", [(date(2022, 1, 30) + timedelta(days=at), 1) for at in range(4)], ["01-30", "01-31", "02-01", "02-02"]),
    ],
    ids=["months", "years", "months of days", "days"],
)
def test_places_along_the_axis_are_named_by_what_there_are(
    column: str, rows: list[tuple[Any, ...]], named: list[str]
) -> None:
    shown = texts(drawn(f"bar {column} posts", f"{column} posts", rows))
    assert [text for text in shown if "-" in text or len(text) == 4] == named


def test_nothing_is_fetched() -> None:
    with pytest.raises(PermissionError, match="not allowed"):
        picture({"data": {"url": "http://127.0.0.1:9/x.json"}, "mark": "bar", "encoding": {}}, "t")
