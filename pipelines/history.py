"""What builds see and count: the changes of files, and the row that each build leaves. Cannot be rebuilt from posts."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from warehouse import contracts, lake


def changes(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Files added, edited, moved and removed between two states of `files`, given as path and content_hash.

    A file gone and one come with the same content are one that moved; several of one content pair by path.

    Returns:
        path, change, old_path, old_hash, new_hash; sorted by path.
    """
    both = new.join(old, on="path", how="full", suffix="_old", coalesce=False)
    edited = both.filter(
        pl.col("path").is_not_null()
        & pl.col("path_old").is_not_null()
        & pl.col("content_hash").ne_missing(pl.col("content_hash_old"))
    ).select(
        "path",
        change=pl.lit("edited"),
        old_path=pl.lit(None, pl.String),
        old_hash="content_hash_old",
        new_hash="content_hash",
    )
    nth = pl.int_range(pl.len()).over("content_hash").alias("nth")
    come = both.filter(pl.col("path_old").is_null()).select("path", "content_hash").sort("path").with_columns(nth)
    gone = (
        both.filter(pl.col("path").is_null())
        .select(path="path_old", content_hash="content_hash_old")
        .sort("path")
        .with_columns(nth)
    )
    pair = ["content_hash", "nth"]
    moved = come.join(gone, on=pair, suffix="_old").select(
        "path", change=pl.lit("moved"), old_path="path_old", old_hash="content_hash", new_hash="content_hash"
    )
    added = come.join(gone, on=pair, how="anti").select(
        "path",
        change=pl.lit("added"),
        old_path=pl.lit(None, pl.String),
        old_hash=pl.lit(None, pl.String),
        new_hash="content_hash",
    )
    removed = gone.join(come, on=pair, how="anti").select(
        "path",
        change=pl.lit("removed"),
        old_path=pl.lit(None, pl.String),
        old_hash="content_hash",
        new_hash=pl.lit(None, pl.String),
    )
    return pl.concat([added, edited, moved, removed]).sort("path")


def write_changes(build: Path, previous: Path | None, seen: pl.DataFrame, build_id: str, seen_at: datetime) -> None:
    """Carry the changes of earlier builds and add those that this one saw (as `changes` gives them).

    They join the year's file, or the month's last one, while it has room. A year that outgrows its file is written by
    months. What one build saw lies in one file, whatever its size.
    """
    month = f"{seen_at:%Y-%m}"
    rows = seen.with_columns(
        build_id=pl.lit(build_id), month=pl.lit(month), seen_at=pl.lit(seen_at, pl.Datetime("us", "UTC"))
    ).select(list(contracts.polars_schema("changes")))
    shutil.rmtree(lake.folder(build, "changes"), ignore_errors=True)  # of a step tried before
    if previous:
        lake.carry(previous, build, "changes")
    if rows.is_empty():
        return
    year = lake.year(month)
    whole = lake.part(build, "changes", lake.year_part(year))
    is_small = whole.exists() or not lake.parts(build, "changes", year)
    files = lake.parts(build, "changes", month)
    last = files[-1:] if whole.exists() or (files and _rows(files[-1]) + rows.height <= lake.PART_FILES) else []
    for file in last:
        rows = pl.concat([pl.read_parquet(file, hive_partitioning=False), rows])
        file.unlink()
    if is_small and rows.height <= lake.PART_FILES:
        lake.write_part(build, "changes", lake.year_part(year), rows)
        return
    number = len(files) - len(last) + 1
    for (of,), some in rows.group_by("month", maintain_order=True):
        lake.write_part(build, "changes", lake.month_part(str(of), number), some)


def _rows(file: Path) -> int:
    return int(pl.scan_parquet(file, glob=False).select(pl.len()).collect().item())


def write_builds(build: Path, previous: Path | None, row: dict[str, Any]) -> None:
    """Add one row to the builds of before."""
    new = pl.DataFrame([row], schema=contracts.polars_schema("builds"))
    before = lake.scan(previous, "builds").collect() if previous else contracts.empty("builds")
    lake.write_table(build, "builds", pl.concat([before, new]))


def timezone(build: Path) -> str | None:
    """Return the site's time zone when the build was made; None where the build does not tell."""
    with suppress(OSError, ValueError, KeyError, pl.exceptions.PolarsError):
        row = lake.scan(build, "builds").sort("started_at", "build_id").tail(1).collect().row(0, named=True)
        return str(json.loads(row["counts"])["timezone"])
    return None


def counts(build: Path) -> dict[str, Any]:
    """The archive's files by outcome: how many in all, posts by state, rejected by reason, ignored."""
    files = lake.scan(build, "files").group_by("outcome", "reason").len().collect()
    by_outcome = dict(files.group_by("outcome").agg(pl.col("len").sum()).sort("outcome").iter_rows())
    rejected = files.filter(pl.col("outcome") == "rejected").sort("len", "reason", descending=[True, False])
    return {
        "files": sum(by_outcome.values()),
        "posts": {state: by_outcome.get(state, 0) for state in contracts.STATES},
        "rejected": dict(rejected.select("reason", "len").iter_rows()),
        "ignored": by_outcome.get("ignored", 0),
    }
