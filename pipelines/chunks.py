"""One chunk of the archive: what runs in worker processes, here or on other machines. Reads or normalises the posts
that changed, takes over the rows of the others, writes Parquet files. Bodies never leave the process.

A chunk may be tried more than once, where a worker was lost or only seemed to be. Each attempt writes files of its own,
beside the build; those of the one that was heard of become the build's by `settle`.

Which chunks there are is `build`'s business. No Dagster, no DuckDB: a worker imports this module.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
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


def split(entries: pl.DataFrame, build: Path, previous: Path | None) -> list[Chunk]:
    """The entries as chunks. Within a month parts follow the order of paths, so that each covers a range of them."""
    place = pl.int_range(pl.len()).over("month")
    entries = entries.sort("month", "path").with_columns(part=place // CHUNK_FILES)
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


Written = dict[Path, Path]
"""Files that an attempt wrote, each with the place in the build that it is meant for."""


def settle(attempts: Iterable[Written]) -> None:
    """Let the files of these attempts be the build's."""
    for written in attempts:
        for source, target in written.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)


def _write(chunk: Chunk, made: Mapping[str, pl.DataFrame], taken: pl.DataFrame) -> Written:
    """Write each table's parts: what was made, with the previous build's rows of the entries taken over."""
    attempt = chunk.build.with_name(f"{chunk.build.name}.parts") / secrets.token_hex(8)  # `publish.clean` removes it
    written: Written = {}
    parts = chunk.entries.select("month", "part").unique(maintain_order=True)
    part_of = chunk.entries.select("path", "part")
    for table, frame in made.items():
        united = [frame]
        if chunk.previous is not None:
            for (month,), entries in taken.group_by("month", maintain_order=True):
                united.append(lake.rows(chunk.previous, table, str(month), entries.get_column("path")))
        kept = contracts.check(table, pl.concat(united)).sort(contracts.TABLES[table].primary_key())
        by_part = kept.join(part_of, on="path", how="left").partition_by(
            "month", "part", as_dict=True, include_key=False
        )
        for month, number in parts.iter_rows():
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
    parts = chunk.entries.select("month", "part").unique(maintain_order=True).rows()
    posts = lake.scan_parts(chunk.build, "posts", parts).select(normalise_posts.POST_COLUMNS).collect()
    bodies = lake.scan_parts(chunk.build, "post_bodies", parts).collect()
    if taken.height:
        posts, bodies = (frame.join(fresh, on="path", how="semi") for frame in (posts, bodies))
    made = normalise_posts.normalise(posts, bodies, site, rules)
    return _write(chunk, made, taken)


def probe(chunk: Chunk, site: Site, now: datetime) -> pl.DataFrame:
    """The chunk's rows of `files` as they would be now; writes nothing."""
    return jekyll_posts.read(site, chunk.entries.select(list(ENTRIES)), now)["files"]
