"""The files of a site's posts folders, found as Jekyll walks and without opening one.

One row an entry that is no directory, with what a build needs to tell whether it changed (size, times, inode)
and to open it later. Which rows are posts is decided in `names` and `posts`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote_from_bytes

import polars as pl
import xxhash

from pipelines.jekyll.config import CONFIGURATIONS, Site, SiteError
from pipelines.jekyll.names import DATED, Filter, extension, month
from pipelines.markup import extensions, is_markdown
from warehouse.contracts import UNDATED

ENTRIES: Final[dict[str, pl.DataType]] = {
    "path": pl.String(),
    "month": pl.String(),
    "size_bytes": pl.Int64(),
    "mtime_ns": pl.Int64(),
    "ctime_ns": pl.Int64(),
    "inode": pl.UInt64(),
    "kind": pl.String(),
    "place": pl.String(),
    "folder": pl.String(),
    "raw": pl.Binary(),
}
"""The columns of `Scan.entries`.

`path` as in the contract (POSIX, below the source, percent-escaped if not UTF-8), `month` as in the contract;
`kind`: file,
link or other; `place`: posts, drafts or archived; `folder`: the posts folder's path; `raw`: the path's bytes,
only where they are not those of `path`.
"""

_NOBODYS: Final = ("node_modules", "vendor")
"""Folders of other people's files: what is named like a post there is nobody's old post."""

MAX_DEPTH: Final = 100
"""Folders within folders that the walk follows."""

MAX_LINKS: Final = 1_000
"""Links to folders that the walk follows, all together: links among each other would be endless."""

_BATCH: Final = 50_000


@dataclass
class Scan:
    """`entries`: a frame of `ENTRIES`, sorted by path. `outside`: posts-named files by folder that lie in no
    posts folder. `sites`: folders that hold posts folders and a configuration of their own: sites within the site.
    """

    entries: pl.DataFrame
    outside: dict[str, int]
    sites: list[str]


@dataclass
class _Beside:
    """What the walk comes by beside posts folders: posts-named files outside them, by folder; posts folders that are
    links out of the site; folders within that have a configuration."""

    outside: dict[str, int] = field(default_factory=dict)
    links: list[Folder] = field(default_factory=list)
    configured: list[str] = field(default_factory=list)


class Folder(NamedTuple):
    """A posts folder: its path below the source and its place (posts, drafts, archived)."""

    path: str
    place: str


def scan(site: Site) -> Scan:
    """Every entry below the site's posts folders.

    Raises:
        SiteError: the site has no posts folder, a configured one is missing, or a folder cannot be listed.
    """
    beside = _Beside()
    folders = list(_places(site, beside))
    if not folders and not beside.links:
        raise SiteError(_NONE.format(site.source))
    sites = [path for path in beside.configured if any(folder.path.startswith(f"{path}/") for folder in folders)]
    return Scan(_frame(site, folders, beside.links), beside.outside, sorted(sites))


def fingerprint(site: Site) -> str:
    """What `scan` would see, as a hash that differs when an entry came, went or was touched. Costs a stat each.

    Raises:
        SiteError: as `scan`.
    """
    digest = xxhash.xxh3_128()
    beside = _Beside()
    for folder in [*_places(site, beside), *beside.links]:
        seen = (
            f"{path}\0{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}\n"
            for path, status in _entries(_join(site, folder.path), folder.path)
        )
        for line in sorted(seen):
            digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


_NONE: Final = "{} has no _posts folder: name the folder that holds one, or its _posts folder itself"


def demand_posts(site: Site) -> None:
    """Stops at the first posts folder: whether `scan` would find any.

    Raises:
        SiteError: as `scan`, where it finds none or a configured folder is missing.
    """
    beside = _Beside()
    for _ in _places(site, beside):
        return
    if not beside.links:
        raise SiteError(_NONE.format(site.source))


def _places(site: Site, beside: _Beside) -> Iterator[Folder]:
    """Every posts folder: the configured ones, and those that Jekyll's walk comes by."""
    for extra in site.posts_folders:
        where = _join(site, extra)
        if not os.path.isdir(where) or not _within(site, where):  # noqa: PTH112 - Path's raises where it may not look
            raise SiteError(f"the posts folder {extra} is no folder below {site.source}: mend its name or leave it out")
        yield Folder(extra, "archived")
    if site.only:
        yield Folder(site.only, "posts")
    else:
        yield from _folders(site, beside)


def _join(site: Site, path: str) -> str:
    return f"{site.source}/{path}" if path else str(site.source)


def _within(site: Site, where: str) -> bool:
    real = os.path.realpath(where)
    return real == str(site.root) or real.startswith(str(site.root) + os.sep)


