"""Reads files of a site into the tables `files`, `posts` and `post_bodies`.

Here are the frames. Opening is done in `files`; what a file's name says is decided in `names`, what its text says in
`documents`. Runs in worker processes. A file on which the reading fails is rejected; where a frame of many fails,
`chunks` looks for the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast

import polars as pl
import xxhash

from pipelines.allowance import TooCostlyError, why
from pipelines.jekyll import bodies, documents
from pipelines.jekyll.bodies import Cut
from pipelines.jekyll.common import Common, Described, in_full
from pipelines.jekyll.config import Site
from pipelines.jekyll.documents import Rejection, Rules
from pipelines.jekyll.encodings import UNMARKED, UTF_8
from pipelines.jekyll.files import Entry, Ignored, Opened, content, opened_ahead
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
    common = Common(rules)
    files: list[tuple[object, ...]] = []
    rows: list[tuple[object, ...]] = []
    texts: list[tuple[str, Cut]] = []
    listed = list(map(Entry._make, entries.sort("path").select(Entry._fields).iter_rows()))
    for entry, opened in opened_ahead(rules, listed):
        _read(common, rules, entry, opened, files, rows, texts)
    posts = _frame(_POST_COLUMNS, rows)
    markups = [markup_of(path, rules.markups) for path in posts["path"]]
    tables, code = bodies.read(
        posts, [body for body, _ in texts], [cut for _, cut in texts], markups, options.read(site.kramdown)
    )
    plain = tables["post_bodies"]["text"]
    measured = posts.with_columns(
        pl.Series("markup", markups, pl.String),
        characters=plain.str.len_chars().cast(pl.Int64),
        words=words(plain),
        code_words=words(code),
    )
    return {
        "files": _frame(_columns("files"), files),
        "posts": measured.select(list(contracts.polars_schema("posts"))),
        **tables,
    }


def rejected(entries: pl.DataFrame, why: Mapping[str, str]) -> pl.DataFrame:
    """The rows of `files` of entries that cannot be processed.

    Args:
        entries: rows of `scan.ENTRIES`.
        why: the reason in words, by path.
    """
    rows = entries.select("path", "month", "size_bytes", "mtime_ns").sort("path").iter_rows()
    return _frame(
        _columns("files"),
        [
            (path, month, size, mtime_ns // 1000, None, "rejected", NOT_PROCESSED, why[path])
            for path, month, size, mtime_ns in rows
        ],
    )


def _columns(table: str) -> Mapping[str, pl.DataType]:
    return contracts.polars_schema(table)


_SEPARATOR: Final = "\x1f"
_TEXTS: Final = Described._fields.index("body")
"""From here on `Described` is no columns."""

_POST_COLUMNS: Final = {
    name: _columns("posts")[name]
    for name in ("path", "month", "name", "archived", "body_hash", *Described._fields[:_TEXTS])
}


def _frame(schema: Mapping[str, pl.DataType], rows: list[tuple[object, ...]]) -> pl.DataFrame:
    """A frame of rows in which instants are microseconds and dates days, both since 1970."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pl.DataFrame(
        [_series(name, dtype, list(values)) for (name, dtype), values in zip(schema.items(), columns, strict=True)]
    )


def _series(name: str, dtype: pl.DataType, values: list[object]) -> pl.Series:
    if isinstance(dtype, pl.Datetime):
        return pl.Series(name, values, pl.Int64).cast(dtype)
    if isinstance(dtype, pl.Date):
        return pl.Series(name, values, pl.Int32).cast(dtype)
    if isinstance(dtype, pl.List):
        return _lists(name, cast("list[list[str]]", values), dtype)
    return pl.Series(name, values, dtype)


def _lists(name: str, lists: list[list[str]], dtype: pl.List) -> pl.Series:
    """A column of lists. Polars would make a series of each; joined texts cut apart by its engine cost a tenth."""
    if any(_SEPARATOR in item for part in lists for item in part):
        return pl.Series(name, lists, dtype)
    joined = pl.Series(name, [_SEPARATOR.join(part) if part else None for part in lists], pl.String)
    return joined.str.split(_SEPARATOR).fill_null([])


def _read(
    common: Common,
    rules: Rules,
    entry: Entry,
    opened: Opened | Ignored | Rejection,
    files: list[tuple[object, ...]],
    posts: list[tuple[object, ...]],
    texts: list[tuple[str, Cut]],
) -> None:
    size, mtime_ns, content_hash = entry.size_bytes, entry.mtime_ns, None
    if isinstance(opened, Ignored):
        files.append((entry.path, entry.month, size, mtime_ns // 1000, None, "ignored", *opened))
        return
    try:
        if isinstance(opened, Rejection):
            raise opened
        data, mtime_ns = content(opened.descriptor)
        size = len(data)
        content_hash = xxhash.xxh3_128_hexdigest(data)
        path = documents.document_path(rules.site, opened.path)
        post = _described(common, rules, entry, path, data, mtime_ns)
    except Rejection as rejection:
        size = size if rejection.size is None else rejection.size
        outcome = ("rejected", rejection.reason, rejection.detail)
        files.append((entry.path, entry.month, size, mtime_ns // 1000, content_hash, *outcome))
        return
    salvaged = "salvaged" if post.front_matter_state == "salvaged" else None
    files.append((entry.path, entry.month, size, mtime_ns // 1000, content_hash, post.state, salvaged, post.error))
    body_hash = xxhash.xxh3_128_hexdigest(post.body.encode())
    name = entry.path[entry.path.rfind("/") + 1 :]
    posts.append((entry.path, entry.month, name, entry.place == "archived", body_hash, *post[:_TEXTS]))
    texts.append((post.body, post.cut))


def _described(common: Common, rules: Rules, entry: Entry, path: str, data: bytes, mtime_ns: int) -> Described:
    """The post of these bytes.

    Raises:
        Rejection: it is no post that can be trusted, or reading it failed.
        TooCostlyError: the reading of this file, or of those before it, took too much.
    """
    try:
        post = common.post(path, data) if entry.place != "drafts" else None
        if post is None:
            text = decode(data, rules.site.encoding)
            post = in_full(rules, path, entry.place, text, mtime_ns // 1_000_000_000)
    except (Rejection, TooCostlyError):
        raise
    except Exception as error:
        raise Rejection(NOT_PROCESSED, why(error, len(data))) from error
    return post


def decode(data: bytes, encoding: str) -> str:
    """The bytes as text in the site's encoding (`Site.encoding`), without the byte order mark that Jekyll takes away.

    Raises:
        Rejection: they are none.
    """
    codec = UTF_8 if encoding == UNMARKED else encoding
    try:
        decoded = data.decode(codec)
    except (UnicodeError, ValueError) as error:
        at = getattr(error, "start", None)
        detail = f"not {codec}"
        if isinstance(at, int) and at < len(data):
            line, column = data.count(b"\n", 0, at) + 1, at - data.rfind(b"\n", 0, at)
            detail += f": byte 0x{data[at]:02x} at line {line} column {column}"
        raise Rejection("not_decodable", detail) from None
    return decoded.removeprefix("\ufeff") if encoding == UNMARKED else decoded
