"""SQL files with a short header: the report models and the audits. Here they are read; others run them.

    -- title: Posts by day
    -- purpose: Posts by local day.
    -- chart: bar day posts
    -- column day: Local date
    SELECT …

Header lines are `-- key: value` or `-- column name: description`, above the SQL. The file's name is its name.
A model's header has title and purpose, and may have `chart: MARK X Y [SERIES]` (columns; see MARKS) and
`materialize: table` for a view that would be slow. An audit's has description, severity and perhaps threshold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
MARKS: Final = {
    "bar": "vertical bars over x",
    "line": "a line over x",
    "rank": "horizontal bars of the first rows, x the label",
    "heat": "x and y are the axes, series the number",
}
"""What a chart can be drawn with."""

_MODEL: Final = re.compile(r"\breports\.(\w+)")
_HEADER: Final = re.compile(r"--\s*(?:(column)\s+)?(\w+):\s*(.*)")


@dataclass(frozen=True)
class Chart:
    """How a model's rows are drawn: which columns stand where."""

    mark: str
    """One of `MARKS`."""
    x: str
    y: str
    series: str | None = None
    """A line or colour for each of its values; the number of a heat map."""


@dataclass(frozen=True)
class Query:
    """One SQL file."""

    name: str
    sql: str
    """The statement alone, without header and final semicolon."""
    header: dict[str, str]
    columns: dict[str, str]
    """Descriptions by column."""

    @property
    def title(self) -> str:
        """A model's name for people."""
        return self.header["title"]

    @property
    def purpose(self) -> str:
        """A model's use, in a sentence or two."""
        return self.header["purpose"]

    @property
    def chart(self) -> Chart | None:
        """How a model is drawn; None where a table says it better."""
        written = self.header.get("chart")
        return Chart(*written.split()) if written else None

    @property
    def is_table(self) -> bool:
        """Whether the model is stored with each build, as its view would be slow."""
        return self.header.get("materialize") == "table"


def read_query(path: Path) -> Query:
    """The file's header and statement.

    Raises:
        ValueError: a line of the header cannot be read, or no statement follows.
    """
    header: dict[str, str] = {}
    columns: dict[str, str] = {}
    lines = path.read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        if not line.startswith("--"):
            statement = "\n".join(lines[number:]).strip().removesuffix(";")
            if statement:
                return Query(path.stem, statement, header, columns)
            break
        found = _HEADER.fullmatch(line)
        if found is None:
            raise ValueError(f"{path.name}:{number + 1}: a header line is '-- key: value'")
        (columns if found[1] else header)[found[2]] = found[3].strip()
    raise ValueError(f"{path.name}: no statement after the header")


def models() -> list[Query]:
    """The report models, by name."""
    return [read_query(path) for path in sorted((FOLDER / "models").glob("*.sql"))]


def in_order(found: Iterable[Query]) -> list[Query]:
    """The models, each after those that it builds on: the `reports.…` that its statement names.

    Raises:
        graphlib.CycleError: models that build on each other.
    """
    by_name = {model.name: model for model in found}
    needs = {name: set(_MODEL.findall(model.sql)) & by_name.keys() for name, model in by_name.items()}
    return [by_name[name] for name in TopologicalSorter(needs).static_order()]


def audits() -> list[Query]:
    """The audits, by name."""
    return [read_query(path) for path in sorted((FOLDER / "checks").glob("*.sql"))]
