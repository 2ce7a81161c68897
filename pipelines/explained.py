"""Why a file became what it became, and what the published build holds of it; for people and for programs.

How Jekyll's rules lead to an outcome is `jekyll.explain`'s.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from pipelines import terminal
from pipelines.jekyll.config import read_site
from pipelines.jekyll.explain import Step, explain
from pipelines.settings import Settings
from warehouse import lake, publish

SHOWN: dict[str, list[str]] = {
    "files": ["outcome", "reason", "detail", "content_hash"],
    "posts": ["title", "published_at", "published_on", "url", "state", "categories", "tags"],
}
"""What is shown of the published rows."""


def of_file(settings: Settings, file: Path) -> list[Step]:
    """The steps from the file to its outcome, then what the published build holds.

    Raises:
        SiteError: there is no such site.
        WarehouseError: the warehouse's manifest cannot be read.
    """
    site = read_site(settings.site, settings.posts_folders)
    steps = explain(site, file, settings.now or datetime.now(UTC).replace(microsecond=0))
    path = steps[0].facts.get("path")
    return [*steps, _published(settings.warehouse_folder, str(path) if path else None)]


def _published(warehouse: Path, path: str | None) -> Step:
    last = publish.published(warehouse)
    if last is None:
        return Step("published", f"Nothing is published in {warehouse} yet.")
    build, manifest = last
    facts: dict[str, object] = {"build": manifest.build_id}
    for table, columns in SHOWN.items():
        rows = lake.scan(build, table).filter(pl.col("path") == path).select(columns).collect()
        facts |= rows.row(0, named=True) if rows.height else {}
    if "outcome" not in facts:
        return Step("published", f"The published build {manifest.build_id} does not hold it.", facts)
    return Step("published", f"In the published build {manifest.build_id}: {facts['outcome']}.", facts)


def show(steps: list[Step]) -> None:
    """The steps for people."""
    for step in steps:
        terminal.say((f"{step.name:<13}", "bold"), step.said)
        for name, fact in step.facts.items():
            terminal.say(f"  {terminal.plain(name):<18} {terminal.plain(fact)}")
