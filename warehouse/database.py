"""The DuckDB file of a build, staged from its lake alone: tables, views, report models, descriptions.

Tables hold the rows of the lake; large ones (bodies) are views over the build's lake. Schema `stored` has the tables
that people see joined (terms with their canonical ids, links with the posts they lead to) and those that others are
made from. Schema `reports` has the models.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from warehouse import contracts, lake, link_targets, queries, search
from warehouse.connection import connect, identifier, literal
from warehouse.publish import DATABASE
from warehouse.shown import INTERNAL, SOURCE_COLUMNS, TERM_VIEWS, columns, descriptions, full_name

LOADED: Final = {
    "files": "main.files",
    "posts": "main.posts",
    "post_headings": "main.post_headings",
    "post_code_blocks": "main.post_code_blocks",
    "post_categories": "stored.post_categories",
    "post_tags": "stored.post_tags",
    "post_links": "stored.post_links",
    "changes": "main.changes",
}
"""Tables with months that the database holds, and where."""

OF_POSTS: Final = tuple(table for table in LOADED if table != "changes")
"""Those whose rows are told by the path of their file."""

LEFT_IN_LAKE: Final = {"post_bodies": "stored.post_bodies", **{table: full_name(table) for table in INTERNAL}}
"""Tables with months that the database has as views over the build's lake, and where."""

WHOLE: Final = tuple(table for table in contracts.TABLES if table not in contracts.MONTHLY)
_Stats = dict[str, list[tuple[int, int]]]
"""Sizes and mtimes by part."""


def _stats(build: Path, table: str) -> _Stats:
    """Size and mtime of the table's parts, and of those that are loaded with them: equal for carried files."""
    found: _Stats = {}
    for source in ("posts", "post_sources") if table == "posts" else (table,):
        for path in lake.parts(build, source):
            stat = path.stat()
            part = f"{path.parent.name}/{path.name}"
            found.setdefault(part, []).append((stat.st_size, stat.st_mtime_ns))
    return found


@dataclass(frozen=True)
class _Change:
    """How a table differs between two builds' lakes: the old files of the parts that are gone or differ, and the new
    ones."""

    gone: list[Path]
    come: list[Path]
    parts: int
    """Of the new build."""

    @property
    def is_most(self) -> bool:
        return len(self.come) * 2 > self.parts


def _change(build: Path, previous: Path, table: str) -> _Change:
    new, old = _stats(build, table), _stats(previous, table)

    def unlike(where: Path, these: _Stats, those: _Stats) -> list[Path]:
        return [lake.part(where, table, part) for part in sorted(these) if these[part] != those.get(part)]

    return _Change(unlike(previous, old, new), unlike(build, new, old), len(new))


def _is_most(touched: pl.Series, build: Path) -> bool:
    return touched.len() * 2 > int(lake.scan(build, "files").select(pl.len()).collect().item())


def _read_parquet(files: list[Path]) -> str:
    names = ", ".join(literal(str(path)) for path in files)
    return f"read_parquet([{names}], hive_partitioning = false)"


def _select(table: str, files: list[Path]) -> str:
    """The statement that reads these files of the table from the lake."""
    if table != "posts":
        return f"SELECT * FROM {_read_parquet(files)}"
    # Both hold the same posts in the same order, a row a post: side by side, without a join that would have to be
    # sorted again, and so held in memory.
    shown, beside = _shown_sources(), _read_parquet(_beside(files))
    return (
        f"SELECT post.*, {shown} FROM {_read_parquet(files)} AS post "
        f"POSITIONAL JOIN (SELECT path AS source_path, {shown} FROM {beside}) "
        "WHERE CASE WHEN path = source_path THEN true ELSE error('posts and post_sources differ') END"
    )


def _beside(files: list[Path]) -> list[Path]:
    """The files of `post_sources` beside these of `posts`."""
    return [path.parents[2] / "post_sources" / path.parent.name / path.name for path in files]


def _shown_sources() -> str:
    return ", ".join(map(identifier, SOURCE_COLUMNS))


