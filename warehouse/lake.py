"""The Parquet lake of one build: where a table's files lie, writing and reading them, carrying over unchanged months.

What is in the tables is said in `contracts`; which months are due, and when a build is begun or published, elsewhere.

    lake/<table>/month=YYYY-MM/0000.parquet    month tables, in parts, each sorted by its key
    lake/<table>/data.parquet                  whole-archive tables
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa

from warehouse import contracts

COMPRESSION_LEVEL: Final = 3
"""zstd. Level 1 is a third cheaper to write and a third larger with bodies; 9 costs four times as much for 7 % less."""


def folder(build: Path, table: str) -> Path:
    """Where the table's files lie below the build's folder."""
    return build / "lake" / table


def part(build: Path, table: str, month: str, number: int) -> Path:
    """The file of one part of one month."""
    return folder(build, table) / f"month={month}" / f"{number:04d}.parquet"


def parts(build: Path, table: str, month: str | None = None) -> list[Path]:
    """The table's files, in order; of one month where it is given."""
    where = folder(build, table)
    if table not in contracts.MONTHLY:
        return [where / "data.parquet"] if (where / "data.parquet").exists() else []
    return sorted(where.glob(f"month={month or '*'}/*.parquet"))


@cache
def _arrow_schema(table: str) -> pa.Schema:
    """Without `month`, with every description, so that readers of a single file see what a column is."""
    columns = contracts.TABLES[table].columns()
    fields = contracts.empty(table).drop("month", strict=False).to_arrow().schema
    return pa.schema([field.with_metadata({"description": columns[field.name].description or ""}) for field in fields])


def write(table: str, checked: pl.DataFrame, target: Path) -> None:
    """Write rows that were found to keep their contract as one new file; a month table's without `month`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)  # of a step tried before; never written through, it may be a link
    checked.write_parquet(
        target,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        arrow_schema=_arrow_schema(table),
        metadata={"table": table, "description": contracts.description(table)},
    )


def write_part(build: Path, table: str, month: str, number: int, frame: pl.DataFrame) -> None:
    """Write one part of one month.

    Raises:
        contracts.ContractError: the frame breaks the contract; nothing is written.
    """
    write(table, contracts.check(table, frame).drop("month"), part(build, table, month, number))


def write_table(build: Path, table: str, frame: pl.DataFrame) -> None:
    """Write a whole-archive table.

    Raises:
        contracts.ContractError: the frame breaks the contract; nothing is written.
    """
    write(table, contracts.check(table, frame), folder(build, table) / "data.parquet")


def scan(build: Path, table: str, month: str | None = None) -> pl.LazyFrame:
    """The table, or one month of it, lazily; columns as in the contract, `month` taken from the folders' names."""
    files = parts(build, table, month)
    if not files:
        return contracts.empty(table).lazy()
    if table not in contracts.MONTHLY:
        return pl.scan_parquet(files, glob=False)
    return _scan_monthly(table, files)


def scan_parts(build: Path, table: str, numbered: Iterable[tuple[str, int]]) -> pl.LazyFrame:
    """Some parts of a month table, given as month and number, lazily; columns as in the contract."""
    return _scan_monthly(table, [part(build, table, month, number) for month, number in numbered])


def _scan_monthly(table: str, files: list[Path]) -> pl.LazyFrame:
    if not files:
        return contracts.empty(table).lazy()
    return pl.scan_parquet(
        files,
        glob=False,
        hive_partitioning=True,
        hive_schema={"month": pl.String},
        try_parse_hive_dates=False,
    ).select(list(contracts.polars_schema(table)))


def rows(build: Path, table: str, month: str, paths: pl.Series) -> pl.DataFrame:
    """The month's rows of the given paths, sorted by path as they were written.

    The parts of a month are sorted by path, so that Parquet's statistics leave out those that hold none of them.
    """
    if paths.is_empty():
        return contracts.empty(table)
    wanted = pl.col("path").is_between(pl.lit(paths.min()), pl.lit(paths.max())) & pl.col("path").is_in(paths.implode())
    return scan(build, table, month).filter(wanted).collect()


def place(source: Path, target: Path) -> None:
    """Let `target` be the unchanged `source`: a hard link, or a copy where the file system knows none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def carry(previous: Path, build: Path, table: str, without: frozenset[str] = frozenset()) -> None:
    """Take the table over from the previous build, all months but those named."""
    for source in parts(previous, table):
        if source.parent.name.removeprefix("month=") not in without:
            place(source, build / source.relative_to(previous))
