"""A build, step by step, as plain functions: what is due, reading, normalising, the whole archive, staging, publishing.

Here the archive meets the warehouse. Reading a post is `jekyll`'s, making terms and links `normalise`'s, files and
folders `warehouse`'s; Dagster, which calls these steps in order, is met in `assets` only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import xxhash

from pipelines import chunks, due, history, workers
from pipelines.jekyll.config import Site, read_site
from pipelines.jekyll.scan import scan
from pipelines.normalise import archive, urls
from pipelines.normalise.posts import SiteFacts
from pipelines.normalise.rules import Rules, load_rules
from pipelines.settings import Settings, site_file
from warehouse import contracts, database, lake, publish, repairs
from warehouse.errors import UserError
from warehouse.manifest import Manifest, inventory, read_manifest


class BuildError(UserError):
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
    sites: list[str]
    """As `jekyll.scan.Scan` has them."""
    read_months: list[str]
    """Months whose files are read or taken over anew; gone ones included."""
    anew: bool
    """True if every post is normalised, not only those that were read."""
    normalise_months: list[str]
    """Months whose posts are normalised or taken over; `read_months` among them."""
    restage: bool
    """Whether the database is loaded anew, not replaced by months."""
    made_by: dict[str, str]
    """`due.versions` when the build began."""
    scanned_at_ns: int
    """The clock when the archive was scanned; `started_at` may be later, where the clock was turned back."""
    notices: list[str]
    """What was repaired, and what of the program or the site is newer than the last build: a sentence each."""
    counts: dict[str, Any] = field(default_factory=dict)

    @property
    def previous_folder(self) -> Path | None:
        return self.previous[0] if self.previous else None


def open_site(settings: Settings) -> tuple[Site, Rules]:
    """The site and the rules that its build follows.

    Raises:
        jekyll.config.SiteError, normalise.rules.RulesError: one line that says what is wrong.
    """
    site = read_site(settings.site, settings.posts_folders)
    return site, load_rules(settings.rules or site_file(settings.site))


def demand_apart(site: Site, warehouse: Path, folders: Iterable[str] = ()) -> None:
    """Whether the warehouse lies in no posts folder, where each build would be new files of the archive.

    Args:
        folders: posts folders that were found; without them it is told by names, which a link may lead round.

    Raises:
        BuildError: it does.
    """
    where = warehouse.resolve()
    named = where.relative_to(site.source).parts if where.is_relative_to(site.source) else ()
    real = [(site.source / folder).resolve() for folder in (*site.posts_folders, *folders)]
    if {"_posts", "_drafts"} & set(named) or any(map(where.is_relative_to, real)):
        raise BuildError(f"{warehouse} lies in a posts folder of the site; choose another --warehouse")


def begin(settings: Settings, run_id: str, *, full: bool = False, months: Iterable[str] = ()) -> Build | None:
    """What this build has to do; None if nothing is due. To be called with the warehouse's lock held.

    Args:
        full: read every file.
        months: read every file of these.

    Raises:
        SiteError, RulesError, WarehouseError, EngineError: one line that says what is wrong.
        BuildError: a month that the archive does not have, or a warehouse within it.
    """
    clock = datetime.now(UTC)
    workers.demand(settings.workplace)
    site, rules = open_site(settings)
    warehouse = settings.warehouse_folder
    publish.check(warehouse, site.root)
    publish.clean(warehouse)  # before anything is written: unfinished builds may hold the room that this one needs
    start = repairs.start(warehouse)
    started_at = publish.start_time(warehouse, clock)
    now = (settings.now or clock).replace(microsecond=0)
    found = scan(site)
    demand_apart(site, warehouse, found.entries.get_column("folder").unique())
    made_by = due.versions(site, rules)
    forced = sorted(set(months))
    unknown = sorted(set(forced) - set(found.entries.get_column("month")))
    if unknown:
        raise BuildError(f"the archive has no files of {', '.join(unknown)}; choose months that it has")

    previous = (start.folder, start.manifest) if start else None
    everything = full or start is None
    anew = everything
    restage = everything
    notices: list[str] = []
    if start is not None:
        publish.demand(warehouse, start.manifest, site.root)
        notices = [*start.notices, *due.notices(start.manifest.versions, made_by)]
        was = start.manifest.versions
        everything |= any(was.get(name) != made_by[name] for name in ("contract", "site", "read"))
        anew = everything or due.anew(was, made_by)
        moved = start.manifest.warehouse != str(warehouse)
        restage = everything or start.restage or moved or was.get("database") != made_by["database"]
        forced = sorted({*forced, *start.months})

    if everything or previous is None:
        entries = found.entries.with_columns(fresh=pl.lit(True))
    else:
        entries = due.changed(settings, site, now, previous[0], found.entries)
        by_time = due.by_time(*previous, now, entries)
        again = pl.col("path").is_in(by_time.implode()) | pl.col("month").is_in(forced)
        if anew:  # what failed may not fail any more
            failed = due.not_processed(lake.scan(previous[0], "files").collect()).get_column("path")
            again |= pl.col("path").is_in(failed.implode())
        entries = entries.with_columns(fresh=pl.col("fresh") | again)

    changed = {*entries.filter("fresh").get_column("month"), *forced}
    if previous is not None:
        known = lake.scan(previous[0], "files").select("path", "month").collect()
        changed |= set(known.join(entries, on="path", how="anti").get_column("month"))
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
        sites=found.sites,
        read_months=all_months if everything else sorted(changed),
        anew=anew,
        normalise_months=all_months if anew else sorted(changed),
        restage=restage,
        made_by=made_by,
        scanned_at_ns=int(clock.timestamp() * 1_000_000_000),
        notices=notices,
    )
    if previous and not (build.normalise_months or restage or notices):
        _remember(build, previous[0])
        return None
    build.folder = publish.begin(warehouse, build.build_id)
    return build


def oddities(warehouse: Path) -> list[str]:
    """Return a line about each thing in the warehouse that is not a build's, or cannot be read, and costs no build.

    Raises:
        WarehouseError: a folder stands where the scan cache belongs.
    """
    named = [
        f"{publish.build_folder(warehouse, name)} is not a build: left alone" for name in publish.foreign(warehouse)
    ]
    damaged = due.damaged_cache(warehouse)
    return named + ([damaged] if damaged else [])


def _remember(build: Build, lake_of: Path) -> None:
    due.remember(build.warehouse, lake_of, build.entries, build.scanned_at_ns)


def read(build: Build) -> dict[str, int]:
    """First step: files, posts and bodies of the due months; returns rows by table."""
    split = _due(build, contracts.READ_TABLES, build.entries, build.read_months)
    place = build.settings.workplace
    chunks.settle(workers.run(place, "reading", chunks.read, split, build.site, build.now))
    build.notices = [*build.notices, *_markup_notices(build)]
    return rows(build, contracts.READ_TABLES)


def _markup_notices(build: Build) -> list[str]:
    """Return a line about posts that kramdown does not convert, if there are any."""
    counted = lake.scan(build.folder, "posts").group_by("markup").len().sort("len", "markup", descending=[True, False])
    others = counted.filter(~pl.col("markup").is_in(["markdown", "html"])).collect().rows()
    if not others:
        return []
    count = sum(number for _, number in others)
    named = ", ".join(f"{markup} {number:,}" for markup, number in others)
    return [f"{count:,} post{'s are' if count > 1 else ' is'} not in kramdown's Markdown ({named}): see posts.markup"]


def normalise(build: Build) -> dict[str, int]:
    """Second step, from the lake: categories, tags, links and sources of the due months; returns rows by table."""
    entries = build.entries.with_columns(fresh=pl.lit(True)) if build.anew else build.entries
    split = _due(build, contracts.NORMALISED_TABLES, entries, build.normalise_months)
    made = workers.run(build.settings.workplace, "normalising", chunks.normalise, split, _facts(build), build.rules)
    _withdraw(build, split, chunks.settle(made))
    workers.stop()  # what they remember is memory that the next steps need
    return rows(build, contracts.NORMALISED_TABLES)


def _withdraw(build: Build, split: Iterable[chunks.Chunk], failed: Mapping[str, str]) -> None:
    """Reject the posts that could not be normalised; their months are due like those whose files changed."""
    is_failed = pl.col("path").is_in(list(failed))
    for chunk in split if failed else ():
        if months := chunk.entries.filter(is_failed).get_column("month").unique().to_list():
            chunks.settle([chunks.withdraw(chunk, failed)])
            build.read_months = sorted({*build.read_months, *months})
    build.entries = build.entries.with_columns(fresh=pl.col("fresh") | is_failed)


def _due(build: Build, tables: Iterable[str], entries: pl.DataFrame, months: list[str]) -> list[chunks.Chunk]:
    """Take over the parts of these tables in which nothing is due; return the other parts as chunks."""
    years = frozenset(map(lake.year, months))
    entries = lake.parted(entries.filter(lake.YEAR.is_in(years)))
    if build.previous_folder:
        for table in tables:
            lake.carry(build.previous_folder, build.folder, table, years)
        entries = chunks.take_over(entries, build.folder, build.previous_folder, tables)
    return chunks.split(entries, build.folder, build.previous_folder)


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
    _write_history(build)
    return rows(build, contracts.ARCHIVE_TABLES | contracts.HISTORY_TABLES)


def _write_history(build: Build) -> None:
    """What this build saw and counted; only due months can hold changes."""
    state = ["path", "content_hash"]
    in_due = pl.col("month").is_in(build.read_months)
    new = lake.scan(build.folder, "files").filter(in_due).select(state).collect()
    old = new.clear()
    if build.previous_folder:
        old = lake.scan(build.previous_folder, "files").filter(in_due).select(state).collect()
    seen = history.changes(old, new)
    history.write_changes(build.folder, build.previous_folder, seen, build.build_id, build.started_at)
    build.counts = history.counts(build.folder) | {
        "now": build.now.isoformat(),
        "timezone": build.site.timezone,
        "entries": build.entries.height,
        "outside": build.outside,
        "sites": build.sites,
        "read": build.entries.filter("fresh").height,
        "months_rewritten": build.normalise_months,
        "notices": build.notices,
        "changes": dict(seen.group_by("change").len().sort("change").iter_rows()),
    }
    row = {
        "build_id": build.build_id,
        "dagster_run_id": build.run_id,
        "started_at": build.started_at,
        "finished_at": datetime.now(UTC),
        "site": str(build.site.root),
        "counts": json.dumps(build.counts, ensure_ascii=False, sort_keys=True),
        "code_version": due.code_version(build.made_by),
        "rules_version": build.rules.version,
    }
    history.write_builds(build.folder, build.previous_folder, row)


def stage(build: Build) -> Path:
    """Fourth step, from the lake: the database; returns its path."""
    previous = None if build.restage else build.previous_folder
    touched = None if build.anew or previous is None else _touched(build, previous)
    return database.stage(build.folder, previous, touched, root=urls.root(_facts(build)))


def _facts(build: Build) -> SiteFacts:
    site = build.site
    return SiteFacts(site.url, site.baseurl)


def _touched(build: Build, previous: Path) -> pl.Series:
    """Paths of the files that were read, and of those that are gone; the rows of all others were taken over."""
    known = lake.scan(previous, "files").filter(pl.col("month").is_in(build.read_months)).select("path").collect()
    gone = known.join(build.entries, on="path", how="anti")
    return pl.concat([build.entries.filter("fresh").select("path"), gone]).get_column("path")


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
    """Last step: publish the build and clean up; returns the manifest. Tried again, it publishes nothing twice."""
    if publish.current(build.warehouse) == build.folder:
        publish.settle(build.warehouse)
        manifest = read_manifest(build.folder)
    else:
        manifest = Manifest(
            build_id=build.build_id,
            site=str(build.site.root),
            warehouse=str(build.warehouse),
            started_at=build.started_at.isoformat(),
            now=build.now.isoformat(),
            versions=build.made_by,
            months=_fingerprints(build),
            files=inventory(build.folder, build.previous),
        )
        publish.publish(build.warehouse, build.folder, manifest)
    repairs.forget(build.warehouse)
    _remember(build, build.folder)
    publish.clean(build.warehouse)
    return manifest
