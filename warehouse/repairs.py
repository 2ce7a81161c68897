"""What a build starts from: the published build, or what is sound of it, mended from what else is kept.

Nothing published is touched: a damaged build is mended in a folder of its own, made of links to its sound files. What
is lost in the lake and cannot be made from the archive (`changes`, `builds`, what `files` held before) comes from
another kept build with the same content, or from a database. Noticing damage is `manifest`'s; which months are read
again for it is said here, reading them is not.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

import duckdb
import polars as pl

from warehouse import contracts, lake, publish
from warehouse.connection import connect, identifier
from warehouse.manifest import Manifest, WarehouseError, checksum, damaged, damaged_by_content, read_manifest

NAMED: Final = 20
"""Damaged files that are named one by one."""

REMEMBERED: Final = ("files", *contracts.HISTORY_TABLES)
"""Tables that tell what was: the archive of today cannot give them back."""


@dataclass(frozen=True)
class Start:
    """What a build starts from."""

    folder: Path
    """Its lake is sound; months may be missing."""
    manifest: Manifest
    months: frozenset[str] = frozenset()
    """Months to be read again, since files of theirs were damaged."""
    restage: bool = False
    """Whether the database is to be loaded anew."""
    notices: list[str] = field(default_factory=list)
    """What was wrong, a sentence each; empty for a sound build."""


def remember(warehouse: Path, build: Path, names: dict[str, str]) -> None:
    """Leave for the next build what `verify` found; nothing found removes what was left before."""
    note = warehouse / publish.FOUND
    if names:
        new = publish.unfinished(note)
        new.write_text(json.dumps({"build": build.name, "files": names}, ensure_ascii=False), "utf-8")
        new.replace(note)
    else:
        note.unlink(missing_ok=True)


def remembers(warehouse: Path) -> bool:
    """Whether something is left for the next build to mend."""
    return (warehouse / publish.FOUND).exists()


def forget(warehouse: Path) -> None:
    """The next build need not know any more: to be called when the mended build is published."""
    (warehouse / publish.FOUND).unlink(missing_ok=True)


def _remembered(warehouse: Path, build: Path) -> dict[str, str]:
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        note = json.loads((warehouse / publish.FOUND).read_text("utf-8"))
        if note["build"] == build.name:
            return {str(name): str(what) for name, what in note["files"].items()}
    return {}


@contextmanager
def damage_told(warehouse: Path) -> Iterator[None]:
    """Where a table or the database cannot be read: damage that hides behind a file's size and time is looked for in
    the published build, every byte of it, named, and left for the next build to mend. The lock is held.

    Raises:
        WarehouseError: there is such damage; all else that the block raises is left as it is.
    """
    try:
        yield
    except (pl.exceptions.PolarsError, duckdb.Error) as error:
        hidden = _remember_hidden(warehouse)
        if not hidden:
            raise
        names = sorted(hidden)
        more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
        raise WarehouseError(
            f"damaged since it was published: {', '.join(names[:NAMED])}{more}; build again, which mends it"
        ) from error


def _remember_hidden(warehouse: Path) -> dict[str, str]:
    """Remember damage of the published build that nobody has noticed, and return it. Other damage a build mends as it
    begins."""
    try:
        published = publish.published(warehouse)
    except WarehouseError:
        published = None
    if published is None:
        return {}
    build, manifest = published
    noticed = _remembered(warehouse, build) | damaged(build, manifest)
    found = damaged_by_content(build, manifest)
    hidden = {name: what for name, what in found.items() if name not in noticed}
    if hidden:
        remember(warehouse, build, found)
    return hidden


def start(warehouse: Path) -> Start | None:
    """What the next build starts from; None where there is nothing of any build. To be called with the lock held.

    Raises:
        WarehouseError: there are builds, but nothing of them can be read.
    """
    publish.settle(warehouse)
    notices = []
    build = publish.current(warehouse)
    if build is None:
        older = publish.kept(warehouse)
        if not older:
            return None
        build = older[-1]
        notices.append(f"{publish.CURRENT} led to no build: going on from {build.name}, the newest that is kept")
    try:
        manifest = read_manifest(build)
    except WarehouseError:
        manifest = _without_manifest(warehouse, build)
        notices.append(f"the manifest of {build.name} was lost: everything is read anew")
    noted = {name: what for name, what in _remembered(warehouse, build).items() if name in manifest.files}
    wrong = noted | damaged(build, manifest)
    if not manifest.versions:  # what is of the build is not known
        wrong = {name: what for name, what in wrong.items() if what != "not of the build"}
    lost = {name: what for name, what in wrong.items() if name.startswith("lake/")}
    other = {name: what for name, what in wrong.items() if name not in lost and what != "not of the build"}
    stray = [name for name, what in wrong.items() if name not in lost and what == "not of the build"]
    notices += [f"{name} was {what}: made anew" for name, what in sorted(other.items())]
    notices += [f"{name} was not of the build: left out" for name in sorted(stray)]
    older_contract = manifest.versions.get("contract") != str(contracts.CONTRACT_VERSION)
    if not lost and not older_contract:
        return Start(build, manifest, restage=bool(other), notices=notices)
    mended, months, said = _mend(warehouse, build, manifest, lost, convert=older_contract)
    if len(said) > NAMED:
        said = [*said[:NAMED], f"{len(said) - NAMED:,} further files were missing or changed"]
    return Start(mended, manifest, months, restage=True, notices=notices + said)


def _without_manifest(warehouse: Path, build: Path) -> Manifest:
    """What can be known of a build whose manifest is lost: what its tables remember, and versions of nothing.

    Raises:
        WarehouseError: not even whose warehouse it is.
    """
    site = next((row[0] for row in _rows(warehouse, build, "SELECT site FROM builds ORDER BY started_at DESC")), None)
    if site is None:
        with suppress(OSError, pl.exceptions.PolarsError):
            site = lake.scan(build, "builds").sort("started_at").select(pl.col("site").last()).collect().item()
    if site is None:
        raise WarehouseError(
            f"nothing in {build} says whose build it is; remove {warehouse / publish.CURRENT} and {build}"
            " to build anew from the archive"
        )
    files = {}
    for table in REMEMBERED:
        for path in lake.folder(build, table).rglob("*.parquet"):  # of any contract
            name = path.relative_to(build).as_posix()
            files[name] = (-1, 0, "")  # damaged, unless it can be read
            with suppress(OSError, pl.exceptions.PolarsError):
                pl.read_parquet(path, hive_partitioning=False)
                stat = path.stat()
                files[name] = (stat.st_size, stat.st_mtime_ns, checksum(path))
    return Manifest(build.name, str(site), str(warehouse), "", "", {}, {}, files)


def _rows(warehouse: Path, build: Path, statement: str) -> list[tuple[object, ...]]:
    """What the statement finds in the build's database, else in the newest other that can be opened; else nothing."""
    for folder in [build, *reversed(publish.kept(warehouse))]:
        with suppress(duckdb.Error, OSError), connect(folder / publish.DATABASE) as connection:
            return connection.execute(statement).fetchall()
    return []


