"""The documents' sample and answers: what `make docs` writes and the tests compare.

The sample is built twice with a change between; times, versions and names of builds are then fixed, so that an answer
is the same on every machine and after every commit that does not concern it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from pipelines.settings import OF_A_SITE, SAMPLE, Settings
from tests.sites import build, current
from warehouse import contracts, database, dictionary, lake, publish, queries
from warehouse.connection import connect

PROJECT: Final = Path(__file__).resolve().parents[1]
TABLES: Final = PROJECT / "docs" / "tables.md"
COOKBOOK: Final = PROJECT / "docs" / "sql.md"
OPENING: Final = PROJECT / "docs" / "opening.md"
OPTIONS: Final = PROJECT / "docs" / "options.md"
READMES: Final = (PROJECT / "README.md", PROJECT / "README.zh.md")

WRITTEN: Final = datetime(2022, 4, 15, 18, tzinfo=UTC)
EDITED: Final = datetime(2022, 4, 18, 9, tzinfo=UTC)
BUILDS: Final = {
    "20220415T200000.000Z-c0ffee01": datetime(2022, 4, 15, 20, tzinfo=UTC),
    "20220418T200000.000Z-c0ffee02": datetime(2022, 4, 18, 20, tzinfo=UTC),
}
"""Four in the morning in Shanghai: as the schedule would have made them."""

OF_ONE_BUILD: Final = {
    "dagster_run_id": "7d2f0b36-1c7e-4a52-9a63-5f0e8f1c2d3b",
    "site": "/home/owner/sample",
    "code_version": "3f6c1d0b9a8e7f54",
    "rules_version": "b81f0c9e2d7a6354",
}


def _settle(path: Path, at: datetime) -> None:
    os.utime(path, (at.timestamp(), at.timestamp()))


def _nothing(site: Path) -> None:
    """Before the first build."""


def _change(site: Path) -> None:
    """What happens between the two builds: one post edited, one moved, one removed."""
    edited = site / "_posts/2022-04-13-NW202204130000000012.md"
    edited.write_text(edited.read_text("utf-8").replace("百分之五", "百分之六"), "utf-8")
    _settle(edited, EDITED)
    (site / "_posts/2022-04-12-rolled-over.md").rename(site / "_posts/2022-04-12-it-rolled-over.md")
    (site / "_posts/2022-04-11-withdrawn.md").unlink()


def sample(folder: Path) -> Path:
    """The warehouse of the bundled sample below `folder`, both builds in it; returns the warehouse's folder."""
    site = Path(shutil.copytree(SAMPLE, folder / "site"))
    for path in site.rglob("*"):
        _settle(path, WRITTEN)
    names: dict[str, str] = {}
    for happens, (name, at) in zip((_nothing, _change), BUILDS.items(), strict=True):
        happens(site)
        build(site, folder / "made", now=at)
        made = current(folder / "made")
        names[made.name] = name
        _fix(made, folder / "sample" / publish.BUILDS / name, names)
    warehouse = folder / "sample"
    (warehouse / publish.CURRENT).symlink_to(Path(publish.BUILDS) / name)
    for shown in publish.SHOWN:
        (warehouse / shown).symlink_to(Path(publish.CURRENT) / shown)
    return warehouse


def _fix(made: Path, target: Path, names: dict[str, str]) -> None:
    """A copy of the build as though it had been made at its fixed time; `names` has the fixed name of each build."""
    shutil.copytree(made, target)
    at = pl.col("build_id").replace_strict(BUILDS, return_dtype=pl.Datetime("us", "UTC"))
    changes, builds = (
        lake.scan(made, table).with_columns(pl.col("build_id").replace(names)).collect()
        for table in ("changes", "builds")
    )
    for table in contracts.HISTORY_TABLES:
        shutil.rmtree(lake.folder(target, table))
    changes = changes.with_columns(seen_at=at, month=at.dt.strftime("%Y-%m"))
    lake.write_table(target, "changes", changes.sort("build_id", "path"))
    builds = builds.with_columns(
        started_at=at, finished_at=at + pl.duration(seconds=12), **{k: pl.lit(v) for k, v in OF_ONE_BUILD.items()}
    )
    lake.write_table(target, "builds", builds)
    database.stage(target, None)


