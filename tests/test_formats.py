"""Values as JSON and as CSV that a spreadsheet may open."""

import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from pipelines import formats


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "\0x", "＝1", "＋1", "－1", "＠x"]
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert formats.harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", " =1", "'=1", "1-1", "气候", "\\=1"])
def test_other_text_stays(text: str) -> None:
    assert formats.harmless(text) == text


@pytest.mark.parametrize("text", [*formats.FORMULA, "a", "'", "\\", "]", "x\n=1", ""], ids=repr)
def test_the_database_guards_as_we_do(text: str, connection: duckdb.DuckDBPyConnection) -> None:
    guarded = formats.csv_column("$1", "VARCHAR", raw=False)
    assert connection.execute(f"SELECT {guarded}", [text]).fetchall() == [(formats.harmless(text),)]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (datetime(2022, 4, 15, 12, tzinfo=UTC), "2022-04-15T12:00:00+00:00"),
        (date(2022, 4, 15), "2022-04-15"),
        ({"a": [date(2022, 4, 15), None]}, {"a": ["2022-04-15", None]}),
        (Decimal("1.50"), 1.5),
        (Decimal(12345678901234567890), 12345678901234567890),
        (float("nan"), None),
        (b"\x00\xff", "00ff"),
        (timedelta(days=1), "1 day, 0:00:00"),
        ("\x1b[31m", "\x1b[31m"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_json_knows_every_value(value: Any, said: Any) -> None:
    assert json.loads(formats.to_json(value)) == said


def test_names_that_come_again_are_numbered(connection: duckdb.DuckDBPyConnection) -> None:
    assert formats.names(connection.execute("SELECT 1 AS a, 2 AS a, 3 AS a_1, 4 AS a")) == ["a", "a_1", "a_1_1", "a_2"]


def test_csv_quotes_as_rfc_4180_says(connection: duckdb.DuckDBPyConnection) -> None:
    stream = io.StringIO()
    result = connection.execute("""SELECT 'a,"b"' AS "=x", E'two\nlines' AS y, NULL AS z, [1, 2] AS l, true AS t""")
    formats.write_csv(result, stream, guard=formats.harmless)
    assert stream.getvalue() == '\'=x,y,z,l,t\n"a,""b""","two\nlines",,"[1, 2]",true\n'
