"""One chunk of the archive: what runs in worker processes, here or on other machines. Reads or normalises the posts
that changed, takes over the rows of the others, writes Parquet files. Bodies never leave the process.

A chunk may be tried more than once, where a worker was lost or only seemed to be. Each attempt writes files of its own,
beside the build; those of the one that was heard of become the build's by `settle`.

Which chunks there are is `build`'s business. No Dagster, no DuckDB: a worker imports this module.
"""

from __future__ import annotations

import dataclasses
import filecmp
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from pipelines.jekyll import posts as jekyll_posts
from pipelines.jekyll.config import Site
from pipelines.jekyll.scan import ENTRIES
from pipelines.normalise import posts as normalise_posts
from pipelines.normalise.posts import SiteFacts
from pipelines.normalise.rules import Rules
from warehouse import contracts, lake

CHUNK_FILES: Final = 2_000
"""Files in a chunk at most: bounds a worker's memory, and what is redone when one is lost."""


@dataclass(frozen=True)
class Chunk:
    """Some files: a part of a large month, or several small months. Each part of a month lies in one chunk."""

    entries: pl.DataFrame
    """As `jekyll.scan.ENTRIES`, with `fresh` (to be read, not taken over) and `part` (its number within the month)."""
    build: Path
    previous: Path | None
    """The published build's folder, from which rows are taken over."""


def numbered(entries: pl.DataFrame) -> pl.DataFrame:
    """The entries by month and path, each with its part of the month: so that each part covers a range of paths."""
    place = pl.int_range(pl.len()).over("month")
    return entries.sort("month", "path").with_columns(part=place // CHUNK_FILES)


def split(entries: pl.DataFrame, build: Path, previous: Path | None) -> list[Chunk]:
    """The numbered entries as chunks."""
    chunks: list[Chunk] = []
    gathered: list[pl.DataFrame] = []
    for _, part in entries.group_by("month", "part", maintain_order=True):
        if gathered and sum(one.height for one in gathered) + part.height > CHUNK_FILES:
            chunks.append(Chunk(pl.concat(gathered), build, previous))
            gathered = []
        gathered.append(part)
    if gathered:
        chunks.append(Chunk(pl.concat(gathered), build, previous))
    return chunks


def take_over(entries: pl.DataFrame, build: Path, previous: Path, tables: Iterable[str]) -> pl.DataFrame:
    """Take over the files of the parts in which nothing came, went or is to be read; the entries of the other parts.

    What happens in an archive happens at its end: most of a large month stays as it was.

    Args:
        entries: those of whole months, numbered.
        tables: what is taken over.
    """
    part = ["month", "part"]
    months = entries.get_column("month").unique()
    was = numbered(
        lake.scan(previous, "files").select("month", "path").filter(pl.col("month").is_in(months.implode())).collect()
    )
    gone = was.join(entries, on=[*part, "path"], how="anti")
    come = entries.join(was, on=[*part, "path"], how="anti")
    changed = pl.concat([frame.select(part) for frame in (gone, come, entries.filter("fresh"))])
    for month, number in entries.join(changed, on=part, how="anti").select(part).unique().iter_rows():
        for table in tables:
            old = lake.part(previous, table, month, number)
            if old.exists():
                lake.place(old, lake.part(build, table, month, number))
    return entries.join(changed, on=part, how="semi", maintain_order="left")


Written = dict[Path, Path]
"""Files that an attempt wrote, each with the place in the build that it is meant for."""


def settle(attempts: Iterable[Written]) -> None:
    """Let the files of these attempts be the build's."""
    for written in attempts:
        for source, target in written.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)


def _parts(chunk: Chunk) -> list[tuple[str, int]]:
    """Month and number of the chunk's parts."""
    return chunk.entries.select("month", "part").unique(maintain_order=True).rows()


