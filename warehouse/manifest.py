"""What a published build is made of: its manifest, and whether its files are still what that says.

What belongs elsewhere: publishing (`publish`), mending what is damaged (`repairs`).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import Any, Final

import xxhash

from warehouse.errors import UserError

MANIFEST: Final = "manifest.json"
PENDING: Final = ".manifest.json"
"""The manifest of a build that is not yet known to be published: `manifest.json` stands in published builds only."""


class WarehouseError(UserError):
    """The folder cannot be this site's warehouse. The message names the thing and the way out."""


@dataclass(frozen=True)
class Manifest:
    """What a published build is made of and from."""

    build_id: str
    site: str
    """The site's root folder."""
    warehouse: str
    """The warehouse's folder when it was built; the database's views name it."""
    started_at: str
    """ISO 8601, UTC."""
    now: str
    """The build's now, ISO 8601, UTC: what is later is future."""
    versions: dict[str, str]
    """What decides whether months are due: contract, configuration, code and rules, each a hash or number."""
    months: dict[str, dict[str, str | int]] = field(default_factory=dict)
    """For each month its number of files and a fingerprint of their paths and contents."""
    files: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    """For each file of the build, by path relative to its folder: size in bytes, mtime in ns, XXH3 of the content."""


def read_manifest(build: Path) -> Manifest:
    """The manifest of a finished build.

    Raises:
        WarehouseError: there is none, or it cannot be read.
    """
    path = build / MANIFEST if (build / MANIFEST).exists() else build / PENDING
    try:
        return _manifest(json.loads(path.read_text("utf-8")))
    except RecursionError:
        why = "nested too deeply"
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        why = str(error)
    raise WarehouseError(f"{build / MANIFEST} cannot be read ({why}); the next build repairs it")


MONTH: Final = re.compile(r"[0-9]+-[0-9]{2}|undated", re.ASCII)
CONTRACT: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


def _manifest(fields: dict[str, Any]) -> Manifest:
    """Return the manifest with these fields.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: a field is missing, unknown or of another type, or names a
            file outside the build.
    """
    texts = {name: _of(str, fields.pop(name), name) for name in ("build_id", "site", "warehouse", "started_at", "now")}
    versions = {name: _of(str, value, name) for name, value in fields.pop("versions").items()}
    months = {month: _month(month, facts) for month, facts in fields.pop("months").items()}
    files = {name: _file(name, *facts) for name, facts in fields.pop("files").items()}
    if fields:
        raise ValueError(f"{min(fields)} is not a field of a manifest")
    if versions and not CONTRACT.fullmatch(versions.get("contract", "0")):
        raise ValueError("versions.contract is not a number")
    for name in ("started_at", "now"):
        if versions and datetime.fromisoformat(texts[name]).tzinfo is None:
            raise ValueError(f"{name} has no time zone")
    return Manifest(**texts, versions=versions, months=months, files=files)


def _of(kind: type, value: Any, name: str) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{name} is not {'text' if kind is str else 'a number'}")
    return value


def _month(month: str, facts: dict[str, Any]) -> dict[str, str | int]:
    if not MONTH.fullmatch(month):
        raise ValueError(f"months: {month!r:.40} is not a month")
    return {"files": _of(int, facts["files"], month), "fingerprint": _of(str, facts["fingerprint"], month)}


def _file(name: str, size: Any, mtime_ns: Any, content: Any) -> tuple[int, int, str]:
    if "\0" in name or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise ValueError(f"files: {name!r:.80} is outside the build")
    return _of(int, size, name), _of(int, mtime_ns, name), _of(str, content, name)


def checksum(path: Path) -> str:
    """XXH3 (128 bits, hexadecimal) of the file's content."""
    digest = xxhash.xxh3_128()
    with path.open("rb", buffering=0) as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def inventory(build: Path, previous: tuple[Path, Manifest] | None) -> dict[str, tuple[int, int, str]]:
    """Size, mtime and checksum of every file of the build; the checksum of a carried file is the previous build's."""
    found = {}
    known = previous[1].files if previous else {}
    for name in _below(build):
        path = build / name
        stat = path.stat()
        before = known.get(name)
        same = before is not None and before[:2] == (stat.st_size, stat.st_mtime_ns)
        found[name] = (stat.st_size, stat.st_mtime_ns, before[2] if before and same else checksum(path))
    return found


def _below(build: Path) -> Iterator[str]:
    """Every file and link of the build by its path relative to the folder, the manifest's own left out."""
    for where, _, names in os.walk(build):
        for name in names:
            relative = os.path.relpath(os.path.join(where, name), build)  # noqa: PTH118  thousands of files
            if relative not in (MANIFEST, PENDING):
                yield relative


def damaged(build: Path, manifest: Manifest) -> dict[str, str]:
    """What is wrong with the published files, by name: missing, changed, or not of the build. Reads next to none.

    Size and mtime decide; the content is read only where the mtime alone differs, as after a copy of the warehouse.
    What is damaged behind the same size and mtime is found by `damaged_by_content`.
    """
    wrong = {}
    for name, (size, mtime_ns, content) in manifest.files.items():
        try:
            stat = (build / name).lstat()
        except OSError:
            wrong[name] = "missing"
        else:
            same = stat.st_size == size and S_ISREG(stat.st_mode)
            if not same or (stat.st_mtime_ns != mtime_ns and checksum(build / name) != content):
                wrong[name] = "changed"
    return wrong | dict.fromkeys(sorted(set(_below(build)) - manifest.files.keys()), "not of the build")


def damaged_by_content(build: Path, manifest: Manifest, advance: Callable[[int], object] = int) -> dict[str, str]:
    """As `damaged`, but every file is read and compared with its checksum.

    Args:
        advance: called with the bytes of each file read.
    """
    wrong = damaged(build, manifest)
    for name, (size, _, content) in manifest.files.items():
        if name not in wrong:
            try:
                if checksum(build / name) != content:
                    wrong[name] = "changed"
            except OSError as error:
                wrong[name] = f"unreadable: {error.strerror}"
        advance(size)
    return wrong
