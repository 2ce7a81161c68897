"""What differs between two builds: rows by table, and what that means for each post.

Reads the lakes, and of them only the years and months whose files have other checksums in the two manifests: the cost
follows the change. One after the other, so that no more bodies are held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from warehouse import contracts, lake
from warehouse.manifest import Manifest, WarehouseError, read_manifest
from warehouse.shown import INTERNAL

POST: Final = {
    "posts": "",
    "post_sources": "",
    "post_bodies": "",
    "post_categories": "categories",
    "post_tags": "tags",
    "post_headings": "headings",
    "post_code_blocks": "code",
    "post_links": "links",
}
"""Tables about posts: what of a post their rows are, or else their columns say it."""

FOLLOWS: Final[Mapping[str, frozenset[str]]] = {
    "body": frozenset({"text", "excerpt_characters", "characters", "words", "code_words", "body_hash", "text_hash"}),
    "text": frozenset({"excerpt_characters", "characters", "words", "code_words", "text_hash"}),
}
"""What changes because something else did, and need not be said."""

POSTS: Final = pl.Schema(
    {"path": pl.String(), "change": pl.String(), "old_path": pl.String(), "what": pl.List(pl.String())}
)
"""The columns of `posts`."""


@dataclass(frozen=True)
class Difference:
    """How a table differs. Rows by their key; `changed` also has `columns`, the names of those that differ."""

    table: str
    added: pl.DataFrame
    removed: pl.DataFrame
    changed: pl.DataFrame

    @property
    def columns(self) -> dict[str, int]:
        """In how many rows each column differs, in the contract's order."""
        counts = dict(self.changed.get_column("columns").explode().value_counts().iter_rows())
        return {name: counts[name] for name in contracts.polars_schema(self.table) if name in counts}

    def __bool__(self) -> bool:
        return bool(self.added.height or self.removed.height or self.changed.height)


def compare(table: str, old: pl.DataFrame, new: pl.DataFrame) -> Difference:
    """How rows of a table, as in its contract, differ from others; a row is known by its key."""
    keys = contracts.TABLES[table].primary_key()
    others = [name for name in old.columns if name not in keys]
    both = old.join(new, on=keys, suffix=":new", nulls_equal=True)
    unequal = [
        pl.when(pl.col(name).ne_missing(pl.col(f"{name}:new"))).then(pl.lit(name)).otherwise(None) for name in others
    ]
    columns = pl.concat_list(unequal).list.drop_nulls() if unequal else pl.lit([], dtype=pl.List(pl.String))
    changed = both.select(*keys, columns=columns).filter(pl.col("columns").list.len() > 0)
    return Difference(
        table,
        new.join(old, on=keys, how="anti", nulls_equal=True).select(keys).sort(keys),
        old.join(new, on=keys, how="anti", nulls_equal=True).select(keys).sort(keys),
        changed.sort(keys),
    )


def between(old: Path, new: Path) -> list[Difference]:
    """Return the tables of build `new` that differ from those of `old`, internal ones aside, in the contracts' order.

    Raises:
        WarehouseError: a manifest cannot be read, or a build's tables have another contract than this program's.
    """
    before, after = read_manifest(old), read_manifest(new)
    for build, manifest in ((old, before), (new, after)):
        if manifest.versions.get("contract") != str(contracts.CONTRACT_VERSION):
            raise WarehouseError(
                f"{build.name} was made by another Backfile (contract {manifest.versions.get('contract')}, "
                f"not {contracts.CONTRACT_VERSION}); compare builds of one version"
            )
    found = []
    for table in (name for name in contracts.TABLES if name not in INTERNAL):
        parts = [_difference(table, period, old, new) for period in _unlike(table, before, after)]
        if parts and (whole := _joined(table, parts)):
            found.append(whole)
    return found


def _unlike(table: str, before: Manifest, after: Manifest) -> list[str | None]:
    """The years and months of the table whose files differ; None for a whole-archive table that does."""
    old, new = _files(table, before), _files(table, after)
    unlike = {part for part in old.keys() | new.keys() if old.get(part) != new.get(part)}
    if table not in contracts.MONTHLY:
        return [None] * bool(unlike)
    periods = {lake.period(part) for part in unlike}
    return [period for period in sorted(periods) if period == lake.year(period) or lake.year(period) not in periods]


