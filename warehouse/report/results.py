"""The models' rows, as far as people are shown them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from warehouse import queries
from warehouse.connection import connect, identifier
from warehouse.publish import DATABASE
from warehouse.queries import Query

SHOWN_ROWS: Final = 168
"""Rows of a model that its table has at most: a week of hours."""
CHARTED: Final = 5_000
"""Rows that a chart is made of at most, the first ones."""
FEWEST_POSTS: Final = 10
"""Fewer published posts make no picture: their tables say all."""


@dataclass(frozen=True)
class Result:
    """One model with its first rows."""

    model: Query
    count: int
    """Rows in all."""
    columns: dict[str, str]
    """DuckDB types by column."""
    rows: list[tuple[Any, ...]]
    points: list[tuple[Any, ...]]
    """The rows of the model's chart (see `charts`): all but very many; none where it has no chart or posts are few."""


def results(build: Path) -> Iterator[Result]:
    """Every model of the build's database, by name, with its first rows. Each is run once."""
    with connect(build / DATABASE) as connection:
        posts = connection.execute("SELECT count(*) FROM posts WHERE state = 'published'").fetchall()[0][0]
        for model in queries.models():
            view = identifier(f"reports.{model.name}")
            connection.execute(f"CREATE OR REPLACE TEMP TABLE answer AS FROM {view}")
            count = connection.execute("SELECT count(*) FROM answer").fetchone()
            is_charted = model.chart is not None and posts >= FEWEST_POSTS
            answer = connection.execute(f"FROM answer LIMIT {CHARTED if is_charted else SHOWN_ROWS}")
            columns = {column[0]: str(column[1]) for column in answer.description or []}
            rows = answer.fetchall()
            yield Result(model, count[0] if count else 0, columns, rows[:SHOWN_ROWS], rows if is_charted else [])