def _mend(
    warehouse: Path, build: Path, manifest: Manifest, lost: dict[str, str], *, convert: bool
) -> tuple[Path, frozenset[str], list[str]]:
    """A folder with all that is sound of the build's lake; the months to be read again; what was wrong."""
    place = publish.build_folder(warehouse, publish.MENDED)
    if place.is_symlink():
        raise WarehouseError(f"{place} is a link; move it away: a damaged build is mended there")
    shutil.rmtree(place, ignore_errors=True)
    mended = publish.begin(warehouse, publish.MENDED)
    months: set[str] = set()
    notices = []
    for name in manifest.files:
        table = PurePosixPath(name).parts[1] if name.startswith("lake/") else ""
        if table in contracts.TABLES and name not in lost:
            lake.place(build / name, mended / name)
    for name, what in sorted(lost.items()):
        if what == "not of the build":
            notices.append(f"{name} was not of the build: left out")
            continue
        _, table, *rest = PurePosixPath(name).parts
        period = lake.period("/".join(rest)) if table in contracts.MONTHLY else None
        how = "made anew"
        if period and table not in REMEMBERED:
            how = "read again from the archive"
        if table in REMEMBERED and not (mended / name).exists():
            how = _bring_back(warehouse, build, mended, manifest, name)
        if period and table != "changes":
            months.update(month for month in manifest.months if month.startswith(period))
        notices.append(f"{name} was {what}: {how}")
    for table in REMEMBERED if convert else ():
        _convert(mended, table)
    return mended, frozenset(months), notices


