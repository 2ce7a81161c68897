"""Reads files of a site into the tables `files`, `posts` and `post_bodies`.

Here are the files: opening, limits, bytes, frames. What a file's name says is decided in `names`, what its text says in
`documents`. Runs in worker processes; never raises on what a file holds.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import polars as pl
import xxhash

from pipelines.jekyll import documents, front_matter, text
from pipelines.jekyll.config import Site
from pipelines.jekyll.documents import Post, Rejection, Rules
from pipelines.jekyll.front_matter import FrontMatter
from pipelines.jekyll.names import PLAIN, refusal
from warehouse import contracts

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""A larger file is refused without being read."""

MAX_RETRIES: Final = 3
"""How often a file that changes while it is read is read again."""


class Entry(NamedTuple):
    """A row of `scan.ENTRIES`, as far as it is needed here."""

    path: str
    month: str
    size_bytes: int
    mtime_ns: int
    kind: str
    place: str
    folder: str
    raw: bytes | None


@dataclass(slots=True)
class Content:
    """A file as it was read: its bytes, their hash, and the modification time that goes with them."""

    data: bytes
    mtime_ns: int


def read(site: Site, entries: pl.DataFrame, now: datetime) -> dict[str, pl.DataFrame]:
    """The tables `files`, `posts` and `post_bodies` of these entries (rows of `scan.ENTRIES`), sorted by path.

    `now` is an aware time; later posts are future ones. Files are opened only where their name makes them posts, and only
    regular ones, or links whose target lies within the site. At most `MAX_FILE_BYTES` a file are held at a time; a chunk of
    about 2,000 rows keeps the frames small.
    """
    rules = Rules.of(site, now)
    files = _Columns("files")
    posts = _Columns("posts")
    bodies = _Columns("post_bodies")
    for entry in _entries(entries.sort("path")):
        _read(rules, entry, files, posts, bodies)
    return {columns.table: columns.frame() for columns in (files, posts, bodies)}


class _Columns:
    """The rows of one table, as columns."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.schema = contracts.polars_schema(table)
        self.columns: list[list[object]] = [[] for _ in self.schema]
        self.appends = [column.append for column in self.columns]

    def add(self, *row: object) -> None:
        for append, value in zip(self.appends, row, strict=True):
            append(value)

    def frame(self) -> pl.DataFrame:
        """Instants are held as microseconds, dates as days, both since 1970."""
        series = []
        for (name, dtype), values in zip(self.schema.items(), self.columns, strict=True):
            if isinstance(dtype, pl.Datetime):
                series.append(pl.Series(name, values, pl.Int64).cast(dtype))
            elif isinstance(dtype, pl.Date):
                series.append(pl.Series(name, values, pl.Int32).cast(dtype))
            else:
                series.append(pl.Series(name, values, dtype))
        return pl.DataFrame(series)


def _entries(entries: pl.DataFrame) -> Iterator[Entry]:
    return map(Entry._make, entries.select(Entry._fields).iter_rows())


def _read(rules: Rules, entry: Entry, files: _Columns, posts: _Columns, bodies: _Columns) -> None:
    size, mtime_ns, content_hash = entry.size_bytes, entry.mtime_ns, None
    try:
        path = documents.document_path(rules.site, entry.path, entry.folder, entry.place)
        ignored = _refusal(rules, entry, path)
        if ignored:
            files.add(entry.path, entry.month, size, mtime_ns // 1000, None, "ignored", *ignored)
            return
        content = fetch(rules.site, entry)
        size, mtime_ns = len(content.data), content.mtime_ns
        content_hash = xxhash.xxh3_128_hexdigest(content.data)
        written = decode(content.data, rules.site.encoding)
        fm, body = documents.read(written)
        post = documents.describe(rules, path, entry.place, fm, mtime_ns // 1_000_000_000)
    except Rejection as rejection:
        size = size if rejection.size is None else rejection.size
        files.add(
            entry.path, entry.month, size, mtime_ns // 1000, content_hash, "rejected", rejection.reason, rejection.detail
        )
        return
    salvaged = fm.state == "salvaged"
    files.add(
        entry.path, entry.month, size, mtime_ns // 1000, content_hash,
        post.state, "salvaged" if salvaged else None, fm.error,
    )  # fmt: skip
    _add_post(entry, fm, body, post, posts, bodies)


def _add_post(entry: Entry, fm: FrontMatter, body: str, post: Post, posts: _Columns, bodies: _Columns) -> None:
    plain = text.plain(body)
    excerpt = post.excerpt
    moment = post.when
    posts.add(
        entry.path,
        entry.month,
        entry.path[entry.path.rfind("/") + 1 :],
        post.slug,
        post.title,
        moment.epoch * 1_000_000,
        documents.days(moment.local),
        moment.written,
        moment.source,
        moment.flags,
        post.url,
        post.layout,
        post.state,
        post.rendered,
        entry.place == "archived",
        fm.state,
        post.categories,
        post.tags,
        text.plain(excerpt) if excerpt is not None else _excerpt(body, plain, post.excerpt_separator),
        len(plain),
        text.words(plain),
        xxhash.xxh3_128_hexdigest(body.encode()),
        front_matter.to_json(fm.data),
    )
    bodies.add(entry.path, entry.month, body, plain)


def _excerpt(body: str, plain: str, separator: str) -> str:
    if separator and separator not in body:
        return plain
    return text.excerpt(body, separator)


def _refusal(rules: Rules, entry: Entry, path: str) -> tuple[str, str | None] | None:
    """Why Jekyll reads no post there, and the evidence; None where it reads one."""
    below = entry.path[len(entry.folder) + 1 :] if entry.folder else entry.path
    if entry.raw is not None:
        raise Rejection("name_not_decodable")
    if entry.kind == "link" and os.path.isdir(_where(rules.site, entry)) and _inside(rules.site, entry) is not None:
        return "linked_folder", _target(rules.site, entry)
    if entry.place != "drafts" and PLAIN.fullmatch(below) and not below.endswith((".yml", ".yaml")):
        if not rules.names.exclude.match(path):
            return None
    reason = refusal(below, path, rules.names, draft=entry.place == "drafts")
    return (reason, None) if reason else None


def _where(site: Site, entry: Entry) -> str:
    return os.path.join(site.source, os.fsdecode(entry.raw) if entry.raw is not None else entry.path)


def _target(site: Site, entry: Entry) -> str:
    try:
        return os.readlink(_where(site, entry)).encode("utf-8", "backslashreplace").decode()
    except OSError:
        return ""


def _inside(site: Site, entry: Entry) -> str | None:
    """The real path of a link's target if it lies within the site, else None."""
    real = os.path.realpath(_where(site, entry))
    return real if real == str(site.root) or real.startswith(f"{site.root}{os.sep}") else None


