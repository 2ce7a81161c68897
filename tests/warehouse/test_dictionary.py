"""The data dictionary: up to date, whole, and true of the sample's database."""

import re
from pathlib import Path

import pytest

from tests import documents
from tests.tables import post, table, write_lake
from warehouse import contracts, database, dictionary, queries, shown
from warehouse.connection import connect


def test_the_page_is_up_to_date(sample: Path) -> None:
    assert documents.TABLES.read_text("utf-8") == documents.tables(sample), "run `make docs`"


def test_every_example_is_of_the_database(sample: Path) -> None:
    with documents.opened(sample) as connection:
        seen = dictionary.seen(connection, "posts")
        found = connection.execute("SELECT count(*) FROM posts WHERE path = ?", [seen.example["path"]]).fetchone()
    assert found == (1,)


def test_types_are_those_of_the_contract(sample: Path) -> None:
    with documents.opened(sample) as connection:
        assert {name: dictionary.seen(connection, name).types for name in contracts.TABLES} == {
            name: shown.columns(name) for name in contracts.TABLES
        }


@pytest.mark.parametrize("model", queries.models(), ids=lambda model: model.name)
def test_every_column_of_a_report_is_described(model: queries.Query, sample: Path) -> None:
    with documents.opened(sample) as connection:
        assert list(dictionary.seen(connection, f"reports.{model.name}").types) == list(model.columns)


@pytest.mark.parametrize("join", dictionary.JOINS, ids=lambda join: f"{join.left}-{join.right}-{join.on[-1][1]}")
def test_tables_join_as_the_diagram_says(join: dictionary.Join, sample: Path) -> None:
    """Each end of the line, counted on the sample: how many partners a row has."""
    on = " AND ".join(f"l.{left} = r.{right}" for left, right in join.on)
    left_end, right_end = join.ends.split("--")
    with documents.opened(sample) as connection:
        for one, other, end, side in ((join.left, join.right, right_end, "l"), (join.right, join.left, left_end, "r")):
            first, second = (one, other) if side == "l" else (other, one)
            partner = "r" if side == "l" else "l"
            partners = connection.execute(
                f"SELECT DISTINCT count({partner}) FROM {first} AS l "
                f"{'LEFT' if side == 'l' else 'RIGHT'} JOIN {second} AS r ON {on} GROUP BY {side}"
            ).fetchall()
            counts = {count for (count,) in partners}
            assert ("o" in end) or 0 not in counts, f"a row of {one} without {other}"
            assert ("{" in end or "}" in end) or max(counts) <= 1, f"a row of {one} with several of {other}"


def test_the_diagram_names_columns_that_exist() -> None:
    tables = re.findall(r"^    (\w+) \{\n(.*?)^    \}", dictionary.diagram(), re.MULTILINE | re.DOTALL)
    drawn = {name: dict(reversed(line.split()[:2]) for line in body.splitlines()) for name, body in tables}
    assert drawn
    for name, columns in drawn.items():
        assert columns.items() <= shown.columns(name).items()


def test_what_a_post_says_cannot_break_the_page(tmp_path: Path) -> None:
    """Titles are other people's: bars, backticks, tags and line ends stay one cell of code."""
    row = post("_posts/2022-04-15-a.md", title="a | b `c`\n<script>alert(1)</script>")
    write_lake(tmp_path, posts=table("posts", row))
    with connect(database.stage(tmp_path, None)) as connection:
        page = dictionary.page({name: dictionary.seen(connection, name) for name in contracts.TABLES}, [])
    line = next(line for line in page.splitlines() if line.startswith("| `title`"))
    assert line.endswith("| `` a \\| b `c` <script>alert(1)</script> `` |")


def test_an_example_is_short() -> None:
    seen = dictionary.Seen({"title": "VARCHAR"}, {"title": "長" * 500})
    model = queries.Query("x", "SELECT 1", {"title": "X", "purpose": "Why."}, {"title": "Its title"})
    tables = {name: dictionary.Seen({}, {}) for name in contracts.TABLES} | {"reports.x": seen}
    assert f"`{'長' * (dictionary.SHOWN - 1)}…`" in dictionary.page(tables, [model])
