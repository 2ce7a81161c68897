"""Build folders: beginning one, publishing by one rename, going back, cleaning up.

A build is a folder `builds/<build_id>` that nobody sees until `current` points to it. What is in it is the business of
`lake`, `database` and `report`; whether it may be published is said by the audits. What it is made of: `manifest`.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from warehouse.manifest import MANIFEST, PENDING, Manifest, WarehouseError, damaged, read_manifest

BUILDS: Final = "builds"
CURRENT: Final = "current"
DATABASE: Final = "warehouse.duckdb"
SHOWN: Final = (DATABASE, "lake", "report")
"""What people open: links beside `current` that lead through it."""

SCAN_CACHE: Final = "scan.parquet"
"""What the last scan saw of each file (`pipelines.due`)."""
FOUND: Final = "damaged.json"
"""What `verify` found in the published build, for the next build to mend."""
ASIDE: Final = (CURRENT, *SHOWN, SCAN_CACHE, FOUND)
"""What is made under another name and renamed when it is whole (`unfinished`)."""

KEPT_BUILDS: Final = 3
KEPT_FOR: Final = timedelta(hours=1)
"""A superseded build stays at least as long, for those who resolved `current` before."""

READ_ONLY: Final = 0o444

MENDED: Final = "mended"
"""The folder below `builds` in which a damaged build is mended: unfinished, like a build that was never published."""
PARTS: Final = ".parts"
"""Ends the name of the folder beside a build in which workers write (`pipelines.chunks`)."""
BUILD_ID: Final = re.compile(r"[0-9]{8}T[0-9]{6}\.[0-9]{3}Z-[0-9a-f]{8}")
"""Names that `build_id` gives. Nothing else below `builds` is Backfile's to read or to remove."""


def build_id(started_at: datetime) -> str:
    """A new build's name: sorts by time, unlike any other."""
    at = started_at.astimezone(UTC)
    return f"{at:%Y%m%dT%H%M%S}.{at.microsecond // 1000:03d}Z-{secrets.token_hex(4)}"


