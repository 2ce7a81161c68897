"""What is published: whether it opens, is sound and whole, what it holds; and what lies about that should not."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import polars as pl
from polars.testing import assert_frame_equal

from pipelines import build as steps
from pipelines import settings as options
from tests import sites
from warehouse import contracts, lake, publish
from warehouse.connection import connect, identifier
from warehouse.manifest import MANIFEST, damaged_by_content, read_manifest
from warehouse.shown import full_name

Tables = dict[str, pl.DataFrame]

BESIDE: Final = re.compile(r"lock|scan\.parquet|current|warehouse\.duckdb|lake|report|builds|dagster(/.*)?")
"""What may lie in a warehouse's folder beside the builds."""


def published(warehouse: Path) -> Tables:
    """What is published, after a look at all of it: checksums, audits, and that database and lake say the same."""
    last = publish.published(warehouse)
    assert last is not None, f"{warehouse} has nothing published"
    build, manifest = last
    assert damaged_by_content(build, manifest) == {}
    assert sites.failed_audits(build) == []
    assert_database_is_the_lake(build)
    return sites.content(warehouse)


def assert_database_is_the_lake(build: Path) -> None:
    """Every table of the contracts, read from the database, equals the lake's."""
    with connect(build / publish.DATABASE) as connection:
        for table in contracts.TABLES:
            schema = contracts.polars_schema(table)
            names = ", ".join(identifier(name) for name in schema)
            found = pl.DataFrame(connection.sql(f"SELECT {names} FROM {full_name(table)}").to_arrow_table())
            key = contracts.TABLES[table].primary_key()
            expected = lake.scan(build, table).collect().sort(key)
            assert_frame_equal(found.cast(pl.Schema(schema)).sort(key), expected)


def scratch(site: Path, folder: Path, **more: Any) -> Tables:
    """The lake that a build from scratch makes of the site, as `sites.content` gives it; the folder is gone after."""
    settings = options.load(site=site, warehouse=folder, **({"now": sites.NOW} | more))
    begun = steps.begin(settings, "scratch")
    assert begun is not None
    steps.read(begun)
    steps.normalise(begun)
    steps.summarise(begun)
    tables = {
        name: lake.scan(begun.folder, name).collect().sort(contracts.TABLES[name].primary_key())
        for name in contracts.TABLES
        if name not in contracts.HISTORY_TABLES
    }
    shutil.rmtree(folder)
    return {name: frame.drop("modified_at", strict=False) for name, frame in tables.items()}


def assert_same(found: Tables, expected: Tables) -> None:
    """Table by table."""
    assert found.keys() == expected.keys()
    for table, frame in found.items():
        try:
            assert_frame_equal(frame, expected[table])
        except AssertionError as error:
            error.add_note(f"in the table {table}")
            raise


def same(found: Tables, expected: Tables) -> bool:
    """Whether all tables are equal."""
    return all(frame.equals(expected[table]) for table, frame in found.items())


def strays(warehouse: Path, allowed: Collection[str] = ()) -> list[str]:
    """What lies in the warehouse's folder and belongs to nothing: every path is either of a kept build or known."""
    known = {*allowed}
    for build in publish.kept(warehouse):
        files = {build / name for name in (*read_manifest(build).files, MANIFEST)}
        paths = files | {parent for path in files for parent in path.parents}
        known |= {path.relative_to(warehouse).as_posix() for path in paths if path.is_relative_to(warehouse)}
    found = (path.relative_to(warehouse).as_posix() for path in warehouse.rglob("*"))
    return sorted(name for name in found if name not in known and not BESIDE.fullmatch(name))
