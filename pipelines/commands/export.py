"""`backfile export`: tables and reports of the published database as files, one a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pipelines import terminal
from pipelines.commands.errors import clear_errors, leave
from pipelines.commands.published import asking, demand_outside, find_build, find_warehouse, warehouse_options
from pipelines.commands.targets import demand_free, whole

if TYPE_CHECKING:
    import duckdb

OPTIONS: Final = {
    "csv": "FORMAT csv, HEADER",
    "jsonl": "FORMAT json",
    "parquet": "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10240",
}
"""DuckDB's options of a format, by its name, which is its files' ending too."""

MEMORY: Final = "1GB"
"""What DuckDB may hold while it copies: enough for the largest rows, and no slower than with more."""

CATALOGUE: Final = """
    SELECT schema_name, name FROM (
        SELECT schema_name, table_name AS name FROM duckdb_tables() WHERE database_name = 'warehouse'
        UNION ALL
        SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = 'warehouse' AND NOT internal
    )
    WHERE schema_name IN ('main', 'reports')
    ORDER BY ALL
"""


@dataclass(frozen=True)
class Exported:
    """What became of a table."""

    table: str
    file: str
    rows: int
    bytes: int


@click.command()
@click.argument("tables", nargs=-1)
@click.option("--csv", type=click.Path(path_type=Path), metavar="DIR", help="Write CSV files into DIR.")
@click.option("--jsonl", type=click.Path(path_type=Path), metavar="DIR", help="Write files of JSON lines into DIR.")
@click.option("--parquet", type=click.Path(path_type=Path), metavar="DIR", help="Write Parquet files into DIR.")
@click.option("--raw", is_flag=True, help="With --csv: texts as they are, also those that a spreadsheet would run.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array of what was written, for programs.")
@warehouse_options
def export(
    tables: tuple[str, ...],
    csv: Path | None,
    jsonl: Path | None,
    parquet: Path | None,
    raw: bool,
    force: bool,
    as_json: bool,
    site: Path | None,
    warehouse: Path | None,
) -> None:
    """Export TABLES of the published database, one file each. [default: every table, but no report]

    A report is named reports.NAME; `reports` is all of them. In CSV, lists are JSON, and a text that a spreadsheet
    would run as a formula gets an apostrophe before it. What is there is not replaced unless --force says so, and a
    file is whole or not there at all.
    """
    given = {"csv": csv, "jsonl": jsonl, "parquet": parquet}
    chosen = {kind: folder for kind, folder in given.items() if folder is not None}
    if len(chosen) != 1:
        leave("into which files? give one of --csv DIR, --jsonl DIR and --parquet DIR")
    if raw and csv is None:
        leave("--raw goes with --csv")
    ((kind, folder),) = chosen.items()
    with clear_errors():
        place = find_warehouse(site, warehouse)
        build = find_build(place)
        demand_outside(folder, place)
        with asking(build) as connection:
            targets = {table: folder / f"{table}.{kind}" for table in _named(connection, tables)}
            demand_free(targets.values(), force=force)
            done = _export(connection, targets, kind, raw=raw)
    if as_json:
        terminal.say_json([asdict(one) for one in done])
        return
    for one in done:
        terminal.say(f"{one.rows:>12,} rows  {one.bytes / 1e6:>10,.1f} MB  {one.file}")


def _named(connection: duckdb.DuckDBPyConnection, names: tuple[str, ...]) -> list[str]:
    """The tables that are meant, as the catalogue calls them; those of reports with their schema."""
    every: dict[str, list[str]] = {"main": [], "reports": []}
    for schema, name in connection.execute(CATALOGUE).fetchall():
        every[schema].append(name if schema == "main" else f"{schema}.{name}")
    if not names:
        return every["main"]
    known = every["main"] + every["reports"]
    found: list[str] = []
    for name in names:
        plain = name.lower().removeprefix("main.")
        meant = every["reports"] if plain == "reports" else [one for one in known if plain in (one, one.split(".")[-1])]
        if not meant:
            near = get_close_matches(plain, [*known, *(one.split(".")[-1] for one in every["reports"])], 1)
            leave(f"there is no table {name}; " + (f"did you mean {near[0]}?" if near else "backfile sql lists them"))
        found += [one for one in (meant if plain == "reports" else meant[:1]) if one not in found]
    return found


def _export(connection: duckdb.DuckDBPyConnection, targets: dict[str, Path], kind: str, *, raw: bool) -> list[Exported]:
    """Write the tables, each streamed through: some thousands of its rows are held at a time."""
    from pipelines import progress
    from warehouse.connection import identifier, literal

    connection.execute(f"SET memory_limit = '{MEMORY}'")
    done = []
    with progress.bar("exporting", len(targets)) as advance:
        for table, target in targets.items():
            shown = ", ".join(_columns(connection, table, kind, raw=raw))
            with whole(target) as unfinished:
                query = f"SELECT {shown} FROM {identifier(table)}"  # noqa: S608  names go through its quoting
                statement = f"COPY ({query}) TO {literal(str(unfinished))} ({OPTIONS[kind]})"
                ((copied,),) = connection.execute(statement).fetchall()
            done.append(Exported(table, str(target), copied, target.stat().st_size))
            advance(1)
    return done


def _columns(connection: duckdb.DuckDBPyConnection, table: str, kind: str, *, raw: bool) -> Iterator[str]:
    """SQL of the table's columns as the format has them."""
    from pipelines import formats
    from warehouse.connection import identifier

    for name, dtype, *_ in connection.execute(f"DESCRIBE {identifier(table)}").fetchall():
        column = identifier(name)
        yield f"{formats.csv_column(column, dtype, raw=raw)} AS {column}" if kind == "csv" else column