def _bring_back(warehouse: Path, build: Path, mended: Path, manifest: Manifest, name: str) -> str:
    """Mend one file of a table that tells what was; how, or that it is lost."""
    content = manifest.files[name][2] if name in manifest.files else None
    for other in reversed(publish.kept(warehouse)):
        with suppress(OSError):
            if other != build and checksum(other / name) == content:
                lake.place(other / name, mended / name)
                return f"taken from {other.name}"
    _, table, *rest = PurePosixPath(name).parts
    period = lake.period("/".join(rest)) if table in contracts.MONTHLY else None
    for folder in [build, *(kept for kept in reversed(publish.kept(warehouse)) if kept != build)]:
        frame = _from_database(folder, table, period)
        if frame is not None:
            for part in lake.parts(mended, table, period):
                part.unlink()
            lake.write_part(mended, table, "/".join(rest), frame)
            return f"taken from the database of {folder.name}"
    return "it is lost: no kept build has it"


def _from_database(build: Path, table: str, period: str | None) -> pl.DataFrame | None:
    """Return the table, or a year or month of it, as the build's database has it; None if it cannot be read or has no
    row."""
    names = ", ".join(identifier(name) for name in contracts.polars_schema(table))
    where = " WHERE starts_with(month, ?)" if period else ""
    with suppress(duckdb.Error, OSError), connect(build / publish.DATABASE) as connection:
        statement = f"SELECT {names} FROM {identifier(table)}{where}"
        frame = pl.DataFrame(connection.sql(statement, params=[period] if period else None).to_arrow_table())
        if not frame.is_empty():
            frame = frame.select(pl.col(name).cast(kind) for name, kind in contracts.polars_schema(table).items())
            return frame.sort(contracts.TABLES[table].primary_key())
    return None


def _convert(mended: Path, table: str) -> None:
    """Write the rows of a table of an older contract as the present contract has it.

    Columns are known by name: one that was not yet there is null, or empty where null is not allowed; one that is no
    more is left out. `month` was the name of the folder.
    """
    frames = [contracts.empty(table)]
    for path in lake.folder(mended, table).rglob("*.parquet"):
        frame = pl.read_parquet(path, hive_partitioning=False)
        if "month" not in frame.columns:
            frame = frame.with_columns(month=pl.lit(path.parent.name.removeprefix("month=")))
        frames.append(frame.select(list(_as_now(table, frame))))
    shutil.rmtree(lake.folder(mended, table), ignore_errors=True)
    lake.write_table(mended, table, pl.concat(frames).sort(contracts.TABLES[table].primary_key()))


def _as_now(table: str, frame: pl.DataFrame) -> Iterator[pl.Expr]:
    for name, column in contracts.TABLES[table].columns().items():
        if name in frame.columns:
            yield pl.col(name).cast(column.dtype)
        else:
            empty = None if column.nullable else _EMPTY.get(column.dtype.base_type())
            yield pl.lit(empty, dtype=column.dtype).alias(name)


_EMPTY: Final[dict[type[pl.DataType], object]] = {
    pl.String: "",
    pl.Int32: 0,
    pl.Int64: 0,
    pl.Float64: 0.0,
    pl.Boolean: False,
}
