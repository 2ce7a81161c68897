"""One chunk of the archive: what runs in worker processes, here or on other machines. Reads or normalises the posts
that changed, takes over the rows of the others, writes Parquet files. Bodies never leave the process.

A chunk may be tried more than once, where a worker was lost or only seemed to be. Each attempt writes files of its own,
beside the build; those of the one that was heard of become the build's by `settle`.

Which chunks there are is `build`'s business. No Dagster, no DuckDB: a worker imports this module.
"""

from __future__ import annotations

import filecmp
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from pipelines import allowance as allowed
from pipelines.allowance import allowance
from pipelines.jekyll import posts as jekyll_posts
from pipelines.jekyll.config import Site
from pipelines.jekyll.scan import ENTRIES
from pipelines.normalise import posts as normalise_posts
from pipelines.normalise.posts import SiteFacts
from pipelines.normalise.rules import Rules
from warehouse import contracts, lake

Written = dict[Path, Path]
"""Files that an attempt wrote, each with the place in the build that it is meant for."""


@dataclass(frozen=True)
class Chunk:
    """Some files: one or several whole parts of the lake, with at most `lake.PART_FILES` files. The limit bounds a
    worker's memory, and the work lost with a worker."""

    entries: pl.DataFrame
    """As `jekyll.scan.ENTRIES`, with `fresh` (to be read, not taken over) and `part` (`lake.parted`)."""
    build: Path
    previous: Path | None
    """The published build's folder, from which rows are taken over."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Files over which a worker died: why in words, by path. They are not tried again."""


class Done(NamedTuple):
    """What an attempt wrote, and the files that it failed on: why in words, by path."""

    written: Written
    failed: Mapping[str, str]


def split(entries: pl.DataFrame, build: Path, previous: Path | None) -> list[Chunk]:
    """Return the entries, which have their parts, as chunks."""
    chunks: list[Chunk] = []
    gathered: list[pl.DataFrame] = []
    for _, part in entries.group_by("part", maintain_order=True):
        if gathered and sum(one.height for one in gathered) + part.height > lake.PART_FILES:
            chunks.append(Chunk(pl.concat(gathered), build, previous))
            gathered = []
        gathered.append(part)
    if gathered:
        chunks.append(Chunk(pl.concat(gathered), build, previous))
    return chunks


def take_over(entries: pl.DataFrame, build: Path, previous: Path, tables: Iterable[str]) -> pl.DataFrame:
    """Take over the parts in which nothing came, went or is to be read; return the entries of the other parts.

    Most changes of an archive are at its end: most of a large month stays as it was. A year that outgrows one file, or
    shrinks to one, has other parts: all its files are written, from the same rows.

    Args:
        entries: those of whole years, with their parts.
        tables: what is taken over.
    """
    if entries.is_empty():
        return entries
    years = entries.select(lake.YEAR.unique()).to_series()
    files = pl.concat([lake.scan(previous, "files", year).select("month", "path") for year in years])
    was = lake.parted(files.collect())
    gone = was.join(entries, on=["part", "path"], how="anti")
    come = entries.join(was, on=["part", "path"], how="anti")
    changed = pl.concat([frame.select("part") for frame in (gone, come, entries.filter("fresh"))])
    for name in entries.join(changed, on="part", how="anti").get_column("part").unique():
        for table in tables:
            old = lake.part(previous, table, name)
            if old.exists():
                lake.place(old, lake.part(build, table, name))
    return entries.join(changed, on="part", how="semi", maintain_order="left")


def settle(attempts: Iterable[Done]) -> dict[str, str]:
    """Let the files of these attempts be the build's; return the files that they failed on, with the reason."""
    failed: dict[str, str] = {}
    for attempt in attempts:
        failed |= attempt.failed
        for source, target in attempt.written.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
    return failed


_Tables = dict[str, pl.DataFrame]


