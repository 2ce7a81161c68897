"""`backfile diff`: what changed between two kept builds. How that is found is `warehouse.differences`'s."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from pipelines import terminal
from pipelines.commands.errors import clear_errors, leave
from pipelines.commands.options import json_option
from pipelines.commands.published import find_build, find_warehouse, list_builds, named, warehouse_options

if TYPE_CHECKING:
    import polars as pl

SHOWN: Final = 40
"""Posts listed for people, unless all are asked for."""
TOLD: Final = ("title", "state", "url", "published_at")
"""Columns that are short enough to be told as they were and are."""


@click.command()
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option("--list", "listed", is_flag=True, help="List the builds that are kept.")
@click.option("--all", "everything", is_flag=True, help=f"List all posts, not the first {SHOWN}.")
@json_option
@warehouse_options
def diff(
    old: str | None,
    new: str | None,
    listed: bool,
    everything: bool,
    as_json: bool,
    site: Path | None,
    warehouse: Path | None,
) -> None:
    """Say what changed from build OLD to build NEW, by table and by post.

    A build is named in full or by the beginning of its name. [default: the one before the published, and the published]
    """
    with clear_errors():
        from warehouse import differences, publish

        folder = find_warehouse(site, warehouse)
        current, kept = find_build(folder), publish.kept(folder)
        if listed:
            list_builds(kept, current)
            return
        later = named(kept, new) if new else current
        earlier = named(kept, old) if old else _before(kept, later)
        found = differences.between(earlier, later)
        posts = differences.posts(found, differences.moves(earlier, later))
        tables = [
            {
                "table": one.table,
                "added": one.added.height,
                "removed": one.removed.height,
                "changed": one.changed.height,
                "columns": one.columns,
            }
            for one in found
        ]
        if as_json:
            whole = {"old": earlier.name, "new": later.name, "tables": tables, "posts": posts.to_dicts()}
            terminal.say_json(whole)
            return
        terminal.say(f"{earlier.name} → {later.name}")
        _show_tables(tables)
        first = posts if everything else posts.head(SHOWN)
        paths = first["path"].to_list()
        _show_posts(first, differences.values(earlier, paths, TOLD), differences.values(later, paths, TOLD))
        if first.height < posts.height:
            terminal.say(f"… {posts.height - first.height:,} more posts; --all lists them", file=sys.stderr)


def _before(kept: list[Path], later: Path) -> Path:
    earlier = [build for build in kept if build.name < later.name]
    if not earlier:
        leave(f"no build before {later.name} is kept; there is nothing to compare it with")
    return earlier[-1]


def _show_tables(differing: list[dict[str, Any]]) -> None:
    from pipelines import tables

    if not differing:
        terminal.say("no table differs")
        return
    rows = [
        (
            one["table"],
            one["added"],
            one["removed"],
            one["changed"],
            ", ".join(f"{name} ({count:,})" for name, count in one["columns"].items()),
        )
        for one in differing
    ]
    tables.table(["table", "added", "removed", "changed", "columns that differ"], rows)


def _show_posts(posts: pl.DataFrame, old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> None:
    """A line a post; what is short is told as it was and is."""
    plain = terminal.plain
    for path, change, old_path, what in posts.iter_rows():
        if change == "changed":
            said = [
                f"{name} {plain(old[path][name])} → {plain(new[path][name])}" if name in TOLD else name for name in what
            ]
        else:
            said = [(new | old)[path]["title"] or ""] + [f"from {old_path}"] * bool(old_path)
        terminal.say((f"{change:<8}", "bold"), f" {path}  {'; '.join(said)}")