def start_time(warehouse: Path, clock: datetime) -> datetime:
    """When a build that begins now has begun: the clock's time in whole milliseconds, but after every earlier build.

    The order of builds is the order of their times; a clock turned back must not change it.
    """
    start = clock.astimezone(UTC).replace(microsecond=clock.microsecond // 1000 * 1000)
    for folder in _builds(warehouse):
        with suppress(ValueError, OverflowError):
            earlier = datetime.strptime(folder.name.partition("Z-")[0], "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
            start = max(start, earlier + timedelta(milliseconds=1))
    return start


def build_folder(warehouse: Path, name: str) -> Path:
    """Where the build lies."""
    return warehouse / BUILDS / name


def current(warehouse: Path) -> Path | None:
    """The published build's folder, resolved; None before the first, or where the link leads to no build."""
    try:
        name = (warehouse / CURRENT).readlink().name
    except OSError:
        return None
    target = build_folder(warehouse, name)
    return target if _is_build(target) else None


def _is_build(path: Path) -> bool:
    return BUILD_ID.fullmatch(path.name) is not None and path.is_dir() and not path.is_symlink()


def _is_scratch(path: Path) -> bool:
    """Return whether it is a folder that builds make beside their own."""
    named = path.name == MENDED or (path.suffix == PARTS and BUILD_ID.fullmatch(path.stem))
    return bool(named) and path.is_dir() and not path.is_symlink()


def _builds(warehouse: Path) -> list[Path]:
    """Return the folders of all builds, finished or not, the newest last."""
    return sorted(filter(_is_build, (warehouse / BUILDS).glob("*")))


def foreign(warehouse: Path) -> list[str]:
    """Return the names below `builds` that are not builds: links, files and folders of somebody else."""
    return sorted(path.name for path in (warehouse / BUILDS).glob("*") if not _is_build(path) and not _is_scratch(path))


def published(warehouse: Path) -> tuple[Path, Manifest] | None:
    """The published build and its manifest; None before the first.

    Raises:
        WarehouseError: the manifest cannot be read.
    """
    build = current(warehouse)
    return (build, read_manifest(build)) if build else None


def kept(warehouse: Path) -> list[Path]:
    """The folders of all builds that were published and are still there, the newest last."""
    return [build for build in _builds(warehouse) if (build / MANIFEST).exists()]


def check(warehouse: Path, site: Path) -> None:
    """Whether the folder can be this site's warehouse: writable, its own, of a version that this program knows.

    Raises:
        WarehouseError: why not, in one line.
    """
    existing = next(path for path in (warehouse, *warehouse.parents) if path.exists())
    if not existing.is_dir():
        raise WarehouseError(f"{existing} is no folder; choose another --warehouse")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise WarehouseError(f"{existing} cannot be written to; change its permissions or choose another --warehouse")
    if existing == warehouse and not (warehouse / BUILDS).is_dir():
        strange = sorted({path.name for path in warehouse.iterdir()} - {"dagster", "lock", "messages"})
        if strange:
            raise WarehouseError(
                f"{warehouse} holds other things ({strange[0]}, …) and no builds; choose an empty folder as --warehouse"
            )
    if (warehouse / CURRENT).is_dir() and not (warehouse / CURRENT).is_symlink():
        raise WarehouseError(
            f"{warehouse / CURRENT} is a folder, not a link to a build; move it away, or choose another --warehouse"
        )
    try:
        last = published(warehouse)
    except WarehouseError:
        return  # whose it is, is found when it is repaired
    if last is not None:
        demand(warehouse, last[1], site)


def demand(warehouse: Path, manifest: Manifest, site: Path) -> None:
    """Whether what was built last is this site's, by a program that is not newer than this one.

    Raises:
        WarehouseError: why not, in one line.
    """
    if manifest.site != str(site):
        raise WarehouseError(
            f"{warehouse} is the warehouse of {manifest.site}, not of {site}; choose another --warehouse"
        )
    from warehouse.contracts import CONTRACT_VERSION  # noqa: PLC0415  costly to import, and no business of readers

    if int(manifest.versions.get("contract", "0")) > CONTRACT_VERSION:
        raise WarehouseError(
            f"{warehouse} was built by a newer Backfile; update this one, or choose another --warehouse"
        )


def begin(warehouse: Path, name: str) -> Path:
    """A new, empty build folder."""
    folder = build_folder(warehouse, name)
    folder.mkdir(parents=True)
    return folder


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unfinished(path: Path) -> Path:
    """Where the file is made before one rename gives it its name; `clean` removes it where that never came."""
    return path.with_name(f".{path.name}.new")


def _relink(link: Path, target: str) -> None:
    """Let `link` lead to `target` by one rename, whatever it led to before."""
    new = unfinished(link)
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)


def publish(warehouse: Path, build: Path, manifest: Manifest) -> None:
    """Make the finished build the current one.

    Every file is made read-only and reaches the disk before the one rename that readers notice.
    """
    for name in manifest.files:
        path = build / name
        stat = path.stat()
        # What was carried by a link has reached the disk with its build; what was copied has but the same mode.
        if stat.st_mode & 0o777 != READ_ONLY or stat.st_nlink == 1:
            path.chmod(READ_ONLY)
            _sync(path)
    target = build / PENDING
    target.unlink(missing_ok=True)  # of a try that failed
    target.write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    target.chmod(READ_ONLY)
    _sync(target)
    for folder in {build.parent, build, *(parent for name in manifest.files for parent in (build / name).parents)}:
        if folder.is_relative_to(build.parent):
            _sync(folder)
    _make_current(warehouse, build)


def _make_current(warehouse: Path, build: Path) -> None:
    before = current(warehouse)
    if before is not None:
        os.utime(before)  # until now readers were led there: `clean` goes by it
    _relink(warehouse / CURRENT, f"{BUILDS}/{build.name}")
    settle(warehouse)


def go_back(warehouse: Path, build: Path) -> None:
    """Let a kept build be the current one. To be called with the lock held.

    Raises:
        WarehouseError: it is damaged; nothing is changed.
    """
    wrong = damaged(build, read_manifest(build))
    if wrong:
        name, what = min(wrong.items())
        raise WarehouseError(f"{build.name} is damaged ({name}: {what}); choose another build")
    _make_current(warehouse, build)


def settle(warehouse: Path) -> None:
    """What follows the rename that publishes: the manifest's final name, and the links that people open.

    To be called with the lock held. Called again it changes nothing; a build begins with it, since the one before may
    have died here.
    """
    build = current(warehouse)
    if build is None:
        return
    if (build / PENDING).exists():
        (build / PENDING).replace(build / MANIFEST)
    for name in SHOWN:
        link = warehouse / name
        if not link.is_symlink() or link.readlink() != Path(CURRENT, name):
            _relink(link, f"{CURRENT}/{name}")
    _sync(warehouse)


def clean(warehouse: Path, now: float | None = None) -> list[str]:
    """Remove unfinished build folders, files and links, and old builds; return the builds' names.

    Keeps the current build, the last three, those superseded within the hour (a folder's mtime is when its build was
    published, or current no longer), and whatever is not a build. Call it with the lock held.
    """
    now = time.time() if now is None else now
    here = current(warehouse)
    folders = [*_builds(warehouse), *filter(_is_scratch, (warehouse / BUILDS).glob("*"))]
    finished = kept(warehouse)
    keep = set(finished[-KEPT_BUILDS:])
    keep.update(path for path in finished if now - path.stat().st_mtime < KEPT_FOR.total_seconds())
    if here is not None:
        keep.add(here)
    removed = [path for path in folders if path not in keep]
    for path in removed:
        # The manifest goes first, so that a folder half removed is an unfinished one.
        (path / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(path)
    for name in ASIDE:
        unfinished(warehouse / name).unlink(missing_ok=True)
    return [path.name for path in removed]
