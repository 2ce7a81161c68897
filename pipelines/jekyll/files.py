"""Opening a site's files: which may be, what their bytes are, and reading ahead where the disk is cold.

What a name says is decided in `names`, what a text says in `documents`; tables are made in `posts`.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from pipelines import limits
from pipelines.jekyll import documents
from pipelines.jekyll.config import Site
from pipelines.jekyll.documents import Rejection, Rules
from pipelines.jekyll.names import DATA_EXTENSIONS, PLAIN, refusal

READ_AHEAD: Final = 128
"""Files that are opened before the first of them is read, so that a cold disk brings them together and not one by one:
cold files come two to six times as fast, as the disk is, warm ones as before (measured). Fewer where the system lets
the process hold no more."""
_NO_MORE: Final = (errno.EMFILE, errno.ENFILE)

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


class Ignored(NamedTuple):
    """Jekyll reads no post there: why, and the evidence."""

    reason: str
    detail: str | None


class Opened(NamedTuple):
    """A file that may be read: its path as though in `_posts`, and its descriptor."""

    path: str
    descriptor: int


def opened_ahead(rules: Rules, entries: Sequence[Entry]) -> Generator[tuple[Entry, Opened | Ignored | Rejection]]:
    """Each entry, open for `content`, or why it is not. The system is told to read ahead; a file is closed again soon
    after it was given.
    """
    left = deque(entries)
    while left:
        held: list[int] = []
        tried: list[tuple[Entry, Opened | Ignored | Rejection]] = []
        try:
            while left and len(tried) < READ_AHEAD:
                found = _try(rules, left[0], held)
                if isinstance(found, _NoMore) and held:
                    break
                tried.append((left.popleft(), found))
            yield from tried
        finally:
            for descriptor in held:
                os.close(descriptor)


class _NoMore(Rejection):
    """The process, or the system, has as many files open as it may: no fault of this one."""


def _try(rules: Rules, entry: Entry, held: list[int]) -> Opened | Ignored | Rejection:
    try:
        path = documents.as_though_in_posts(entry.path, entry.folder, entry.place)
        ignored = refusal_of(rules, entry, path)
        if ignored:
            return ignored
        descriptor = descriptor_of(rules.site, entry)
    except Rejection as rejection:
        return rejection
    held.append(descriptor)
    _read_ahead(descriptor)
    return Opened(path, descriptor)


def _read_ahead(descriptor: int) -> None:
    """A hint: nothing is lost where it cannot be given, as of what has become a pipe since it was listed."""
    if hasattr(os, "posix_fadvise"):  # macOS has none
        with suppress(OSError):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_WILLNEED)


def refusal_of(rules: Rules, entry: Entry, path: str) -> Ignored | None:
    """Why Jekyll reads no post from an entry at `path` below the source; None where it reads one.

    Raises:
        Rejection: its name is no text.
    """
    below = entry.path[len(entry.folder) + 1 :] if entry.folder else entry.path
    if entry.raw is not None:
        raise Rejection("name_not_decodable")
    if entry.kind == "link" and os.path.isdir(_where(rules.site, entry)):  # noqa: PTH112 - Path's raises where it may not look
        return Ignored("linked_folder", f"to {_target(rules.site, entry)}")
    plain = entry.place != "drafts" and PLAIN.fullmatch(below) and not below.endswith(DATA_EXTENSIONS)
    if plain and not rules.names.exclude.match(path):
        return None
    reason = refusal(below, path, rules.names, draft=entry.place == "drafts")
    return Ignored(reason, None) if reason else None


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


def descriptor_of(site: Site, entry: Entry) -> int:
    """The file, open for reading; to be closed.

    Raises:
        Rejection: it is not to be opened, or cannot be.
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
        return os.open(where, _READ_ONLY)
    except FileNotFoundError:
        raise Rejection("vanished") from None
    except OSError as error:
        cause = _NoMore if error.errno in _NO_MORE else Rejection
        raise cause("unreadable", error.strerror) from None


def content(descriptor: int) -> tuple[bytes, int]:
    """An open file's bytes, all of one moment, and the modification time (ns) that goes with them.

    Raises:
        Rejection: it is no regular file, is too large, or cannot be read.
    """
    try:
        return _slurp(descriptor)
    except OSError as error:
        raise Rejection("unreadable", error.strerror) from None


def fetch(site: Site, entry: Entry) -> tuple[bytes, int]:
    """As `content`, of one entry.

    Raises:
        Rejection: as `descriptor_of` and `content`.
    """
    descriptor = descriptor_of(site, entry)
    try:
        return content(descriptor)
    finally:
        os.close(descriptor)


def _slurp(descriptor: int) -> tuple[bytes, int]:
    for _ in range(MAX_RETRIES):
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Rejection("not_a_file")
        if status.st_size > limits.FILE_BYTES:
            size = status.st_size
            raise Rejection("too_large", f"{size:,} bytes, the limit is {limits.FILE_BYTES:,}", size)
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
