"""Reads files of a site into the tables `files`, `posts` and `post_bodies`.

Here are the frames. Opening is done in `files`; what a file's name says is decided in `names`, what its text says in
`documents`. Runs in worker processes. A file on which the reading fails is rejected; where a frame of many fails,
`chunks` looks for the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import polars as pl
import xxhash

from pipelines.columns.fallback import framed
from pipelines.jekyll import bodies, documents, front_matter_columns
from pipelines.jekyll.config import Site
from pipelines.jekyll.documents import Rejection, Rules
from pipelines.jekyll.files import Entry, Ignored, content, opened_ahead
from pipelines.jekyll.front_matter_columns import Batch, Document
from pipelines.jekyll.reasons import NOT_PROCESSED
from pipelines.jekyll.words import words
from pipelines.markdown import options
from pipelines.markup import markup_of
from warehouse import contracts


def read(site: Site, entries: pl.DataFrame, now: datetime) -> dict[str, pl.DataFrame]:
    """Return the tables `contracts.READ_TABLES` of these entries, sorted by path.

    Files are opened only if their name makes them posts, and only regular ones, or links whose target is in the site.

    Args:
        entries: rows of `scan.ENTRIES`; about 2,000 keep the frames small.
        now: an aware time; later posts are future ones.
    """
    rules = Rules.of(site, now)
    files, found = opened(rules, entries.sort("path"))
    said = front_matter_columns.read(Batch(rules, found))
    posts = said["posts"].join(
        files.select("row", "path", "month", "name", "archived"), on="row", maintain_order="left"
    )
    outcomes = pl.concat(
        [
            posts.select("row", outcome="state", reason=_SALVAGED, detail="error"),
            said["rejected"].select("row", pl.lit("rejected").alias("outcome"), "reason", "detail"),
        ]
    )
    files = files.join(outcomes, on="row", how="left", suffix=" found", maintain_order="left")
    outcome = {name: pl.coalesce(name, f"{name} found") for name in ("outcome", "reason", "detail")}
    markups = [markup_of(path, rules.markups) for path in posts["path"]]
    posts = posts.with_columns(pl.Series("markup", markups, pl.String))
    tables, code = bodies.read(posts, options.read(site.kramdown))
    plain = tables["post_bodies"]["text"]
    hashes = map(xxhash.xxh3_128_hexdigest, posts["body"].cast(pl.Binary))
    measured = posts.with_columns(
        pl.Series("body_hash", hashes, pl.String),
        characters=plain.str.len_chars().cast(pl.Int64),
        words=words(plain),
        code_words=words(code),
    )
    return {
        "files": files.with_columns(**outcome).select(list(_columns("files"))),
        "posts": measured.select(list(_columns("posts"))),
        **tables,
    }


def rejected(entries: pl.DataFrame, why: Mapping[str, str]) -> pl.DataFrame:
    """The rows of `files` of entries that cannot be processed.

    Args:
        entries: rows of `scan.ENTRIES`.
        why: the reason in words, by path.
    """
    rows = entries.select("path", "month", "size_bytes", "mtime_ns").sort("path").iter_rows()
    return framed(
        _columns("files"),
        [
            (path, month, size, mtime_ns // 1000, None, "rejected", NOT_PROCESSED, why[path])
            for path, month, size, mtime_ns in rows
        ],
    )


def _columns(table: str) -> Mapping[str, pl.DataType]:
    return contracts.polars_schema(table)


_SALVAGED: Final = pl.when(pl.col("front_matter_state") == "salvaged").then(pl.lit("salvaged"))
_OPENED: Final = {"row": pl.Int32(), "name": pl.String(), "archived": pl.Boolean(), **_columns("files")}


def opened(rules: Rules, entries: pl.DataFrame) -> tuple[pl.DataFrame, list[Document]]:
    """Return the rows of `files`, and the documents among them. A document's row has its number, and no outcome yet."""
    rows: list[tuple[object, ...]] = []
    found: list[Document] = []
    for entry, tried in opened_ahead(rules, list(map(Entry._make, entries.select(Entry._fields).iter_rows()))):
        size, mtime_ns = entry.size_bytes, entry.mtime_ns
        number = content_hash = None
        outcome: tuple[str | None, ...] = (None, None, None)
        try:
            if isinstance(tried, Ignored):
                outcome = ("ignored", *tried)
            elif isinstance(tried, Rejection):
                raise tried
            else:
                data, mtime_ns = content(tried.descriptor)
                size = len(data)
                content_hash = xxhash.xxh3_128_hexdigest(data)
                path = documents.document_path(rules.site, tried.path)
                number = len(found)
                found.append(Document(path, entry.place, data, mtime_ns // 1_000_000_000))
        except Rejection as rejection:
            size = size if rejection.size is None else rejection.size
            outcome = ("rejected", rejection.reason, rejection.detail)
        name = entry.path[entry.path.rfind("/") + 1 :]
        of_file = (entry.path, entry.month, size, mtime_ns // 1000, content_hash, *outcome)
        rows.append((number, name, entry.place == "archived", *of_file))
    return framed(_OPENED, rows), found
