"""Tiny sites for tests, and building their warehouses without Dagster."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipelines import build as steps
from pipelines import settings as options
from warehouse import audits, contracts, lake, publish, report
from warehouse.lock import lock

NOW = datetime(2022, 5, 1, tzinfo=UTC)
CONFIG = "timezone: Asia/Shanghai\nurl: https://news.example\n"


def write(site: Path, files: Mapping[str, str | bytes], *, age: float = 3600.0) -> Path:
    """Write the files below the site; they look settled, `age` seconds old."""
    for name, content in files.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        then = path.stat().st_mtime - age
        os.utime(path, (then, then))
    return site


def post(title: str, body: str = "Text.", **keys: str) -> str:
    """A post's text."""
    lines = "".join(f"{key}: {value}\n" for key, value in keys.items())
    return f"---\ntitle: {title}\n{lines}---\n{body}\n"


def build(site: Path, warehouse: Path, **more: Any) -> steps.Build | None:
    """One build, every step; None if nothing was due. `full` and `months` go to `begin`, the rest to the settings.

    Without `reported` it makes no report, a quarter of its time; its audits are another, and are run by
    `failed_audits`.
    """
    begin = {name: more.pop(name) for name in ("full", "months") if name in more}
    reported = more.pop("reported", False)
    settings = options.load(site=site, warehouse=warehouse, **({"now": NOW} | more))
    with lock(settings.warehouse_folder):
        begun = steps.begin(settings, "run", **begin)
        if begun is None:
            return None
        steps.read(begun)
        steps.normalise(begun)
        steps.summarise(begun)
        steps.stage(begun)
        if reported:
            at = begun.site
            report.write(
                begun.folder,
                list(report.results(begun.folder)),
                site=at.name,
                lang=at.lang,
                url=at.url,
                baseurl=at.baseurl,
            )
        steps.finish(begun)
        return begun


def failed_audits(build: Path) -> list[str]:
    """The audits that would keep the build from being published."""
    return [finding.name for finding in audits.run(build) if finding.severity == "error" and not finding.passed]


def current(warehouse: Path) -> Path:
    """The published build's folder."""
    folder = publish.current(warehouse)
    assert folder is not None
    return folder


def rows(warehouse: Path, table: str) -> pl.DataFrame:
    """A table of the published lake, sorted by its key."""
    return lake.scan(current(warehouse), table).collect().sort(contracts.TABLES[table].primary_key())


def content(warehouse: Path) -> dict[str, pl.DataFrame]:
    """All that makes two warehouses equal: every table but `builds`, `changes` and `modified_at`."""
    names = [name for name in contracts.TABLES if name not in contracts.HISTORY_TABLES]
    return {name: rows(warehouse, name).drop("modified_at", strict=False) for name in names}
