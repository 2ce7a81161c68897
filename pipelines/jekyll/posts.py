"""Reads files of a site into the tables `files`, `posts` and `post_bodies`.

Here are the files: opening, limits, bytes, frames. What a file's name says is decided in `names`, what its text says in
`documents`. Runs in worker processes; never raises on what a file holds.
"""

from __future__ import annotations

import os
import stat
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple, cast

import polars as pl
import xxhash

from pipelines.jekyll import documents, text
from pipelines.jekyll.common import Common, Described, in_full
from pipelines.jekyll.config import Site
from pipelines.jekyll.documents import Rejection, Rules
from pipelines.jekyll.names import DATA_EXTENSIONS, PLAIN, refusal
from warehouse import contracts

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""A larger file is refused without being read."""

_READ_ONLY: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

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


def read(site: Site, entries: pl.DataFrame, now: datetime) -> dict[str, pl.DataFrame]:
    """The tables `files`, `posts` and `post_bodies` of these entries (rows of `scan.ENTRIES`), sorted by path.

    `now` is an aware time; later posts are future ones. Files are opened only where their name makes them
    posts, and only
    regular ones, or links whose target lies within the site. A chunk of about 2,000 rows keeps the frames small.
    """
    rules = Rules.of(site, now)
    common = Common(rules)
    files: list[tuple[object, ...]] = []
    posts: list[tuple[object, ...]] = []
    bodies: list[str] = []
    excerpts: list[str] = []
    for entry in map(Entry._make, entries.sort("path").select(Entry._fields).iter_rows()):
        _read(common, rules, entry, files, posts, bodies, excerpts)
    found = _frame(_columns("files"), files)
    post = _frame(_POST_COLUMNS, posts)
    plain, excerpt = text.plain_with_excerpts(bodies, excerpts)
    measured = post.with_columns(
        excerpt,
        characters=plain.str.len_chars().cast(pl.Int64),
        words=text.words(plain),
    )
    return {
        "files": found,
        "posts": measured.select(list(contracts.polars_schema("posts"))),
        "post_bodies": post.select("path", "month").with_columns(pl.Series("body", bodies, pl.String), plain),
    }


def _columns(table: str) -> dict[str, pl.DataType]:
    return contracts.polars_schema(table)


_SEPARATOR: Final = "\x1f"
_TEXTS: Final = Described._fields.index("body")
"""From here on `Described` is no columns."""

_POST_COLUMNS: Final = {
    name: _columns("posts")[name]
    for name in ("path", "month", "name", "archived", "body_hash", *Described._fields[:_TEXTS])
}


def _frame(schema: dict[str, pl.DataType], rows: list[tuple[object, ...]]) -> pl.DataFrame:
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
    files: list[tuple[object, ...]],
    posts: list[tuple[object, ...]],
    bodies: list[str],
    excerpts: list[str],
) -> None:
    size, mtime_ns, content_hash = entry.size_bytes, entry.mtime_ns, None
    try:
        path = documents.as_though_in_posts(entry.path, entry.folder, entry.place)
        ignored = refusal_of(rules, entry, path)
        if ignored:
            files.append((entry.path, entry.month, size, mtime_ns // 1000, None, "ignored", *ignored))
            return
        data, mtime_ns = fetch(rules.site, entry)
        size = len(data)
        content_hash = xxhash.xxh3_128_hexdigest(data)
        path = documents.document_path(rules.site, path)
        post = common.post(path, data) if entry.place != "drafts" else None
        if post is None:
            text = decode(data, rules.site.encoding)
            post = in_full(rules, path, entry.place, text, mtime_ns // 1_000_000_000)
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
    bodies.append(post.body)
    excerpts.append(post.excerpt)


def refusal_of(rules: Rules, entry: Entry, path: str) -> tuple[str, str | None] | None:
    """Why Jekyll reads no post from an entry at `path` below the source, and the evidence; None where it reads one."""
    below = entry.path[len(entry.folder) + 1 :] if entry.folder else entry.path
    if entry.raw is not None:
        raise Rejection("name_not_decodable")
    if entry.kind == "link" and os.path.isdir(_where(rules.site, entry)):  # noqa: PTH112 - Path's raises where it may not look
        return "linked_folder", f"to {_target(rules.site, entry)}"
    plain = entry.place != "drafts" and PLAIN.fullmatch(below) and not below.endswith(DATA_EXTENSIONS)
    if plain and not rules.names.exclude.match(path):
        return None
    reason = refusal(below, path, rules.names, draft=entry.place == "drafts")
    return (reason, None) if reason else None


def _where(site: Site, entry: Entry) -> str:
    return f"{site.source}/{entry.path if entry.raw is None else os.fsdecode(entry.raw)}"


def _target(site: Site, entry: Entry) -> str:
    try:
        return os.fsencode(Path(_where(site, entry)).readlink()).decode("utf-8", "backslashreplace")
    except OSError:
        return ""


def _inside(site: Site, entry: Entry) -> str | None:
    """The real path of a link's target if it lies within the site, else None."""
    real = os.path.realpath(_where(site, entry))
    return real if real == str(site.root) or real.startswith(f"{site.root}{os.sep}") else None


def fetch(site: Site, entry: Entry) -> tuple[bytes, int]:
    """The file's bytes, all of one moment, and the modification time (ns) that goes with them.

    Raises:
        Rejection: it is not to be opened, cannot be, or is too large.
    """
    where: str | None = _where(site, entry)
    if entry.kind == "link":
        where = _inside(site, entry)
        if where is None:
            raise Rejection("link_leaves_site", f"to {_target(site, entry)}")
        if not os.path.exists(where):  # noqa: PTH110 - Path's raises where it may not look
            raise Rejection("broken_link", f"to {_target(site, entry)}")
    elif entry.kind != "file":
        raise Rejection("not_a_file")
    assert where is not None
    try:
        # Not followed: what was a file when listed may be a link by now. Not blocking: nor a pipe.
        descriptor = os.open(where, _READ_ONLY)
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


def _slurp(descriptor: int) -> tuple[bytes, int]:
    for _ in range(MAX_RETRIES):
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
        if _times(os.fstat(descriptor)) == _times(status) and len(data) == status.st_size:
            break
        os.lseek(descriptor, 0, os.SEEK_SET)
    return data, status.st_mtime_ns


def _times(status: os.stat_result) -> tuple[int, int, int]:
    """What another content would not leave as it was."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


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
