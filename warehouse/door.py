"""The door for Python: a published build, read-only, as Polars frames or Arrow tables.

from warehouse import open_warehouse

with open_warehouse("data/my-blog") as warehouse:
    posts = warehouse.posts()
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from warehouse import publish
from warehouse.connection import connect, identifier
from warehouse.manifest import WarehouseError

if TYPE_CHECKING:
    import duckdb
    import polars as pl
    import pyarrow as pa

Parameters = Sequence[Any] | Mapping[str, Any]

_TABLES: Final = """
    SELECT CASE schema_name WHEN 'main' THEN '' ELSE schema_name || '.' END || name FROM (
        SELECT schema_name, table_name AS name FROM duckdb_tables() WHERE database_name = 'warehouse'
        UNION ALL
        SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = 'warehouse' AND NOT internal
    )
    WHERE schema_name IN ('main', 'reports')
    ORDER BY schema_name, name
"""


class Warehouse:
    """One build of a warehouse, open for reading. `open_warehouse` makes it; `close`, or the end of `with`, ends it."""

    folder: Final[Path]
    """The warehouse's folder."""
    build: Final[Path]
    """The build's folder, resolved once: all that is read is of this build, whatever is published meanwhile."""
    connection: Final[duckdb.DuckDBPyConnection]
    """DuckDB's own connection, for everything that is not here. It can write nothing to the build."""

    def __init__(self, folder: Path, build: Path) -> None:
        self.folder = folder
        self.build = build
        self._open = ExitStack()
        self.connection = self._open.enter_context(connect(build / publish.DATABASE))

    def __repr__(self) -> str:
        return f"<Warehouse {self.folder}, build {self.build_id}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection. Frames and tables that were fetched stay usable."""
        self._open.close()

    @property
    def build_id(self) -> str:
        """The build's name: when it began, in UTC, and a random ending."""
        return self.build.name

    def builds(self) -> list[str]:
        """Return the names of the builds that are kept, the newest last."""
        return [build.name for build in publish.kept(self.folder)]

    def as_of(self, build_id: str) -> Warehouse:
        """Open a kept build by its name or the beginning of it, on a connection of its own.

        Raises:
            WarehouseError: no kept build has that name, or more than one.
        """
        kept = publish.kept(self.folder)
        found = [build for build in kept if build.name == build_id] or [
            build for build in kept if build.name.startswith(build_id)
        ]
        if len(found) != 1:
            said = f"{len(found)} builds begin with {build_id}" if found else f"no build {build_id} is kept"
            raise WarehouseError(f"{said}; kept are {', '.join(build.name for build in kept) or 'none'}")
        return _opened(self.folder, found[0])

    def tables(self) -> list[str]:
        """Return the names that `frame` and `arrow` take: tables, then reports as `reports.NAME`."""
        return [name for (name,) in self.connection.execute(_TABLES).fetchall()]

    def frame(self, table: str) -> pl.DataFrame:
        """Return a whole table or report as a Polars frame.

        Raises:
            WarehouseError: there is no such table.
        """
        return self.sql(self._whole(table))

    def arrow(self, table: str) -> pa.Table:
        """Return a whole table or report as an Arrow table.

        Raises:
            WarehouseError: there is no such table.
        """
        rows: pa.Table = self._rows(self._whole(table)).to_arrow_table()
        return rows

    def sql(self, query: str, parameters: Parameters = ()) -> pl.DataFrame:
        """Return the result of a query as a Polars frame; `?` or `$name` in the query stand for the parameters.

        Raises:
            duckdb.Error: DuckDB cannot run the query.
            WarehouseError: there is no statement in the query.
        """
        frame: pl.DataFrame = self._rows(query, parameters).pl()
        return frame

    def posts(self) -> pl.DataFrame:
        """Return every post, a row each, in order of publication; docs/tables.md lists the columns."""
        return self.sql("FROM posts ORDER BY published_at, path")

    def search(self, words: str, limit: int | None = None) -> pl.DataFrame:
        """Return the posts with all these words in title, excerpt or text, best first.

        `-word` excludes, quotes hold a phrase; case, width, traditional and simplified Chinese do not matter.
        """
        return self.sql("FROM search($words) LIMIT $limit", {"words": words, "limit": limit})

    def _rows(self, query: str, parameters: Parameters = ()) -> duckdb.DuckDBPyRelation:
        relation = self.connection.sql(query, params=parameters)
        if relation is None:
            raise WarehouseError("there is no statement in the query")
        return relation

    def _whole(self, table: str) -> str:
        """Return the query for the whole table."""
        known = self.tables()
        if table not in known:
            near = get_close_matches(table, known, n=3) or known
            raise WarehouseError(f"no table {table} in build {self.build_id}; there are {', '.join(near)}")
        return f"FROM {identifier(table)}"


def open_warehouse(folder: str | PathLike[str]) -> Warehouse:
    """Open the published build of the warehouse in this folder, read-only.

    `current` is resolved here, once: open the warehouse again to see a later build.

    Raises:
        WarehouseError: the folder holds no published build, or its database cannot be opened.
    """
    path = Path(folder).absolute()
    build = publish.current(path)
    if build is None:
        what = "holds no published build" if path.is_dir() else "is no folder"
        raise WarehouseError(f"{path} {what}; make a warehouse with `backfile build SITE --warehouse {path}`")
    return _opened(path, build)


def _opened(folder: Path, build: Path) -> Warehouse:
    import duckdb  # noqa: PLC0415  for its errors; `connect` brings it

    try:
        return Warehouse(folder, build)
    except duckdb.Error as error:
        why = str(error).partition("\n")[0]
        raise WarehouseError(f"the database of {build} cannot be opened ({why}); `backfile build` mends it") from None