def isolated(
    entries: pl.DataFrame, make: Callable[[pl.DataFrame], _Tables], failed: Mapping[str, str]
) -> tuple[_Tables, dict[str, str]]:
    """What is made of these entries, without those on which the making fails; and why it fails, by path.

    Entries that together fail, or take too much time or memory, are halved until the one is found.

    Args:
        entries: path, size_bytes, and what `make` needs.
        make: makes checked tables; must make empty ones of no entries.
        failed: files that are known to fail.
    """
    why = {path: failed[path] for path in entries.get_column("path") if path in failed}
    made: list[_Tables] = []
    left = [entries.filter(~pl.col("path").is_in(list(why)))]
    while left:
        some = left.pop()
        size = int(some.get_column("size_bytes").sum())
        try:
            with allowance(some.height, size):
                made.append({table: contracts.check(table, frame) for table, frame in make(some).items()})
        except BaseException as error:
            if not some.height or not allowed.is_of_a_file(error):
                raise
            if some.height == 1:
                why[some.item(0, "path")] = allowed.why(error, size)
                left += [] if left or made else [some.clear()]
            else:
                left += [some[some.height // 2 :], some[: some.height // 2]]
    return {table: pl.concat([tables[table] for tables in made]) for table in made[0]}, why


def _parts(chunk: Chunk) -> list[str]:
    return chunk.entries.get_column("part").unique(maintain_order=True).to_list()


def _write(chunk: Chunk, made: _Tables, taken: pl.DataFrame) -> Written:
    """Write each table's parts: what was made, with the previous build's rows of the entries taken over."""
    attempt = chunk.build.with_name(f"{chunk.build.name}.parts") / secrets.token_hex(8)  # `publish.clean` removes it
    written: Written = {}
    part_of = chunk.entries.select("path", "part")
    months = taken.get_column("month").unique().to_list()
    for table, frame in made.items():
        kept = frame
        if chunk.previous is not None:  # what is taken over was checked when it was made
            kept = pl.concat([frame, lake.rows(chunk.previous, table, months, taken.get_column("path"))])
        kept = kept.sort(contracts.TABLES[table].primary_key())
        by_part = kept.join(part_of, on="path", how="left").partition_by("part", as_dict=True, include_key=False)
        for part in _parts(chunk):
            new = lake.part(attempt, table, part)
            lake.write(table, by_part.get((part,), kept.clear()), new)
            written[new] = lake.part(chunk.build, table, part)
            old = lake.part(chunk.previous, table, part) if chunk.previous else new
            if old != new and old.exists() and filecmp.cmp(old, new, shallow=False):
                lake.place(old, new)  # a rule seldom touches every year
    return written


def read(chunk: Chunk, site: Site, now: datetime) -> Done:
    """Write the files, posts and bodies of the chunk's entries."""
    taken = chunk.entries.filter(~pl.col("fresh"))
    made = _read(chunk.entries.filter("fresh"), chunk, site, now)
    return Done(_write(chunk, made, taken), {})


def _read(entries: pl.DataFrame, chunk: Chunk, site: Site, now: datetime) -> _Tables:
    """The tables of these entries; those on which the reading fails are rejected."""
    made, failed = isolated(
        entries.select(list(ENTRIES)), lambda some: jekyll_posts.read(site, some, now), chunk.failed
    )
    if failed:
        rejected = jekyll_posts.rejected(entries.filter(pl.col("path").is_in(list(failed))), failed)
        made["files"] = contracts.check("files", pl.concat([made["files"], rejected]).sort("path"))
    return made


def withdraw(chunk: Chunk, failed: Mapping[str, str]) -> Done:
    """Write the files, posts and bodies of the chunk's entries anew, without the posts that failed when they were
    normalised: they are rejected."""
    parts = _parts(chunk)
    is_failed = pl.col("path").is_in(list(failed))
    made = {
        table: lake.scan_parts(chunk.build, table, parts).filter(~is_failed).collect()
        for table in contracts.READ_TABLES
    }
    entries = chunk.entries.filter(is_failed)
    hashes = lake.scan_parts(chunk.build, "files", parts).filter(is_failed).select("path", "content_hash").collect()
    rejected = jekyll_posts.rejected(entries, failed).drop("content_hash").join(hashes, on="path", how="left")
    made["files"] = contracts.check("files", pl.concat([made["files"], rejected.select(made["files"].columns)]))
    return Done(_write(replace(chunk, previous=None), made, chunk.entries.clear()), {})


def normalise(chunk: Chunk, site: SiteFacts, rules: Rules) -> Done:
    """Write the categories, tags, links and sources of the chunk's entries, from the lake."""
    parts = _parts(chunk)
    posts = lake.scan_parts(chunk.build, "posts", parts).select(normalise_posts.POST_COLUMNS).collect()
    bodies = lake.scan_parts(chunk.build, "post_bodies", parts).select("path", "text").collect()
    links = lake.scan_parts(chunk.build, "post_links_raw", parts).collect()

    def make(some: pl.DataFrame) -> _Tables:
        texts, written = (frame.join(some, on="path", how="semi") for frame in (bodies, links))
        return normalise_posts.normalise(some.select(normalise_posts.POST_COLUMNS), texts, written, site, rules)

    of_chunk = posts.join(chunk.entries.filter("fresh").select("path", "size_bytes"), on="path")
    made, failed = isolated(of_chunk, make, chunk.failed)
    return Done(_write(chunk, made, chunk.entries.filter(~pl.col("fresh"))), failed)


def probe(chunk: Chunk, site: Site, now: datetime) -> pl.DataFrame:
    """The chunk's rows of `files` as they would be now; writes nothing."""
    return _read(chunk.entries, chunk, site, now)["files"]