def fetch(site: Site, entry: Entry) -> Content:
    """The file's bytes, all of one moment.

    Raises:
        Rejection: it is not to be opened, cannot be, or is too large.
    """
    where: str | None = _where(site, entry)
    if entry.kind == "link":
        where = _inside(site, entry)
        if where is None:
            raise Rejection("link_leaves_site", f"to {_target(site, entry)}")
        if not os.path.exists(where):
            raise Rejection("broken_link", f"to {_target(site, entry)}")
    elif entry.kind != "file":
        raise Rejection("not_a_file")
    assert where is not None
    try:
        # Not followed: what was a file when listed may be a link by now. Not blocking: nor a pipe.
        descriptor = os.open(where, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Rejection("vanished") from None
    except OSError as error:
        raise Rejection("unreadable", error.strerror) from None
    try:
        return _slurp(descriptor)
    except OSError as error:
        raise Rejection("unreadable", error.strerror) from None
    finally:
        os.close(descriptor)


def _slurp(descriptor: int) -> Content:
    for attempt in range(MAX_RETRIES):
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Rejection("not_a_file")
        if status.st_size > MAX_FILE_BYTES:
            raise Rejection("too_large", f"{status.st_size:,} bytes, the limit is {MAX_FILE_BYTES:,}", status.st_size)
        data = os.read(descriptor, status.st_size + 1)
        while len(data) < status.st_size:
            more = os.read(descriptor, status.st_size + 1 - len(data))
            if not more:
                break
            data += more
        if len(data) == status.st_size or attempt == MAX_RETRIES - 1:
            break
        os.lseek(descriptor, 0, os.SEEK_SET)
    return Content(data, status.st_mtime_ns)


def decode(data: bytes, encoding: str) -> str:
    """The bytes as text in the site's encoding, without a byte order mark.

    Raises:
        Rejection: they are none.
    """
    try:
        decoded = data.decode(encoding)
    except (UnicodeError, ValueError) as error:
        at = getattr(error, "start", None)
        detail = f"not {encoding}"
        if isinstance(at, int) and at < len(data):
            line, column = data.count(b"\n", 0, at) + 1, at - data.rfind(b"\n", 0, at)
            detail += f": byte 0x{data[at]:02x} at line {line} column {column}"
        raise Rejection("not_decodable", detail) from None
    return decoded.removeprefix("\ufeff") if encoding == "utf-8" else decoded