def _create_tables(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    connection.execute("CREATE SCHEMA IF NOT EXISTS stored")
    for table in tables:
        place, shown = LOADED[table], columns(table)
        if place.startswith("stored."):
            shown = {name: shown[name] for name in contracts.polars_schema(table)}
        body = ", ".join(f"{identifier(name)} {kind}" for name, kind in shown.items())
        connection.execute(f"CREATE TABLE {identifier(place)} ({body})")


def _load(connection: duckdb.DuckDBPyConnection, table: str, files: list[Path]) -> None:
    if files:
        connection.execute(f"INSERT INTO {identifier(LOADED[table])} BY NAME {_select(table, files)}")


def _replace_rows(connection: duckdb.DuckDBPyConnection, table: str, change: _Change) -> None:
    """Replace the rows of touched paths in parts that differ: a part that came out as it was keeps its rows."""
    place, files = identifier(LOADED[table]), change.come
    if change.gone:
        paths = f"SELECT path FROM {_read_parquet(change.gone)} SEMI JOIN touched USING (path)"
        connection.execute(f"DELETE FROM {place} WHERE path IN ({paths})")
    if not files:
        return
    rows = f"SELECT * FROM {_read_parquet(files)} SEMI JOIN touched USING (path)"
    if table == "posts":
        beside = _read_parquet(_beside(files))
        sources = f"SELECT path, {_shown_sources()} FROM {beside} SEMI JOIN touched USING (path)"
        rows = f"SELECT * FROM ({rows}) JOIN ({sources}) USING (path)"
    connection.execute(f"INSERT INTO {place} BY NAME {rows}")


def _replace_parts(connection: duckdb.DuckDBPyConnection, table: str, change: _Change) -> None:
    """Let the rows of what is gone go, by their keys; load what has come."""
    place = identifier(LOADED[table])
    key = ", ".join(identifier(name) for name in contracts.TABLES[table].primary_key())
    if change.gone:
        connection.execute(f"DELETE FROM {place} WHERE ({key}) IN (SELECT {key} FROM {_read_parquet(change.gone)})")
    _load(connection, table, change.come)


def _load_whole(connection: duckdb.DuckDBPyConnection, build: Path) -> None:
    for table in WHOLE:
        files = lake.parts(build, table)
        body = ", ".join(f"{identifier(name)} {kind}" for name, kind in columns(table).items())
        connection.execute(f"CREATE OR REPLACE TABLE {identifier(table)} ({body})")
        if files:
            connection.execute(f"INSERT INTO {identifier(table)} BY NAME {_select(table, files)}")


_OWN_EXCERPT: Final = "(SELECT front_matter ->> '$.excerpt' FROM posts WHERE posts.path = body.path)"
_BODIES: Final = (
    f"SELECT *, coalesce(left(text, excerpt_characters::INTEGER), {_OWN_EXCERPT}, '') AS excerpt "
    "FROM stored.post_bodies AS body"
)
"""The query of the view `post_bodies`: the lake's rows with their excerpts."""


def _create_views(connection: duckdb.DuckDBPyConnection, build: Path) -> None:
    for table, (key, keys, term_id) in TERM_VIEWS.items():
        shown = ", ".join(f"term.{identifier(name)}" for name in contracts.polars_schema(table))
        connection.execute(
            f"CREATE OR REPLACE VIEW {identifier(table)} AS SELECT {shown}, canonical.{identifier(term_id)} "
            f"FROM {identifier(LOADED[table])} AS term "
            f"LEFT JOIN {identifier(keys)} AS canonical USING ({identifier(key)})"
        )
    connection.execute(
        "CREATE OR REPLACE VIEW post_links AS SELECT link.*, target.target_path, target.target_url "
        f"FROM {identifier(LOADED['post_links'])} AS link "
        f"LEFT JOIN stored.link_targets AS target ON target.target = {link_targets.TARGET}"
    )
    shown = ", ".join(identifier(name) for name in contracts.polars_schema("post_sources"))
    connection.execute(f"CREATE OR REPLACE VIEW post_sources AS SELECT {shown} FROM posts")
    for table, place in LEFT_IN_LAKE.items():
        in_lake = {name: columns(table)[name] for name in contracts.polars_schema(table)}
        if lake.parts(build, table):
            shown = ", ".join(map(identifier, in_lake))
            rows = f"SELECT {shown} FROM {_read_parquet([lake.folder(build, table) / '*' / '*.parquet'])}"
        else:
            nothing = ", ".join(f"NULL::{kind} AS {identifier(name)}" for name, kind in in_lake.items())
            rows = f"SELECT {nothing} WHERE false"
        connection.execute(f"CREATE OR REPLACE VIEW {identifier(place)} AS {rows}")
    connection.execute(f"CREATE OR REPLACE VIEW post_bodies AS {_BODIES}")


def _create_models(connection: duckdb.DuckDBPyConnection) -> None:
    """Schema `reports` anew: no model that is gone stays, nor a view that is a table now."""
    connection.execute("DROP SCHEMA IF EXISTS reports CASCADE")
    connection.execute("CREATE SCHEMA reports")
    for model in queries.in_order(queries.models()):
        kind, name = "TABLE" if model.is_table else "VIEW", identifier(f"reports.{model.name}")
        try:
            connection.execute(f"CREATE {kind} {name} AS {model.sql}")
        except duckdb.Error as error:
            error.add_note(f"in the model {model.name}")
            raise
        _describe(connection, kind, name, model.purpose, model.columns)


def _describe(
    connection: duckdb.DuckDBPyConnection, kind: str, name: str, purpose: str, columns: Mapping[str, str]
) -> None:
    """Comments on the table or view `name`, quoted already, and on its columns."""
    said = [f"COMMENT ON {kind} {name} IS {literal(purpose)}"]
    said += [f"COMMENT ON COLUMN {name}.{identifier(column)} IS {literal(text)}" for column, text in columns.items()]
    connection.execute(";\n".join(said))


def _comment(connection: duckdb.DuckDBPyConnection) -> None:
    views = {*TERM_VIEWS, *LEFT_IN_LAKE, "post_links", "post_sources"}
    for table in contracts.TABLES:
        kind = "VIEW" if table in views else "TABLE"
        _describe(connection, kind, identifier(full_name(table)), contracts.description(table), descriptions(table))
        place = (LOADED | LEFT_IN_LAKE).get(table, table)
        if place.startswith("stored.") and place != full_name(table):
            said = {name: descriptions(table)[name] for name in contracts.polars_schema(table)}
            kind = "VIEW" if table in LEFT_IN_LAKE else "TABLE"
            _describe(connection, kind, identifier(place), f"The rows of {table} as in the lake", said)
    _describe(connection, "TABLE", "stored.link_targets", link_targets.DESCRIPTION, link_targets.COLUMNS)


def _create_search(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(search.statements())
    connection.execute(f"COMMENT ON MACRO TABLE search IS {literal(search.DESCRIPTION)}")


def _copy(source: Path, target: Path) -> None:
    """Copy within the kernel: where the file system can (XFS, Btrfs) the two files share what neither changes, so that
    an hour's builds do not fill the disk with databases."""
    try:
        with source.open("rb") as old, target.open("wb") as new:
            while os.copy_file_range(old.fileno(), new.fileno(), 1 << 30):
                pass
    except (AttributeError, OSError):  # not every system and file system knows it
        shutil.copyfile(source, target)


def stage(build: Path, previous: Path | None, touched: pl.Series | None = None, *, root: str = "") -> Path:
    """Make the build's database from its lake; returns its path.

    Where the previous build's folder is given, its database is copied and only what differs is replaced: the rows of
    the touched paths, or the parts whose Parquet files differ, all parts of a table where most do. Otherwise, or when
    most of the posts differ, all is loaded anew.

    Args:
        touched: paths, where only their rows can be others than in the previous build; unknown without.
        root: the path below which the site's pages lie, "/blog"; not in posts' urls, but in those that lead to them.
    """
    target = build / DATABASE
    target.unlink(missing_ok=True)
    changes = {table: _change(build, previous, table) for table in LOADED} if previous else {}
    if changes and (changes["posts"].is_most if touched is None else _is_most(touched, build)):
        changes = {}
    by_rows = OF_POSTS if changes and touched is not None else ()
    anew = [table for table in LOADED if not changes or (changes[table].is_most and table not in by_rows)]
    if previous and changes:
        _copy(previous / DATABASE, target)
    with connect(target, read_only=False) as connection:
        connection.execute(f"SET temp_directory = {literal(str(build / 'temporary'))}")
        if changes and anew:
            for table in anew:
                connection.execute(f"DROP TABLE {identifier(LOADED[table])}")
            connection.execute("CHECKPOINT warehouse")  # what they took of the file is free now
        if by_rows and touched is not None:
            connection.execute("CREATE TEMP TABLE touched AS SELECT unnest(?) AS path", [touched.to_list()])
        connection.begin()  # each statement alone would wait for the disk
        _create_tables(connection, anew)
        for table in LOADED:
            if table in anew:
                _load(connection, table, lake.parts(build, table))
            elif table in by_rows:
                _replace_rows(connection, table, changes[table])
            else:
                _replace_parts(connection, table, changes[table])
        connection.commit()
        _load_whole(connection, build)
        link_targets.load(connection, root)
        connection.begin()  # some hundred statements: each alone would wait for the disk
        _create_views(connection, build)
        _comment(connection)
        _create_models(connection)
        if not changes:  # a copied database has it: it is the same until the code is another
            _create_search(connection)
        connection.commit()
        connection.execute("CHECKPOINT warehouse")
    shutil.rmtree(build / "temporary", ignore_errors=True)
    return target