def _files(table: str, manifest: Manifest) -> dict[str, str]:
    """Checksums of the table's files, by part."""
    start = f"lake/{table}/"
    return {path.removeprefix(start): facts[2] for path, facts in manifest.files.items() if path.startswith(start)}


def _difference(table: str, period: str | None, old: Path, new: Path) -> Difference:
    return compare(table, _read(old, table, period), _read(new, table, period))


def _read(build: Path, table: str, period: str | None) -> pl.DataFrame:
    try:
        return lake.scan(build, table, period).select(list(contracts.polars_schema(table))).collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise WarehouseError(f"{table} of {build.name} cannot be read ({error}); see backfile verify") from None


def _joined(table: str, parts: list[Difference]) -> Difference:
    return Difference(
        table,
        pl.concat([part.added for part in parts]),
        pl.concat([part.removed for part in parts]),
        pl.concat([part.changed for part in parts]),
    )


def posts(differences: Iterable[Difference], moves: Mapping[str, str]) -> pl.DataFrame:
    """What the differences mean for each post.

    Args:
        moves: where files that were moved lay before, by where they lie now.

    Returns:
        One row a post, by path: path, change (added, removed, moved, changed), old_path (of one that was moved), what
        (columns of a changed post that differ, or the parts named in `POST`).
    """
    by_table = {difference.table: difference for difference in differences}
    own = by_table.get("posts", compare("posts", contracts.empty("posts"), contracts.empty("posts")))
    added, removed = set(own.added["path"]), set(own.removed["path"])
    moved = {path: before for path, before in moves.items() if path in added and before in removed}
    rows: list[dict[str, object]] = [{"path": path, "change": "added"} for path in added - moved.keys()]
    rows += [{"path": path, "change": "removed"} for path in removed - set(moved.values())]
    rows += [{"path": path, "change": "moved", "old_path": before} for path, before in moved.items()]
    what: dict[str, set[str]] = {}
    for table, part in POST.items():
        if table in by_table:
            for path, columns in _touched(by_table[table], part):
                what.setdefault(path, set()).update(columns)
    rows += [
        {"path": path, "change": "changed", "what": _said(columns)}
        for path, columns in what.items()
        if path not in added and path not in removed
    ]
    return pl.DataFrame(rows, schema=POSTS).with_columns(pl.col("what").fill_null([])).sort("path")


def _touched(difference: Difference, part: str) -> Iterable[tuple[str, list[str]]]:
    """Paths with what of them differs: the columns, or the part of a post that the table's rows are."""
    if not part:
        return difference.changed.select("path", "columns").iter_rows()
    frames = (difference.added, difference.removed, difference.changed)
    return [(path, [part]) for frame in frames for path in frame["path"].unique()]


def _said(columns: set[str]) -> list[str]:
    """What is worth saying, in the contract's order: not what follows from the rest."""
    follows = set[str]().union(*(FOLLOWS[name] for name in FOLLOWS.keys() & columns))
    order = [
        *contracts.polars_schema("posts"),
        *contracts.polars_schema("post_sources"),
        "body",
        "text",
        "excerpt_characters",
        *POST.values(),
    ]
    said = [name for name in dict.fromkeys(order) if name in columns - follows]
    return [name for name in said if name != "front_matter"] or said


def moves(old: Path, new: Path) -> dict[str, str]:
    """Where files that were moved lay in `old`, by where they lie in `new`; either build may be the later one."""
    first, second = _moves(old), _moves(new)
    steps = {path: before for _, path, before in second - first}
    steps |= {before: path for _, path, before in first - second}
    found = {}
    for path in steps:
        before, seen = path, {path}
        while (step := steps.get(before)) is not None and step not in seen:
            before = step
            seen.add(step)
        found[path] = before
    return found


def _moves(build: Path) -> set[tuple[str, str, str]]:
    columns = lake.scan(build, "changes").filter(pl.col("change") == "moved").select("build_id", "path", "old_path")
    return set(columns.collect().iter_rows())


def values(build: Path, paths: Iterable[str], columns: Iterable[str]) -> dict[str, dict[str, object]]:
    """Columns of some posts of a build, by path."""
    found = lake.scan(build, "posts").filter(pl.col("path").is_in(list(paths))).select("path", *columns).collect()
    return {row["path"]: row for row in found.iter_rows(named=True)}
