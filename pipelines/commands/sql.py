"""`backfile sql`: one query on the published database, shown as a table or written for other programs."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pipelines import terminal
from pipelines.commands.errors import clear_errors, leave
from pipelines.commands.published import asking, demand_outside, find_build, find_warehouse, warehouse_options

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SHOWN: Final = 40
"""Rows of a table for people, unless all are asked for."""
COUNTED: Final = 10_000
"""So many further rows are counted to say how many there are."""

ROW_GROUP: Final = 10_240
"""Rows of Parquet that are held at a time."""

WAY_OUT: Final = "--csv, --json and --parquet FILE write what a query gives; --unsafe lets QUERY do all that you may do"

CATALOGUE: Final = """
    SELECT CASE schema_name WHEN 'main' THEN '' ELSE schema_name || '.' END || name AS name, description
    FROM (
        SELECT schema_name, table_name AS name, comment AS description, 1 AS place FROM duckdb_tables()
        WHERE database_name = 'warehouse'
        UNION ALL
        SELECT schema_name, view_name, comment, 1 FROM duckdb_views() WHERE database_name = 'warehouse' AND NOT internal
        UNION ALL
        SELECT schema_name, function_name || '(''words'')', comment, 2 FROM duckdb_functions()
        WHERE database_name = 'warehouse' AND function_type = 'table_macro'
    )
    WHERE schema_name IN ('main', 'reports')
    ORDER BY schema_name, place, name
"""


@click.command()
@click.argument("query", required=False)
@click.option("--file", "-f", type=click.Path(path_type=Path), help="Read the query from this file.")
@click.option("--all", "everything", is_flag=True, help=f"Show all rows, not the first {SHOWN}.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV; text that a spreadsheet would run gets an apostrophe.")
@click.option("--raw", is_flag=True, help="With --csv: texts as they are.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array of objects, one a line.")
@click.option("--parquet", type=click.Path(path_type=Path), metavar="FILE", help="Write Parquet to FILE.")
@click.option("--force", is_flag=True, help="With --parquet: replace FILE.")
@click.option("--unsafe", is_flag=True, help="Let QUERY read and write files, and use the network.")
@warehouse_options
def sql(
    query: str | None,
    file: Path | None,
    everything: bool,
    as_csv: bool,
    raw: bool,
    as_json: bool,
    parquet: Path | None,
    force: bool,
    unsafe: bool,
    site: Path | None,
    warehouse: Path | None,
) -> None:
    """Run QUERY on the published database and show what it gives.

    QUERY is SQL as DuckDB knows it; from standard input if it is - or missing; without any, the tables and reports are
    listed. Of several statements, --csv, --json and --parquet write what the last one gives. QUERY can't write to the
    database, nor read or write any file but the build's own, unless --unsafe says so: then it may do all that you may.
    Exit code 1 for DuckDB's errors, 2 where no query could be run.
    """
    if as_csv + as_json + (parquet is not None) > 1:
        leave("--csv, --json and --parquet exclude each other")
    if (raw and not as_csv) or (force and parquet is None):
        leave("--raw goes with --csv, and --force with --parquet")
    from pipelines.commands.targets import demand_free, whole
    from warehouse.connection import confine, refused_word

    with clear_errors():
        statement = _statement(query, file)
        folder = find_warehouse(site, warehouse)
        build = find_build(folder)
        if parquet is not None:
            demand_outside(parquet, folder)
            demand_free([parquet], force=force)
    with ExitStack() as opened:
        unfinished = opened.enter_context(whole(parquet)) if parquet is not None else None
        connection = opened.enter_context(asking(build))
        if not unsafe:
            confine(connection, build, unfinished)
        statements = connection.extract_statements(statement or CATALOGUE)
        if not statements:
            leave("there is no statement in the query")
        for each in () if unsafe else statements:
            if word := refused_word(each):
                leave(f"{word} may reach files: {WAY_OUT}")
        if unfinished is not None:
            _write_parquet(connection, statement or CATALOGUE, unfinished)
            return
        import duckdb

        from pipelines import formats

        limit = None if everything or not statement else SHOWN
        *first, last = statements
        for each in first:
            result = connection.execute(each)
            if each.expected_result_type == [duckdb.ExpectedResultType.QUERY_RESULT] and not (as_csv or as_json):
                _show(result, limit)
        result = connection.execute(last)
        if as_csv:
            guard = str if raw else formats.harmless
            shown = (lambda text: terminal.plain(guard(text))) if sys.stdout.isatty() else guard
            formats.write_csv(result, sys.stdout, guard=shown)
        elif as_json:
            formats.write_json(formats.names(result), formats.rows(result), sys.stdout)
        else:
            _show(result, limit)
    if not statement and sys.stdout.isatty():
        terminal.say("Ask one with backfile sql 'FROM posts LIMIT 10'; backfile sql 'DESCRIBE posts' says its columns.")


def _statement(query: str | None, file: Path | None) -> str:
    """The query from where it is; empty where there is none."""
    if query not in (None, "-") and file is not None:
        leave("give a query or --file, not both")
    try:
        if file is not None:
            query = file.read_text("utf-8")
        elif query == "-" or (query is None and not sys.stdin.isatty()):
            query = sys.stdin.read()
        query = (query or "").strip()
        query.encode()
    except UnicodeError as error:
        leave(f"the query is not UTF-8: {error}")
    return query


def _show(result: DuckDBPyConnection, limit: int | None) -> None:
    """The first rows as a table; what is not shown is said beside it."""
    from pipelines import formats, tables

    every = formats.rows(result)
    first = list(islice(every, limit))
    left_out = tables.table(formats.names(result), first)
    more = sum(1 for _ in islice(every, COUNTED + 1))
    if left_out:
        terminal.say(f"… {len(left_out)} more columns: {', '.join(left_out)}", file=sys.stderr)
    if more:
        count = f"{more:,}" if more <= COUNTED else f"over {COUNTED:,}"
        terminal.say(f"… {count} more rows; --all shows them, --csv, --json and --parquet write them", file=sys.stderr)


def _write_parquet(connection: DuckDBPyConnection, statement: str, target: Path) -> None:
    relation = connection.sql(statement)
    if relation is None:
        leave("--parquet: the query gives no rows to write")
    relation.write_parquet(str(target), compression="zstd", row_group_size=ROW_GROUP)  # more rows hold more memory