@contextmanager
def opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse's database, as people open it."""
    with connect(warehouse / publish.DATABASE) as connection:
        yield connection


@dataclass(frozen=True)
class Question:
    """A block of SQL in a document, and the answer below it."""

    title: str
    """The heading it stands under."""
    sql: str
    answer: str
    """A Markdown table; empty where the document shows none."""


_QUESTION: Final = re.compile(r"^```sql\n(.*?)```\n(?:\n((?:\|[^\n]*\n)+))?", re.DOTALL | re.MULTILINE)
_HEADING: Final = re.compile(r"^#+ (.*)$", re.MULTILINE)


def questions(markdown: str) -> list[Question]:
    """The document's questions, in its order."""
    return [
        Question(_HEADING.findall(markdown[: found.start()])[-1], found[1], found[2] or "")
        for found in _QUESTION.finditer(markdown)
    ]


def answer(warehouse: Path, sql: str) -> str:
    """What the last statement answers, as a Markdown table; `data/sample` in it is this warehouse."""
    with opened(warehouse) as connection:
        result = connection.execute(sql.replace("data/sample", str(warehouse)))
        head = [column[0] for column in result.description or []]
        return dictionary.rows(head, [map(dictionary.cell, row) for row in result.fetchall()])


def tables(warehouse: Path) -> str:
    """docs/tables.md."""
    models = queries.models()
    with opened(warehouse) as connection:
        names = [*contracts.TABLES, *(f"reports.{model.name}" for model in models)]
        shown = {name: dictionary.seen(connection, name) for name in names}
    return dictionary.page(shown, models)


def answered(markdown: str, warehouse: Path) -> str:
    """The document with every answer that it shows replaced by the warehouse's."""

    def again(found: re.Match[str]) -> str:
        return f"```sql\n{found[1]}```\n\n{answer(warehouse, found[1])}" if found[2] else found[0]

    return _QUESTION.sub(again, markdown)


ON_THE_COMMAND_LINE: Final = {
    "site": "SITE",
    "warehouse": "--warehouse DIR",
    "now": "--as-of TIME",
    "rules": "--rules FILE",
    "webhook": "--webhook URL",
}
IN_THE_FILE: Final = {**{name: f"`{name}`" for name in OF_A_SITE}, "rules": "`[rules]`"}
"""How a site's own file names a setting, if it may hold it."""

_SETTINGS: Final = re.compile(r"(<!-- settings:.*-->\n).*?(<!-- end -->)", re.DOTALL)


def options(markdown: str) -> str:
    """The document with its table of settings replaced by those that there are."""

    def default(value: object) -> str:
        shown = "sample" if value == SAMPLE else json.dumps(value) if value else str(value or "").lower()
        return f"`{shown}`" if value else ""

    body = [
        (
            f"`{ON_THE_COMMAND_LINE[name]}`" if name in ON_THE_COMMAND_LINE else "",
            f"`BACKFILE_{name.upper()}`",
            IN_THE_FILE.get(name, ""),
            default(field.default),
            dictionary.cell(field.description or ""),
        )
        for name, field in Settings.model_fields.items()
    ]
    table = dictionary.rows(("option", "environment", "`backfile.toml`", "default", "what it says"), body)
    return _SETTINGS.sub(lambda found: found[1] + table + found[2], markdown)


def main() -> int:
    """Write what is generated of the documents: the tables, the settings, the answers."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse = sample(Path(folder))
        TABLES.write_text(tables(warehouse), "utf-8")
        OPTIONS.write_text(options(OPTIONS.read_text("utf-8")), "utf-8")
        for page in (COOKBOOK, OPENING, *READMES):
            page.write_text(answered(page.read_text("utf-8"), warehouse), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
