"""Connections to a build's DuckDB file, and quoting for its SQL. How the file is made is said in `database`.

Light to import: who only asks the database needs neither contracts nor lake.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import duckdb

STORAGE_VERSION: Final = "v1.4.0"
"""The oldest DuckDB whose clients can open the file."""

MEMORY: Final = "1GB"
"""What a build's connection holds at most, before it writes to disk; DuckDB would take four fifths of the machine's.
A million posts are staged as fast with it, in a quarter of the memory."""


def identifier(name: str) -> str:
    """The name quoted for SQL; `schema.table` is two names."""
    return ".".join('"' + piece.replace('"', '""') + '"' for piece in name.split("."))


def literal(text: str) -> str:
    """The text quoted for statements that take no parameters (views, comments)."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def connect(path: Path, *, read_only: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the file, times shown in UTC.

    The file is attached to a database in memory: `duckdb.connect(path)` would hand out the handle that the process
    still has on a file replaced since.
    """
    with closing(duckdb.connect(":memory:")) as connection:
        mode = "READ_ONLY" if read_only else f"STORAGE_VERSION {literal(STORAGE_VERSION)}"
        connection.execute(f"ATTACH {literal(str(path))} AS warehouse ({mode})")
        connection.execute("USE warehouse")
        connection.execute(f"SET memory_limit = {literal(MEMORY)}")
        _set(connection)
        yield connection


@contextmanager
def asking(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection for statements of others: nothing can be written to this database. Another that a statement attaches
    is as writable as its file."""
    with closing(duckdb.connect(path, read_only=True)) as connection:
        _set(connection)
        yield connection


def _set(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    spill = Path(tempfile.gettempdir()) / f"backfile-{os.getpid()}"
    connection.execute(f"SET temp_directory = {literal(str(spill))}")
