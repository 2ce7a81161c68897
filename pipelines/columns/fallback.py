"""The one way to build a fast path: expressions answer the rows that are simple, Python answers the others.

Every fast path is registered under its name, and one test asserts for each that both ways agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import polars as pl

from pipelines.allowance import TooCostlyError

Context = TypeVar("Context")
Schema = Mapping[str, pl.DataType]
Tables = dict[str, pl.DataFrame]
_SEPARATOR: Final = "\x1f"
Answer = Mapping[str, Sequence[tuple[Any, ...]]]
"""The rows that Python adds to each table for one row of the input."""

REGISTRY: Final[dict[str, FastPath[Any]]] = {}
ROWS: Final[Counter[str]] = Counter()
SIMPLE: Final[Counter[str]] = Counter()
"""How many rows each fast path got in this process, and how many of them its expressions answered."""


@dataclass(frozen=True)
class FastPath(Generic[Context]):
    """A function of a frame with two ways to answer: by expressions where a row is simple, else by Python."""

    name: str
    inputs: tuple[str, ...]
    """The columns on which an answer depends."""
    tables: Mapping[str, Schema]
    """The tables of the answer. Each also has `row`, the number of the input's row."""
    fast: Callable[[Context, pl.DataFrame], Tables]
    """Answers rows that are surely simple; each of them has exactly one row in the first table."""
    slow: Callable[..., Answer]
    """Answers one row, given the context and the inputs."""

    def __post_init__(self) -> None:
        REGISTRY[self.name] = self

    def read(self, context: Context, frame: pl.DataFrame) -> Tables:
        """Return the tables for a frame that has `row` and the inputs. Rows of a table are in the order of `row`."""
        tables = self.fast(context, frame)
        others = frame.join(tables[next(iter(self.tables))], on="row", how="anti", maintain_order="left")
        ROWS[self.name] += frame.height
        SIMPLE[self.name] += frame.height - others.height
        if others.is_empty():
            return tables
        slow = self.answered_slowly(context, others)
        return {name: pl.concat([tables[name], slow[name]]).sort("row", maintain_order=True) for name in self.tables}

    def answered_slowly(self, context: Context, frame: pl.DataFrame) -> Tables:
        """Return what Python answers for every row of a frame."""
        found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in self.tables}
        for number, *inputs in frame.select("row", *(pl.col(name).alias(f"in {name}") for name in self.inputs)).rows():
            for name, rows in self.slow(context, *inputs).items():
                found[name] += [(number, *row) for row in rows]
        return {name: framed({"row": frame.schema["row"], **self.tables[name]}, rows) for name, rows in found.items()}

    def add(self, context: Context, frame: pl.DataFrame) -> pl.DataFrame:
        """Add the columns of the only table to a frame, worked out once for each distinct row of the inputs.

        Rows without an answer have nulls.
        """
        distinct = frame.select(self.inputs).unique().with_row_index("row")
        [table] = self.read(context, distinct).values()
        known = distinct.join(table, on="row", how="left").drop("row")
        return frame.join(known, on=self.inputs, how="left", nulls_equal=True, maintain_order="left")


def framed(schema: Schema, rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    """Return rows as a frame. Numbers stand for instants (microseconds) and dates (days), both since 1970."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pl.DataFrame(
        [_series(name, dtype, values) for (name, dtype), values in zip(schema.items(), columns, strict=True)]
    )


def _series(name: str, dtype: pl.DataType, values: Sequence[Any]) -> pl.Series:
    if dtype.is_temporal():
        return pl.Series(name, values, pl.Int32 if dtype == pl.Date else pl.Int64).cast(dtype)
    if not isinstance(dtype, pl.List) or any(part is None or _SEPARATOR in "".join(part) for part in values):
        return pl.Series(name, values, dtype)
    # Polars would make a series of each list. To cut joined texts apart costs a tenth.
    joined = pl.Series(name, [_SEPARATOR.join(part) if part else None for part in values], pl.String)
    return joined.str.split(_SEPARATOR).fill_null([])


def by_distinct(
    frame: pl.DataFrame, inputs: Sequence[str | pl.Expr], schema: Schema, function: Callable[..., tuple[Any, ...]]
) -> pl.DataFrame:
    """Add to a frame the columns that a function gives for each distinct row of the inputs; null where it fails."""
    places: dict[tuple[Any, ...], int] = {}
    at = pl.Series([places.setdefault(row, len(places)) for row in frame.select(inputs).rows()], dtype=pl.UInt32)
    answers = framed(schema, [attempt(function, *row) or (None,) * len(schema) for row in places])
    return frame.hstack(answers.select(pl.all().gather(at)))


Answered = TypeVar("Answered")


def attempt(function: Callable[..., Answered], *arguments: Any) -> Answered | None:
    """Return the function's answer; None if it fails, so that the general way says why.

    Raises:
        TooCostlyError: the work took more than it may.
    """
    try:
        return function(*arguments)
    except TooCostlyError:
        raise
    except Exception:
        return None


def one_row(table: str, function: Callable[..., tuple[Any, ...]]) -> Callable[..., Answer]:
    """Return a slow way that answers with one row of a table; with none if the function fails."""

    def slow(*arguments: Any) -> Answer:
        row = attempt(function, *arguments)
        return {} if row is None else {table: [row]}

    return slow
