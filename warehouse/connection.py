"""Connections to a build's DuckDB file, and quoting for its SQL. How the file is made is said in `database`.

Light to import: who only asks the database needs neither contracts nor lake.
"""

from __future__ import annotations

import os
import re
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

ADJUSTABLE: Final = (
    "TimeZone", "Calendar", "default_order", "default_null_order", "preserve_insertion_order", "threads",
    "memory_limit",
)  # fmt: skip
"""Settings that a statement may change on a confined connection."""

_Type: Final = duckdb.StatementType
_HIDING: Final = frozenset({_Type.EXPLAIN, _Type.MULTI})
_HARMLESS: Final = frozenset({
    _Type.SELECT, _Type.SET, _Type.VARIABLE_SET, _Type.TRANSACTION,
    _Type.CREATE, _Type.ALTER, _Type.DROP, _Type.INSERT, _Type.UPDATE, _Type.DELETE, _Type.MERGE_INTO,
})  # fmt: skip
"""Types of statements that touch no file: those that write find only temporary tables to write to."""
_FILE_WORDS: Final = re.compile(
    r"\b(?:copy|export|import|attach|detach|install|load|prepare|execute|call|pragma)\b", re.IGNORECASE
)
_LAKE: Final = re.compile(r"'((?:[^']|'')+/lake)/[^/']+/\*/\*\.parquet'")
"""The lake's folder within a view's SQL, quotes doubled."""


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
    """Open the file for other people's statements: none of them can write to this database. `confine` closes the rest
    of the machine to them."""
    with closing(duckdb.connect(path, read_only=True)) as connection:
        _set(connection)
        yield connection


def confine(connection: duckdb.DuckDBPyConnection, build: Path, writable: Path | None = None) -> None:
    """Keep the connection from every file but the build's own and `writable`, from the network, from extensions and
    from variables of this process. No statement can undo it. Statements that `refused_word` lets through write nothing
    to the build's folder either."""
    connection.execute(f"SET allowed_directories = [{', '.join(literal(name) for name in _lakes(connection, build))}]")
    connection.execute(f"SET allowed_paths = [{literal(str(writable)) if writable else ''}]")
    connection.execute(f"SET allowed_configs = [{', '.join(map(literal, ADJUSTABLE))}]")
    for name in ("allow_community_extensions", "autoinstall_known_extensions", "autoload_known_extensions"):
        connection.execute(f"SET {name} = false")
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _lakes(connection: duckdb.DuckDBPyConnection, build: Path) -> set[str]:
    """Return the names of the build's lake: its own, and the name that its views use where links lead to it."""
    lake = build / "lake"
    views = connection.execute("SELECT sql FROM duckdb_views() WHERE NOT internal").fetchall()
    named = {name.replace("''", "'") for (sql,) in views for name in _LAKE.findall(sql)}
    return {str(lake), *(name for name in named if os.path.exists(name) and os.path.samefile(name, lake))}  # noqa: PTH110, PTH121  in a view's spelling


def refused_word(statement: duckdb.Statement) -> str | None:
    """Return the word for which a confined connection must not run the statement: it reads or writes files, or may hide
    a statement that does. DuckDB calls whatever holds a PIVOT several statements, also `COPY (PIVOT …) TO`; there, and
    in EXPLAIN, such a word is refused wherever it stands."""
    try:
        kind = statement.type
    except ValueError:  # newer than the client's names for types, as UPDATE EXTENSIONS
        return "a statement of this kind"
    if kind in _HIDING:
        found = _FILE_WORDS.search(statement.query)
        return found[0].upper() if found else None
    return None if kind in _HARMLESS else kind.name.partition("_")[0]


def _set(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    spill = Path(tempfile.gettempdir()) / f"backfile-{os.getpid()}"
    connection.execute(f"SET temp_directory = {literal(str(spill))}")
