"""Tables for tests: rows that say only what a test is about, filled up to what the contract asks for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from warehouse import contracts, lake

DAY = date(2022, 4, 15)
NOON = datetime(2022, 4, 15, 12, tzinfo=UTC)
DEFAULTS: dict[str, Any] = {
    "path": "_posts/2022-04-15-a.md",
    "month": "2022-04",
    "outcome": "published",
    "state": "published",
    "front_matter_state": "clean",
    "date_source": "front_matter",
    "kind": "external",
    "role": "body",
    "change": "added",
    "front_matter": "{}",
    "rendered": True,
    "archived": False,
    "position": 1,
    "similarity": 1.0,
}


def _default(name: str, column: Any) -> Any:
    if name in DEFAULTS:
        return DEFAULTS[name]
    if column.nullable:
        return None
    kind = column.dtype
    return {pl.Int64(): 0, pl.Date(): DAY, pl.Boolean(): False, pl.String(): ""}.get(
        kind, [] if isinstance(kind, pl.List) else NOON
    )


def table(name: str, *rows: dict[str, Any]) -> pl.DataFrame:
    """The rows as a frame that keeps the contract of table `name`, sorted by its key."""
    columns = contracts.TABLES[name].columns()
    full = [{key: row.get(key, _default(key, column)) for key, column in columns.items()} for row in rows]
    assert not any(row.keys() - columns.keys() for row in rows)
    return pl.DataFrame(full, schema=contracts.polars_schema(name)).sort(contracts.TABLES[name].primary_key())


def post(path: str, **more: Any) -> dict[str, Any]:
    """A post's row, its month taken from the name."""
    name = path.rsplit("/", 1)[-1]
    return {"path": path, "name": name, "month": name[:7], **more}


def write_lake(build: Path, **frames: pl.DataFrame) -> None:
    """A whole, consistent little lake: the given tables, and those that follow from `posts` if they are not given;
    each post has its row of `post_sources`."""
    posts = frames.get("posts", contracts.empty("posts"))
    paths = posts.select("path", "month").to_dicts()
    sources = frames.pop("post_sources", contracts.empty("post_sources")).drop("month")
    frames = {
        "files": table("files", *({**row, "content_hash": row["path"]} for row in paths)),
        "post_bodies": table("post_bodies", *paths),
        "post_sources": posts.select("path", "month")
        .join(sources, on="path", how="left")
        .select(list(contracts.polars_schema("post_sources"))),
    } | frames
    for name in contracts.TABLES:
        frame = frames.get(name, contracts.empty(name))
        lake.write_table(build, name, frame)
