"""SQL files: a short header, then one statement."""

from pathlib import Path

import pytest

from warehouse import contracts, queries


def written(folder: Path, text: str) -> Path:
    path = folder / "model.sql"
    path.write_text(text)
    return path


def test_header_and_statement(tmp_path: Path) -> None:
    found = queries.read_query(written(tmp_path, "-- purpose: Why\n-- column a: What a is\nSELECT 1 AS a;\n"))
    assert (found.name, found.header, found.columns, found.sql) == (
        "model",
        {"purpose": "Why"},
        {"a": "What a is"},
        "SELECT 1 AS a",
    )


def test_comments_within_the_statement_stay(tmp_path: Path) -> None:
    assert queries.read_query(written(tmp_path, "-- purpose: x\nSELECT 1\n-- not a header\n")).sql.endswith(
        "-- not a header"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("-- no colon\nSELECT 1\n", "model.sql:1: a header line"),
        ("-- purpose: x\n", "no statement"),
        ("", "no statement"),
    ],
    ids=["header", "no-statement", "empty"],
)
def test_what_is_wrong_is_told(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=told):
        queries.read_query(written(tmp_path, text))


MODEL = """-- title: Posts by day
-- purpose: How much.
-- chart: line day posts tag
-- materialize: table
-- column day: Local date
SELECT 1 AS day
"""


def test_a_model_says_what_it_is_and_how_it_is_drawn(tmp_path: Path) -> None:
    found = queries.read_query(written(tmp_path, MODEL))
    assert (found.title, found.purpose, found.chart, found.is_table) == (
        "Posts by day",
        "How much.",
        queries.Chart("line", "day", "posts", "tag"),
        True,
    )


def test_a_model_need_not_be_drawn_or_stored(tmp_path: Path) -> None:
    found = queries.read_query(written(tmp_path, "-- title: Posts\n-- purpose: x\nSELECT 1\n"))
    assert (found.chart, found.is_table) == (None, False)


@pytest.mark.parametrize("model", queries.models(), ids=lambda model: model.name)
def test_every_model_has_a_title_and_a_purpose(model: queries.Query) -> None:
    assert model.title
    assert model.purpose.endswith(".")


@pytest.mark.parametrize("model", queries.models(), ids=lambda model: model.name)
def test_every_chart_is_drawn_from_columns(model: queries.Query) -> None:
    chart = model.chart
    assert chart is None or chart.mark in queries.MARKS
    assert chart is None or {chart.x, chart.y, chart.series} - {None} <= model.columns.keys()


@pytest.mark.parametrize("model", queries.models(), ids=lambda model: model.name)
def test_every_model_is_a_view_or_a_table(model: queries.Query) -> None:
    assert model.header.keys() <= {"title", "purpose", "chart", "materialize"}
    assert model.header.get("materialize", "table") == "table"


def test_no_model_hides_a_table() -> None:
    assert not {model.name for model in queries.models()} & contracts.TABLES.keys()


@pytest.mark.parametrize("audit", queries.audits(), ids=lambda audit: audit.name)
def test_every_audit_says_what_it_finds_and_how_bad_it_is(audit: queries.Query) -> None:
    assert audit.header["description"]
    assert audit.header["severity"] in {"error", "warn"}