def _folders(site: Site, beside: _Beside) -> Iterator[Folder]:
    """The posts folders, as `Reader#read_directories` comes by them; what lies outside them is counted on the way.

    Folders that Jekyll passes over (`_x`, `.x`) hold none; those that may hold old posts are looked at for
    `beside.outside` alone.
    """
    rules = Filter.of(site.include, site.exclude)
    markups = extensions(site.markdown_ext, site.markdown)
    markdown = tuple(extension for extension, markup in markups.items() if is_markdown(markup))
    extras = frozenset(site.posts_folders)
    followed = 0
    todo: list[tuple[str, bool, int]] = [("", True, 0)]
    while todo:
        path, walked, depth = todo.pop()
        try:
            with os.scandir(_join(site, path)) as listing:
                children = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            if not path:
                raise SiteError(f"{site.source} cannot be listed: {error.strerror}") from None
            continue
        posts_here = walked and site.may_hold_posts(path)
        dated = 0
        for child in children:
            below = f"{path}/{child.name}" if path else child.name
            try:
                is_dir = child.is_dir()
            except OSError:
                continue
            if not is_dir:
                if path and walked and child.name in CONFIGURATIONS:
                    beside.configured.append(path)
                dated += child.name.endswith(markdown) and bool(DATED.match(child.name)) and extension(child.name) != ""
                continue
            if below in extras:
                continue
            if child.is_symlink() and not _within(site, child.path):
                if posts_here and child.name in ("_posts", "_drafts"):
                    beside.links.append(Folder(below, "posts" if child.name == "_posts" else "drafts"))
                continue
            if child.name in ("_posts", "_drafts"):
                if posts_here:
                    yield Folder(below, "posts" if child.name == "_posts" else "drafts")
                continue
            if below == site.destination or depth >= MAX_DEPTH:
                continue
            refused = rules.refuses(child.name, below, folder=True)
            if refused in ("hidden_name", "trailing_dot") or (child.name in _NOBODYS and (refused or not walked)):
                continue
            if child.is_symlink():
                try:
                    status = child.stat()
                    leads_up = _leads_up(site, path, status)
                except OSError:
                    continue
                followed += 1
                if leads_up or followed > MAX_LINKS:
                    continue
            todo.append((below, walked and refused is None, depth + 1))
        if dated:
            beside.outside[path or "."] = dated


_Found = tuple[Folder, str, os.stat_result]
"""An entry: its posts folder, its path below the source, what the system says of it."""


def _leads_up(site: Site, path: str, target: os.stat_result) -> bool:
    """Whether a link in the folder leads to it or to one that it lies in."""
    where = Path(_join(site, path))
    above = [folder for folder in (where, *where.parents) if folder.is_relative_to(site.source)]
    return any(os.path.samestat(folder.stat(), target) for folder in above)


def _frame(site: Site, folders: list[Folder], links: list[Folder]) -> pl.DataFrame:
    found = _found(site, folders, links)
    frames = [pl.DataFrame(schema=ENTRIES)]
    # By the batch: what the system says of a million entries takes a gigabyte as objects.
    while batch := list(islice(found, _BATCH)):
        frames.append(_rows(batch))
    return pl.concat(frames).unique("path", keep="first", maintain_order=True).sort("path")


def _found(site: Site, folders: list[Folder], links: list[Folder]) -> Iterator[_Found]:
    for folder in folders:
        for path, status in _entries(_join(site, folder.path), folder.path):
            yield folder, path, status
    for link in links:
        try:
            status = os.lstat(_join(site, link.path))
        except FileNotFoundError:
            continue  # gone since it was found
        yield Folder(link.path[: link.path.rfind("/") + 1].rstrip("/"), link.place), link.path, status


def _rows(found: list[_Found]) -> pl.DataFrame:
    paths = [path for _, path, _ in found]
    stats = [status for _, _, status in found]
    raw: list[bytes | None] = [None] * len(paths)
    for i, path in enumerate(paths):
        if not path.isascii() and _escaped(path) is not None:
            raw[i] = os.fsencode(path)
            paths[i] = _escaped(path) or path
    return pl.DataFrame(
        {
            "path": paths,
            "month": [_month(path) for path in paths],
            "size_bytes": [status.st_size for status in stats],
            "mtime_ns": [status.st_mtime_ns for status in stats],
            "ctime_ns": [status.st_ctime_ns for status in stats],
            "inode": [status.st_ino for status in stats],
            "kind": [_kind(status.st_mode) for status in stats],
            "place": [folder.place for folder, _, _ in found],
            "folder": [folder.path for folder, _, _ in found],
            "raw": raw,
        },
        schema=ENTRIES,
    )


def _entries(where: str, path: str) -> Iterator[tuple[str, os.stat_result]]:
    """Each entry below a folder that is no directory; links are not followed."""
    todo = [(where, path)]
    while todo:
        where, path = todo.pop()
        try:
            with os.scandir(where) as listing:
                for entry in listing:
                    try:
                        if entry.is_dir(follow_symlinks=False):
                            todo.append((entry.path, f"{path}/{entry.name}"))
                            continue
                        status = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue  # gone since it was listed: as though it had gone before
                    yield f"{path}/{entry.name}", status
        except FileNotFoundError:
            continue
        except OSError as error:
            raise SiteError(
                f"{where} cannot be listed ({error.strerror}): give the reader access or exclude it"
            ) from None


def _escaped(path: str) -> str | None:
    """The path with the bytes that are no UTF-8, and its percent signs, percent-escaped; None where it is UTF-8."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return "".join(quote_from_bytes(os.fsencode(c)) if "\udc80" <= c <= "\udcff" or c == "%" else c for c in path)
    return None


def _month(path: str) -> str:
    start = path.rfind("/") + 1
    return _month_of(path[start : start + 11])  # YYYY-MM-DD and the character that ends the day


@lru_cache(maxsize=4096)
def _month_of(beginning: str) -> str:
    return month(beginning) or UNDATED


def _kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "file"
    return "link" if stat.S_ISLNK(mode) else "other"