def _write(chunk: Chunk, made: Mapping[str, pl.DataFrame], taken: pl.DataFrame) -> Written:
    """Write each table's parts: what was made, with the previous build's rows of the entries taken over."""
    attempt = chunk.build.with_name(f"{chunk.build.name}.parts") / secrets.token_hex(8)  # `publish.clean` removes it
    written: Written = {}
    part_of = chunk.entries.select("path", "part")
    for table, frame in made.items():
        united = [contracts.check(table, frame)]  # what is taken over was checked when it was made
        if chunk.previous is not None:
            for (month,), entries in taken.group_by("month", maintain_order=True):
                united.append(lake.rows(chunk.previous, table, str(month), entries.get_column("path")))
        kept = pl.concat(united).sort(contracts.TABLES[table].primary_key())
        by_part = kept.join(part_of, on="path", how="left").partition_by(
            "month", "part", as_dict=True, include_key=False
        )
        for month, number in _parts(chunk):
            rows = by_part.get((month, number))
            new = attempt / f"{table}.{month}.{number:04d}.parquet"
            lake.write(table, rows if rows is not None else kept.clear().drop("month"), new)
            written[new] = lake.part(chunk.build, table, month, number)
    return written


def read(chunk: Chunk, site: Site, now: datetime) -> Written:
    """Write the files, posts and bodies of the chunk's months."""
    fresh = chunk.entries.filter("fresh")
    taken = chunk.entries.filter(~pl.col("fresh"))
    return _write(chunk, jekyll_posts.read(site, fresh.select(list(ENTRIES)), now), taken)


def normalise(chunk: Chunk, site: SiteFacts, rules: Rules) -> Written:
    """Write the categories, tags, links and sources of the chunk's months, from the posts in the lake."""
    fresh = chunk.entries.filter("fresh").select("path")
    taken = chunk.entries.filter(~pl.col("fresh"))
    parts = _parts(chunk)
    posts = lake.scan_parts(chunk.build, "posts", parts).select(normalise_posts.POST_COLUMNS).collect()
    bodies = lake.scan_parts(chunk.build, "post_bodies", parts).collect()
    if taken.height:
        posts, bodies = (frame.join(fresh, on="path", how="semi") for frame in (posts, bodies))
    made = normalise_posts.normalise(posts, bodies, site, rules)
    return _write(chunk, made, taken)


def normalise_again(
    chunk: Chunk, site: SiteFacts, rules: Rules, tables: Collection[str], read: Collection[str]
) -> Written:
    """Write these tables of the chunk's months anew, of posts that are as they were. What comes out as it was is taken
    over: a rule seldom touches every month.

    Args:
        read: those for which bodies or texts are read; of others the rows of before tell what is needed.
    """
    parts = _parts(chunk)
    posts = lake.scan_parts(chunk.build, "posts", parts).select(normalise_posts.POST_COLUMNS).collect()
    before = normalise_posts.known_tables(tables, read, rules) if chunk.previous else set[str]()
    known = {table: lake.scan_parts(chunk.previous, table, parts).collect() for table in before if chunk.previous}
    bodies = contracts.empty("post_bodies")
    if columns := normalise_posts.body_columns(tables, known, rules):
        bodies = lake.scan_parts(chunk.build, "post_bodies", parts).select("path", *columns).collect()
    made = normalise_posts.normalise(posts, bodies, site, rules, tables, known)
    written = _write(dataclasses.replace(chunk, previous=None), made, chunk.entries.clear())
    for new, target in written.items():
        old = chunk.previous / target.relative_to(chunk.build) if chunk.previous else new
        if old.exists() and filecmp.cmp(old, new, shallow=False):
            lake.place(old, new)
    return written


def probe(chunk: Chunk, site: Site, now: datetime) -> pl.DataFrame:
    """The chunk's rows of `files` as they would be now; writes nothing."""
    return jekyll_posts.read(site, chunk.entries.select(list(ENTRIES)), now)["files"]
