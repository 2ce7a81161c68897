"""What a build has to do: which files changed since the last one, and which months are due for other reasons.

Reading what changed is `chunks`'s, in the order that `build` says. Nothing here writes but the scan cache.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from pipelines import chunks, workers
from pipelines.jekyll.config import Site
from pipelines.jekyll.reasons import NOT_PROCESSED
from pipelines.jekyll.scan import ENTRIES
from pipelines.normalise.rules import Rules
from pipelines.settings import Settings
from warehouse import contracts, lake, publish
from warehouse.manifest import Manifest, WarehouseError

PACKAGE: Final = Path(__file__).parent
WAREHOUSE: Final = Path(lake.__file__).parent
STAT: Final = ["path", "kind", "size_bytes", "mtime_ns", "ctime_ns", "inode"]
SEEN: Final = {name: ENTRIES[name] for name in STAT} | {"content_hash": pl.String()}
SETTLED_NS: Final = 2_000_000_000
"""A file touched later than this before a scan may change again without its times showing it: it is read again."""


def _hash(*pieces: bytes) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(len(piece).to_bytes(8, "big") + piece)
    return digest.hexdigest()[:16]


def _sources(*folders: Path) -> str:
    """Hash of the source files in these folders, or of these files."""
    files = [path for folder in folders for path in ([folder] if folder.is_file() else sorted(folder.rglob("*")))]
    files = [path for path in files if path.suffix in (".py", ".sql", ".toml", ".html", ".css", ".js")]
    return _hash(*(piece for path in files for piece in (path.name.encode(), path.read_bytes())))


def versions(site: Site, rules: Rules) -> dict[str, str]:
    """What decides, beside the files, whether months are due. Code is hashed: no version to forget."""
    common = (WAREHOUSE / "contracts.py", PACKAGE / "chunks.py")
    return {
        "contract": str(contracts.CONTRACT_VERSION),
        "site": site.fingerprint,
        "read": _sources(*(PACKAGE / package for package in ("jekyll", "markdown", "html", "liquid")), *common),
        "normalise": _sources(PACKAGE / "normalise", *common),
        "rules": rules.version,
        "database": _sources(WAREHOUSE),
    }


def anew(was: dict[str, str], now: dict[str, str]) -> bool:
    """Return True if every post is normalised, not only those that changed."""
    return any(was.get(name) != now[name] for name in ("normalise", "rules"))


CHANGED: Final = {
    "contract": "the tables' contract is another than the last build's: every file is read anew",
    "read": "Backfile reads posts in another way than at the last build: every file is read anew",
    "site": "the site's configuration changed: every file is read anew",
    "normalise": "Backfile normalises in another way than at the last build: every post is normalised anew",
    "rules": "the rules changed: every post is normalised anew",
    "database": "Backfile makes the database in another way than at the last build: it is made anew",
}


def notices(was: dict[str, str], now: dict[str, str]) -> list[str]:
    """Why more is due than what changed in the archive: the first reason, since it covers those that follow."""
    return [why for name, why in CHANGED.items() if was and was.get(name) != now[name]][:1]


def code_version(made_by: dict[str, str]) -> str:
    """One hash of all sources that make a build."""
    return _hash(*(made_by[name].encode() for name in ("contract", "read", "normalise", "database")))


def damaged_cache(warehouse: Path) -> str | None:
    """Return a line about a scan cache that cannot be used, None where there is none or it can.

    Raises:
        WarehouseError: a folder stands in its place.
    """
    path = warehouse / publish.SCAN_CACHE
    if path.is_dir():
        raise WarehouseError(f"{path} is a folder; move it away: Backfile keeps a file of this name")
    if not path.is_file():
        return f"{path} is not a regular file: not read, made anew" if os.path.lexists(path) else None
    try:
        kinds = pl.read_parquet_schema(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        return f"{path} cannot be read ({str(error).partition(chr(10))[0]}): made anew"
    unlike = [name for name, kind in SEEN.items() if kinds.get(name) != kind]
    return f"{path} has other columns than a scan cache ({', '.join(unlike)}): made anew" if unlike else None


def _scan_cache(warehouse: Path) -> tuple[pl.DataFrame, str]:
    """Return what the last scan saw of each settled file, with its content hash, and the build whose `files` has these
    rows; empty where it is missing or damaged."""
    path = warehouse / publish.SCAN_CACHE
    if damaged_cache(warehouse) is None and path.exists():
        with suppress(OSError, pl.exceptions.PolarsError):
            return pl.read_parquet(path, columns=list(SEEN)), pl.read_parquet_metadata(path).get("build", "")
    return pl.DataFrame(schema=SEEN), ""


def by_time(previous: Path, manifest: Manifest, now: datetime, entries: pl.DataFrame) -> pl.Series:
    """Paths of posts whose state or date changed though their file did not: now has crossed their time, either way, or
    an undated draft was touched."""
    before = datetime.fromisoformat(manifest.now)
    early, late = min(before, now), max(before, now)
    crossed = (pl.col("published_at") > early) & (pl.col("published_at") <= late)
    columns = lake.scan(previous, "posts").select("path", "published_at", "date_source")
    posts = columns.filter(crossed | (pl.col("date_source") == "modified")).collect()
    touched = posts.join(entries.select("path", "mtime_ns"), on="path").filter(
        (pl.col("date_source") != "modified")
        | (pl.col("published_at").dt.epoch("s") != pl.col("mtime_ns") // 1_000_000_000)
    )
    return touched.get_column("path")


def changed(settings: Settings, site: Site, now: datetime, previous: Path, entries: pl.DataFrame) -> pl.DataFrame:
    """Entries with `fresh`: what is not in the published files, or whose row there would be another.

    A file whose size, times and inode are those of the last scan keeps the hash that was found then. Any other is read
    to see whether its row changed; so are those that the cache never holds (links, files just touched).
    """
    published = lake.scan(previous, "files").collect()
    known = published.select("path", "content_hash", was_published=pl.lit(True))
    cache, build = _scan_cache(settings.warehouse_folder)
    seen = cache.rename({"content_hash": "seen_hash"}).with_columns(was_seen=pl.lit(True))
    entries = entries.join(known, on="path", how="left").join(seen, on=STAT, how="left")
    same = pl.col("was_seen").fill_null(False) & pl.col("content_hash").eq_missing(pl.col("seen_hash"))
    if build != previous.name:  # after a rollback: of an entry never read no hash tells whose row it is
        same &= pl.col("content_hash").is_not_null()
    suspects = entries.filter(pl.col("was_published").fill_null(False) & ~same)
    suspects = suspects.drop("content_hash", "seen_hash", "was_seen", "was_published")
    rows = [column for column in contracts.polars_schema("files") if column != "modified_at"]
    changed: set[str] = set()
    if not suspects.is_empty():
        due = chunks.split(lake.parted(suspects.with_columns(fresh=pl.lit(True))), previous, None)
        found = pl.concat(workers.run(settings.workplace, "looking", chunks.probe, due, site, now))
        unlike = found.select(rows).join(published.select(rows), on=rows, how="anti", nulls_equal=True)
        # Whether a post fails when it is normalised is not looked at; of the same bytes it does again.
        unlike = unlike.join(not_processed(published), on=["path", "content_hash"], how="anti")
        changed = set(unlike.get_column("path"))
    fresh = pl.col("was_published").is_null() | pl.col("path").is_in(list(changed))
    return entries.with_columns(fresh=fresh).drop("content_hash", "seen_hash", "was_seen", "was_published")


def not_processed(files: pl.DataFrame) -> pl.DataFrame:
    """path, content_hash: the rows of `files` on which Backfile failed."""
    return files.filter(reason=NOT_PROCESSED).select("path", "content_hash")


def remember(warehouse: Path, build: Path, entries: pl.DataFrame, scanned_at_ns: int) -> None:
    """Keep what this scan saw of every settled file. Links are never settled: their targets may change unseen. Nor is
    what could not be read: a folder's permissions, or a disk that answers again, do not show in the file's times."""
    read = pl.col("content_hash").is_not_null() | (pl.col("outcome") == "ignored")
    hashes = lake.scan(build, "files").filter(read).select("path", "content_hash").collect()
    limit = scanned_at_ns - SETTLED_NS
    settled = (pl.col("mtime_ns") < limit) & (pl.col("ctime_ns") < limit) & (pl.col("kind") == "file")
    seen = entries.filter(settled).select(STAT).join(hashes, on="path")
    new = publish.unfinished(warehouse / publish.SCAN_CACHE)
    seen.write_parquet(new, compression_level=1, metadata={"build": build.name})
    new.replace(warehouse / publish.SCAN_CACHE)
