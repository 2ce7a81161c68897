"""The Parquet lake of one build: where a table's files lie, writing and reading them, carrying over unchanged years.

`contracts` says what the tables hold; other modules decide which months are due and when to begin or publish a build.

    lake/<table>/year=YYYY/data.parquet       a table with months: a year of at most `PART_FILES` files
    lake/<table>/year=YYYY/MM-NNNN.parquet    a larger year: its months, each in parts of at most `PART_FILES` files
    lake/<table>/data.parquet                 a whole-archive table

A part is named by its path below the table's folder; all tables of posts have the same parts.
Files without a month are in `year=undated`. Each Parquet file is sorted by its table's key.
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


PART_FILES: Final = 2_000
"""Files of the archive in a part at most: one changed post rewrites no more, and small months share a file."""

YEAR: Final = pl.col("month").str.split("-").list.first()
"""The year of a row, as `year` has it."""

_WHOLE: Final = "data.parquet"
_YEAR: Final = f"year={{}}/{_WHOLE}"
_MONTH: Final = "year={}/{}-{}.parquet"


def folder(build: Path, table: str) -> Path:
    """Where the table's files lie below the build's folder."""
    return build / "lake" / table


def year(month: str) -> str:
    """Return the year that the month is in: 'undated' for 'undated'."""
    return month.partition("-")[0]


def year_part(year: str) -> str:
    """Return the part that holds a whole year."""
    return _YEAR.format(year)


def month_part(month: str, number: int) -> str:
    """Return a part of a month in a larger year; numbers begin at 1."""
    return _MONTH.format(year(month), month.rpartition("-")[2], f"{number:04d}")


def period(part: str) -> str:
    """Return the year or month of the part's rows. A damaged manifest may name any part: its period has no rows."""
    folder, _, name = part.rpartition("/")
    year = folder.removeprefix("year=")
    return year if name == _WHOLE or year == contracts.UNDATED else f"{year}-{name.partition('-')[0]}"


def parted(files: pl.DataFrame) -> pl.DataFrame:
    """Return the files by `month` and `path`, each with its `part`, which covers a range of paths of each month.

    Args:
        files: all files of some years.
    """
    number = (pl.int_range(pl.len()).over("month") // PART_FILES + 1).cast(pl.String).str.zfill(4)
    of_month = pl.format(_MONTH, YEAR, pl.col("month").str.split("-").list.last(), number)
    is_large = pl.len().over(YEAR) > PART_FILES
    part = pl.when(is_large).then(of_month).otherwise(pl.format(_YEAR, YEAR))
    return files.sort("month", "path").with_columns(part=part)


def part(build: Path, table: str, name: str) -> Path:
    """Return the file of one part."""
    return folder(build, table) / name


def parts(build: Path, table: str, period: str | None = None) -> list[Path]:
    """Return the table's files, in order; only those that may hold rows of the period (a year or month) if given."""
    where = folder(build, table)
    if table not in contracts.MONTHLY:
        return [where / _WHOLE] if (where / _WHOLE).exists() else []
    year, _, month = (period or "*").partition("-")
    files = sorted(where.glob(f"year={year}/*.parquet"))
    return [file for file in files if file.name == _WHOLE or file.name.startswith(month)]


@cache
def _arrow_schema(table: str) -> pa.Schema:
    """Return the schema with every description, so that readers of a single file see what a column is."""
    columns = contracts.TABLES[table].columns()
    fields = contracts.empty(table).to_arrow().schema
    return pa.schema([field.with_metadata({"description": columns[field.name].description or ""}) for field in fields])


def write(table: str, checked: pl.DataFrame, target: Path) -> None:
    """Write rows that were found to keep their contract as one new file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)  # of a step tried before; never written through, it may be a link
    checked.write_parquet(
        target,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        arrow_schema=_arrow_schema(table),
        metadata={"table": table, "description": contracts.description(table)},
    )


def write_part(build: Path, table: str, name: str, frame: pl.DataFrame) -> None:
    """Write one part.

    Raises:
        contracts.ContractError: the frame breaks the contract; nothing is written.
    """
    write(table, contracts.check(table, frame), part(build, table, name))


def write_table(build: Path, table: str, frame: pl.DataFrame) -> None:
    """Write a whole table: as one file, or one for each year.

    Raises:
        contracts.ContractError: the frame breaks the contract; nothing is written.
    """
    if table not in contracts.MONTHLY:
        write_part(build, table, _WHOLE, frame)
        return
    for (of,), rows in contracts.check(table, frame).group_by(YEAR, maintain_order=True):
        write(table, rows, part(build, table, year_part(str(of))))


def scan(build: Path, table: str, period: str | None = None) -> pl.LazyFrame:
    """Return the table, or one year or month of it, lazily; columns as in the contract."""
    found = _scan(table, parts(build, table, period))
    return found.filter(pl.col("month").str.starts_with(period)) if period else found


def scan_parts(build: Path, table: str, names: Iterable[str]) -> pl.LazyFrame:
    """Return some parts of a table, lazily; columns as in the contract."""
    return _scan(table, [part(build, table, name) for name in names])


def _scan(table: str, files: list[Path]) -> pl.LazyFrame:
    return pl.scan_parquet(files, glob=False, hive_partitioning=False) if files else contracts.empty(table).lazy()


def rows(build: Path, table: str, months: Iterable[str], paths: pl.Series) -> pl.DataFrame:
    """Return the rows of the given paths, all of these months.

    The files are sorted by path, so that Parquet's statistics leave out those that hold none of them.
    """
    if paths.is_empty():
        return contracts.empty(table)
    wanted = pl.col("path").is_between(pl.lit(paths.min()), pl.lit(paths.max())) & pl.col("path").is_in(paths.implode())
    files = dict.fromkeys(file for month in sorted(months) for file in parts(build, table, month))
    return _scan(table, list(files)).filter(wanted).collect()


def place(source: Path, target: Path) -> None:
    """Let `target` be the unchanged `source`: a hard link, or a copy where the file system knows none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def carry(previous: Path, build: Path, table: str, without: frozenset[str] = frozenset()) -> None:
    """Take the table over from the previous build, all years but those named."""
    for source in parts(previous, table):
        if source.parent.name.removeprefix("year=") not in without:
            place(source, build / source.relative_to(previous))
