"""The models' first rows, as people are shown them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse import database, queries
from warehouse.publish import DATABASE
from warehouse.queries import Query


@dataclass(frozen=True)
class Result:
    """One model with its first rows."""

    model: Query
    count: int
    """Rows in all."""
    columns: dict[str, str]
    """DuckDB types by column."""
    rows: list[tuple[Any, ...]]


def results(build: Path, first: int) -> Iterator[Result]:
    """Every model of the build's database, with at most `first` rows."""
    with database.connect(build / DATABASE) as connection:
        for model in queries.models():
            view = database.identifier(f"reports.{model.name}")
            count = connection.execute(f"SELECT count(*) FROM {view}").fetchone()
            answer = connection.execute(f"SELECT * FROM {view} LIMIT {int(first)}")
            columns = {column[0]: str(column[1]) for column in answer.description or []}
            yield Result(model, count[0] if count else 0, columns, answer.fetchall())
