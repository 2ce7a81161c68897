"""One chunk of one month: what runs in worker processes. Reads or normalises the posts that changed, takes over the
rows of the others, writes the chunk's Parquet files. Bodies never leave the process.

Which chunks there are is `build`'s business. No Dagster, no DuckDB: a worker imports this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from pipelines.jekyll import posts as jekyll_posts
from pipelines.jekyll.config import Site
from pipelines.normalise import posts as normalise_posts
from pipelines.normalise.posts import SiteFacts
from pipelines.normalise.rules import Rules
from warehouse import contracts, lake

CHUNK_FILES = 2_000
"""Files in a chunk at most: bounds a worker's memory, and what is redone when one is lost."""


@dataclass(frozen=True)
class Chunk:
    """Neighbouring files of one month, by path."""

    month: str
    number: int
    entries: pl.DataFrame
    """As `jekyll.scan.ENTRIES`, with `fresh`: to be read, not taken over."""
    build: Path
    previous: Path | None
    """The published build's folder, from which rows are taken over."""


def split(entries: pl.DataFrame, build: Path, previous: Path | None) -> list[Chunk]:
    """The entries of some months as chunks; each month's rows are sorted by path."""
    chunks = []
    for (month,), of_month in entries.sort("month", "path").group_by("month", maintain_order=True):
        for number, start in enumerate(range(0, of_month.height, CHUNK_FILES)):
            part = of_month.slice(start, CHUNK_FILES)
            chunks.append(Chunk(str(month), number, part, build, previous))
    return chunks


def _united(chunk: Chunk, table: str, made: pl.DataFrame, taken: pl.Series, order: list[str]) -> pl.DataFrame:
    """What was made, with the previous build's rows of the paths taken over."""
    if chunk.previous is None or taken.is_empty():
        return made
    return pl.concat([made, lake.rows(chunk.previous, table, chunk.month, taken)]).sort(order)


def _write(chunk: Chunk, made: Mapping[str, pl.DataFrame], taken: pl.Series) -> None:
    for table, frame in made.items():
        order = contracts.TABLES[table].primary_key()
        united = _united(chunk, table, frame, taken, order)
        lake.write(table, united, lake.part(chunk.build, table, chunk.month, chunk.number))


def read(chunk: Chunk, site: Site, now: datetime) -> int:
    """Write the chunk's files, posts and bodies; returns how many files were read."""
    fresh = chunk.entries.filter("fresh").drop("fresh")
    taken = chunk.entries.filter(~pl.col("fresh")).get_column("path")
    _write(chunk, jekyll_posts.read(site, fresh, now), taken)
    return fresh.height


def normalise(chunk: Chunk, site: SiteFacts, rules: Rules) -> int:
    """Write the chunk's categories, tags, links and sources, from the lake; returns how many posts were normalised."""
    posts = pl.read_parquet(lake.part(chunk.build, "posts", chunk.month, chunk.number), hive_partitioning=False)
    posts = posts.with_columns(month=pl.lit(chunk.month)).select(list(contracts.polars_schema("posts")))
    fresh = chunk.entries.filter("fresh").get_column("path")
    is_fresh = pl.col("path").is_in(fresh.implode())
    taken = posts.filter(~is_fresh).get_column("path")
    posts = posts.filter(is_fresh)
    bodies = lake.rows(chunk.build, "post_bodies", chunk.month, posts.get_column("path"))
    _write(chunk, normalise_posts.normalise(posts, bodies, site, rules), taken)
    return posts.height


def probe(chunk: Chunk, site: Site, now: datetime) -> pl.DataFrame:
    """The chunk's rows of `files` as they would be now; writes nothing."""
    return jekyll_posts.read(site, chunk.entries, now)["files"]
