"""A build, step by step, as plain functions: what is due, reading, normalising, the whole archive, staging, publishing.

Here the archive meets the warehouse. Reading a post is `jekyll`'s, making terms and links `normalise`'s, files and
folders `warehouse`'s; Dagster, which calls these steps in order, is met in `assets` only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl
import xxhash

from pipelines import chunks, progress, workers
from pipelines.chunks import Chunk
from pipelines.jekyll.config import Site, read_site
from pipelines.jekyll.scan import ENTRIES, scan
from pipelines.normalise import archive
from pipelines.normalise.posts import SiteFacts
from pipelines.normalise.rules import Rules, load_rules
from pipelines.settings import Settings, site_file
from warehouse import contracts, database, lake, publish
from warehouse.publish import Manifest

PACKAGE: Final = Path(__file__).parent
WAREHOUSE: Final = Path(database.__file__).parent
SCAN_CACHE: Final = "scan.parquet"
STAT: Final = ["path", "kind", "size_bytes", "mtime_ns", "ctime_ns", "inode"]
SEEN: Final = {name: ENTRIES[name] for name in STAT} | {"content_hash": pl.String()}
SETTLED_NS: Final = 2_000_000_000
"""A file touched later than this before a scan may change again without its times showing it: it is read again."""


class BuildError(Exception):
    """A step cannot go on. The message says why and what to do."""


@dataclass
class Build:
    """What the steps of one build hand on."""

    build_id: str
    run_id: str
    started_at: datetime
    now: datetime
    settings: Settings
    site: Site
    rules: Rules
    warehouse: Path
    folder: Path
    previous: tuple[Path, Manifest] | None
    entries: pl.DataFrame
    """Every entry below a posts folder: `jekyll.scan.ENTRIES`, with `fresh` (to be read)."""
    outside: dict[str, int]
    read_months: list[str]
    """Months whose files are read or taken over anew; gone ones included."""
    normalise_months: list[str]
    """Months whose posts are normalised or taken over anew; `read_months` among them."""
    normalise_all: bool
    """Whether every post of these is due, not only those just read."""
    restage: bool
    """Whether the database is loaded anew, not replaced by months."""
    scanned_at_ns: int
    counts: dict[str, Any] = field(default_factory=dict)

    @property
    def previous_folder(self) -> Path | None:
        return self.previous[0] if self.previous else None


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
        "read": _sources(PACKAGE / "jekyll", *common),
        "normalise": _sources(PACKAGE / "normalise", *common),
        "rules": rules.version,
        "database": _sources(WAREHOUSE),
    }


def code_version(made_by: dict[str, str]) -> str:
    """One hash of all sources that make a build."""
    return _hash(*(made_by[name].encode() for name in ("contract", "read", "normalise", "database")))


def open_site(settings: Settings) -> tuple[Site, Rules]:
    """The site and the rules that its build follows.

    Raises:
        jekyll.config.SiteError, normalise.rules.RulesError: one line that says what is wrong.
    """
    site = read_site(settings.site, settings.posts_folders)
    return site, load_rules(site_file(settings.site))


def _run(
    settings: Settings, label: str, function: Callable[..., Any], due: list[Chunk], *arguments: object
) -> list[Any]:
    """The function over all chunks, in worker processes if they are many; results in no order."""
    files = sum(chunk.entries.height for chunk in due)
    results = []
    with workers.executor(settings.worker_count, files) as pool, progress.bar(label, files) as advance:
        futures = {pool.submit(function, chunk, *arguments): chunk.entries.height for chunk in due}
        try:
            for future in as_completed(futures):
                results.append(future.result())
                advance(futures[future])
        except BrokenProcessPool:
            raise BuildError(
                "a worker process died, perhaps for want of memory; run the build again, "
                "with BACKFILE_WORKERS=1 if it recurs"
            ) from None
    return results


def _published_files(previous: Path) -> pl.DataFrame:
    return lake.scan(previous, "files").collect()


def _scan_cache(warehouse: Path) -> pl.DataFrame:
    """What the last scan saw of each settled file, with its content hash; empty where it is missing or damaged."""
    try:
        return pl.read_parquet(warehouse / SCAN_CACHE, columns=list(SEEN))
    except (OSError, pl.exceptions.PolarsError):
        return pl.DataFrame(schema=SEEN)


def _due_by_time(previous: Path, manifest: Manifest, now: datetime, entries: pl.DataFrame) -> pl.Series:
    """Paths of posts whose state or date has changed though their file has not: now has crossed their time, either way,
    or an undated draft was touched."""
    before = datetime.fromisoformat(manifest.now)
    early, late = min(before, now), max(before, now)
    crossed = (pl.col("published_at") > early) & (pl.col("published_at") <= late)
    posts = lake.scan(previous, "posts").select("path", "published_at", "date_source")
    posts = posts.filter(crossed | (pl.col("date_source") == "modified")).collect()
    touched = posts.join(entries.select("path", "mtime_ns"), on="path").filter(
        (pl.col("date_source") != "modified")
        | (pl.col("published_at").dt.epoch("s") != pl.col("mtime_ns") // 1_000_000_000)
    )
    return touched.get_column("path")


def _changed(
    settings: Settings, site: Site, now: datetime, warehouse: Path, previous: Path, entries: pl.DataFrame
) -> pl.DataFrame:
    """Entries with `fresh`: what is not in the published files, or whose row there would be another.

    A file whose size, times and inode are those of the last scan keeps the hash that was found then. Any other is read
    to see whether its row changed; so are those that the cache never holds (links, files just touched).
    """
    published = _published_files(previous)
    known = published.select("path", "content_hash", was_published=pl.lit(True))
    seen = _scan_cache(warehouse).rename({"content_hash": "seen_hash"}).with_columns(was_seen=pl.lit(True))
    entries = entries.join(known, on="path", how="left").join(seen, on=STAT, how="left")
    same = pl.col("was_seen").fill_null(False) & pl.col("content_hash").eq_missing(pl.col("seen_hash"))
    suspects = entries.filter(pl.col("was_published").fill_null(False) & ~same)
    suspects = suspects.drop("content_hash", "seen_hash", "was_seen", "was_published")
    rows = [column for column in contracts.polars_schema("files") if column != "modified_at"]
    changed: set[str] = set()
    if not suspects.is_empty():
        due = chunks.split(suspects, previous, None)
        found = pl.concat(_run(settings, "looking", chunks.probe, due, site, now))
        unlike = found.select(rows).join(published.select(rows), on=rows, how="anti", nulls_equal=True)
        changed = set(unlike.get_column("path"))
    fresh = pl.col("was_published").is_null() | pl.col("path").is_in(list(changed))
    return entries.with_columns(fresh=fresh).drop("content_hash", "seen_hash", "was_seen", "was_published")


def begin(settings: Settings, run_id: str, *, full: bool = False, months: Iterable[str] = ()) -> Build | None:
    """What this build has to do; None if nothing is due. To be called with the warehouse's lock held.

    Args:
        full: read every file.
        months: read every file of these.

    Raises:
        SiteError, RulesError, WarehouseError: one line that says what is wrong.
        BuildError: a month that the archive does not have.
    """
    started_at = datetime.now(UTC)
    site, rules = open_site(settings)
    warehouse = settings.warehouse_folder
    publish.check(warehouse, site.root)
    previous = publish.published(warehouse)
    now = (settings.now or started_at).replace(microsecond=0)
    scanned_at_ns = int(started_at.timestamp() * 1_000_000_000)
    found = scan(site)
    made_by = versions(site, rules)
    forced = sorted(set(months))
    unknown = sorted(set(forced) - set(found.entries.get_column("month")))
    if unknown:
        raise BuildError(f"the archive has no files of {', '.join(unknown)}; choose months that it has")

    everything = full or previous is None
    normalise_all = restage = everything
    damaged: list[str] = []
    if previous is not None:
        was = previous[1].versions
        everything |= any(was.get(name) != made_by[name] for name in ("contract", "site", "read"))
        normalise_all = everything or any(was.get(name) != made_by[name] for name in ("normalise", "rules"))
        damaged = publish.damaged(*previous)
        moved = previous[1].warehouse != str(warehouse)
        restage = normalise_all or moved or was.get("database") != made_by["database"] or publish.DATABASE in damaged
        damaged_months = {
            part.removeprefix("month=") for name in damaged for part in name.split("/") if part.startswith("month=")
        }
        forced = sorted({*forced, *damaged_months})

    if everything or previous is None:
        entries = found.entries.with_columns(fresh=pl.lit(True))
    else:
        entries = _changed(settings, site, now, warehouse, previous[0], found.entries)
        by_time = _due_by_time(*previous, now, entries)
        again = pl.col("path").is_in(by_time.implode()) | pl.col("month").is_in(forced)
        entries = entries.with_columns(fresh=pl.col("fresh") | again)

    due = set(entries.filter("fresh").get_column("month"))
    if previous is not None:
        known = _published_files(previous[0]).select("path", "month")
        due |= set(known.join(entries, on="path", how="anti").get_column("month"))
    all_months = sorted({*entries.get_column("month"), *(previous[1].months if previous else ())})
    build = Build(
        build_id=publish.build_id(started_at),
        run_id=run_id,
        started_at=started_at,
        now=now,
        settings=settings,
        site=site,
        rules=rules,
        warehouse=warehouse,
        folder=Path(),
        previous=previous,
        entries=entries,
        outside=found.outside,
        read_months=all_months if everything else sorted(due),
        normalise_months=all_months if normalise_all else sorted(due),
        normalise_all=normalise_all,
        restage=restage,
        scanned_at_ns=scanned_at_ns,
    )
    if previous and not (build.normalise_months or restage or damaged):
        _write_scan_cache(build, previous[0])
        return None
    build.folder = publish.begin(warehouse, build.build_id)
    return build


def _write_scan_cache(build: Build, lake_of: Path) -> None:
    """Remember what this scan saw of every settled file; links are never settled, their targets may be elsewhere."""
    hashes = lake.scan(lake_of, "files").select("path", "content_hash").collect()
    limit = build.scanned_at_ns - SETTLED_NS
    settled = (pl.col("mtime_ns") < limit) & (pl.col("ctime_ns") < limit) & (pl.col("kind") == "file")
    seen = build.entries.filter(settled).select(STAT).join(hashes, on="path")
    new = build.warehouse / f".{SCAN_CACHE}.new"
    seen.write_parquet(new, compression_level=1)
    new.replace(build.warehouse / SCAN_CACHE)


def read(build: Build) -> dict[str, int]:
    """First step: files, posts and bodies of the due months; returns rows by table."""
    for table in contracts.READ_TABLES:
        if build.previous_folder:
            lake.carry(build.previous_folder, build.folder, table, frozenset(build.read_months))
    due = build.entries.filter(pl.col("month").is_in(build.read_months))
    split = chunks.split(due, build.folder, build.previous_folder)
    _run(build.settings, "reading", chunks.read, split, build.site, build.now)
    return rows(build, contracts.READ_TABLES)


def normalise(build: Build) -> dict[str, int]:
    """Second step, from the lake: categories, tags, links and sources of the due months; returns rows by table."""
    for table in contracts.NORMALISED_TABLES:
        if build.previous_folder:
            lake.carry(build.previous_folder, build.folder, table, frozenset(build.normalise_months))
    due = build.entries.filter(pl.col("month").is_in(build.normalise_months))
    if build.normalise_all:
        due = due.with_columns(fresh=pl.lit(True))
    facts = SiteFacts(build.site.url, build.site.baseurl, build.site.markdown_ext)
    split = chunks.split(due, build.folder, build.previous_folder)
    _run(build.settings, "normalising", chunks.normalise, split, facts, build.rules)
    return rows(build, contracts.NORMALISED_TABLES)


def rows(build: Build, tables: Iterable[str]) -> dict[str, int]:
    """Rows of the build's tables, from Parquet's footers."""
    return {table: int(lake.scan(build.folder, table).select(pl.len()).collect().item()) for table in tables}


def summarise(build: Build) -> dict[str, int]:
    """Third step, from the lake: the whole-archive tables, and the history with what this build saw; rows by table."""
    months = {
        table: lake.scan(build.folder, table)
        for table in contracts.TABLES
        if table in contracts.MONTHLY and table != "changes"
    }
    for table, frame in archive.summarise(months, build.rules).items():
        lake.write_table(build.folder, table, frame)
    changes = _changes(build)
    _write_changes(build, changes)
    build.counts = _counts(build, changes)
    _write_builds(build)
    return rows(build, contracts.ARCHIVE_TABLES | contracts.HISTORY_TABLES)


def _changes(build: Build) -> pl.DataFrame:
    """Files added, edited, moved and removed since the previous build; only due months can differ.

    A file gone and one come with the same content are one that moved; several of one content pair by path.
    """
    columns = ["path", "content_hash"]
    in_due = pl.col("month").is_in(build.read_months)
    new = lake.scan(build.folder, "files").filter(in_due).select(columns).collect()
    empty = contracts.empty("files").select(columns)
    old = (
        lake.scan(build.previous_folder, "files").filter(in_due).select(columns).collect()
        if build.previous_folder
        else empty
    )
    both = new.join(old, on="path", how="full", suffix="_old", coalesce=False)
    edited = both.filter(
        pl.col("path").is_not_null()
        & pl.col("path_old").is_not_null()
        & pl.col("content_hash").ne_missing(pl.col("content_hash_old"))
    ).select(
        "path",
        change=pl.lit("edited"),
        old_path=pl.lit(None, pl.String),
        old_hash="content_hash_old",
        new_hash="content_hash",
    )
    nth = pl.int_range(pl.len()).over("content_hash").alias("nth")
    come = both.filter(pl.col("path_old").is_null()).select(columns).sort("path").with_columns(nth)
    gone = (
        both.filter(pl.col("path").is_null())
        .select(path="path_old", content_hash="content_hash_old")
        .sort("path")
        .with_columns(nth)
    )
    pair = ["content_hash", "nth"]
    moved = come.join(gone, on=pair, suffix="_old").select(
        "path", change=pl.lit("moved"), old_path="path_old", old_hash="content_hash", new_hash="content_hash"
    )
    added = come.join(gone, on=pair, how="anti").select(
        "path",
        change=pl.lit("added"),
        old_path=pl.lit(None, pl.String),
        old_hash=pl.lit(None, pl.String),
        new_hash="content_hash",
    )
    removed = gone.join(come, on=pair, how="anti").select(
        "path",
        change=pl.lit("removed"),
        old_path=pl.lit(None, pl.String),
        old_hash="content_hash",
        new_hash=pl.lit(None, pl.String),
    )
    return (
        pl.concat([added, edited, moved, removed])
        .with_columns(
            build_id=pl.lit(build.build_id),
            month=pl.lit(f"{build.started_at:%Y-%m}"),
            seen_at=pl.lit(build.started_at, pl.Datetime("us", "UTC")),
        )
        .select(list(contracts.polars_schema("changes")))
        .sort("path")
    )


MERGED_PARTS: Final = 32
"""A month of changes in more files than this is written anew as one: a build every five minutes makes 9,000 a month."""


def _write_changes(build: Build, changes: pl.DataFrame) -> None:
    month = f"{build.started_at:%Y-%m}"
    previous = build.previous_folder
    before = lake.parts(previous, "changes", month) if previous else []
    merge = len(before) >= MERGED_PARTS
    if previous:
        lake.carry(previous, build.folder, "changes", frozenset([month] if merge else []))
        if merge:
            changes = pl.concat([lake.scan(previous, "changes", month).collect(), changes])
    number = 0 if merge or not before else int(before[-1].stem) + 1
    if not changes.is_empty():
        lake.write_part(build.folder, "changes", month, number, changes)


def _counts(build: Build, changes: pl.DataFrame) -> dict[str, Any]:
    """What the summary and `builds` say of the archive and of this build."""
    files = lake.scan(build.folder, "files").group_by("outcome", "reason").len().collect()
    by_outcome = dict(files.group_by("outcome").agg(pl.col("len").sum()).sort("outcome").iter_rows())
    rejected = files.filter(pl.col("outcome") == "rejected").sort("len", "reason", descending=[True, False])
    return {
        "now": build.now.isoformat(),
        "entries": build.entries.height,
        "files": sum(by_outcome.values()),
        "posts": {state: by_outcome.get(state, 0) for state in contracts.STATES},
        "rejected": dict(rejected.select("reason", "len").iter_rows()),
        "ignored": by_outcome.get("ignored", 0),
        "outside": build.outside,
        "read": build.entries.filter("fresh").height,
        "months_rewritten": build.normalise_months,
        "changes": dict(changes.group_by("change").len().sort("change").iter_rows()),
    }


def _write_builds(build: Build) -> None:
    made_by = versions(build.site, build.rules)
    row = {
        "build_id": build.build_id,
        "dagster_run_id": build.run_id,
        "started_at": build.started_at,
        "finished_at": datetime.now(UTC),
        "site": str(build.site.root),
        "counts": json.dumps(build.counts, ensure_ascii=False, sort_keys=True),
        "code_version": code_version(made_by),
        "rules_version": build.rules.version,
    }
    new = pl.DataFrame([row], schema=contracts.polars_schema("builds"))
    before = (
        lake.scan(build.previous_folder, "builds").collect() if build.previous_folder else contracts.empty("builds")
    )
    lake.write_table(build.folder, "builds", pl.concat([before, new]))


def stage(build: Build) -> Path:
    """Fourth step, from the lake: the database; returns its path."""
    return database.stage(build.folder, None if build.restage else build.previous_folder)


def _fingerprints(build: Build) -> dict[str, dict[str, str | int]]:
    """For each month its number of files and a hash of their paths and contents; the previous build's where not due."""
    found = dict(build.previous[1].months) if build.previous else {}
    for month in build.read_months:
        files = lake.scan(build.folder, "files", month).select("path", "content_hash").sort("path").collect()
        found.pop(month, None)
        if not files.is_empty():
            text = "\n".join(f"{path}\t{hashed or ''}" for path, hashed in files.iter_rows())
            found[month] = {"files": files.height, "fingerprint": xxhash.xxh3_128_hexdigest(text.encode())}
    return found


def finish(build: Build) -> Manifest:
    """Last step: publish the build and clean up; returns the manifest."""
    manifest = Manifest(
        build_id=build.build_id,
        site=str(build.site.root),
        warehouse=str(build.warehouse),
        started_at=build.started_at.isoformat(),
        now=build.now.isoformat(),
        versions=versions(build.site, build.rules),
        months=_fingerprints(build),
        files=publish.inventory(build.folder, build.previous),
    )
    publish.publish(build.warehouse, build.folder, manifest)
    _write_scan_cache(build, build.folder)
    publish.clean(build.warehouse)
    return manifest
