"""The runs that an instance of Dagster remembers: which one lives, and which are forgotten.

Dagster deletes no run by itself, and each leaves a megabyte or two of events.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import dagster as dg
from dagster._core.storage.dagster_run import FINISHED_STATUSES

from warehouse import publish

PUBLISHED: Final = "backfile/published"
"""The tag of a run that published: the build's id."""

AT_ONCE: Final = 100
"""Runs that one build forgets at most: it is not to wait for long where years of them lie."""


def _sign_of_life(instance: dg.DagsterInstance, run_id: str) -> Path:
    return Path(instance.root_directory) / "running" / run_id


@contextmanager
def living(instance: dg.DagsterInstance, run_id: str) -> Iterator[None]:
    """While the block runs others can see that the run's process lives: by a lock, which dies with it."""
    sign = _sign_of_life(instance, run_id)
    try:
        with publish.lock(sign):
            yield
    finally:
        shutil.rmtree(sign, ignore_errors=True)


def alive(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether the run's process lives; asked by another process."""
    sign = _sign_of_life(instance, run_id)
    if not sign.exists():
        return False
    try:
        with publish.lock(sign):
            return False
    except publish.BusyError:
        return True


def superfluous(finished: Iterable[dg.RunRecord], now: datetime, newest: int, days: int) -> list[str]:
    """The ids of those runs that need not be kept, oldest first.

    Kept are the `newest`; and of each of the last `days` the last run that published, the last that found nothing to
    do, and the last that failed.

    Args:
        finished: newest first.
        now: with its zone.
    """
    since = (now - timedelta(days=days)).date()
    kept = set()
    gone = []
    for place, record in enumerate(finished):
        run = record.dagster_run
        day = record.create_timestamp.date()
        kind = (day, run.status, PUBLISHED in run.tags)
        if place >= newest and (day <= since or kind in kept):
            gone.append(run.run_id)
        kept.add(kind)
    return gone[::-1]


def _still_shown(instance: dg.DagsterInstance) -> set[str]:
    """The runs that the assets' pages show: the last that wrote each month, and the last that published.

    Whether a month counts as materialised is read from its events alone.
    """
    posts = dg.AssetKey("posts")
    event_type = dg.DagsterEventType.ASSET_MATERIALIZATION
    ids = list(instance.event_log_storage.get_latest_storage_id_by_partition(posts, event_type).values())
    months = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=posts, storage_ids=ids), limit=max(len(ids), 1)
    )
    last = instance.get_latest_materialization_event(dg.AssetKey("published"))
    return {record.run_id for record in months.records} | ({last.run_id} if last else set())


def forget(instance: dg.DagsterInstance, newest: int, days: int) -> int:
    """Delete the runs that are `superfluous` and that no asset's page shows; returns how many."""
    finished = instance.get_run_records(dg.RunsFilter(statuses=FINISHED_STATUSES))
    gone = superfluous(finished, datetime.now(UTC), newest, days)
    if gone:
        shown = _still_shown(instance)
        gone = [run_id for run_id in gone if run_id not in shown][:AT_ONCE]
    for run_id in gone:
        _delete(instance, run_id)
    return len(gone)


def not_kept(error: Exception) -> str | None:
    """What the disk or the database said, where an instance could not keep something; None of any other error."""
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415  a code location has no need of it

    if isinstance(error, DBAPIError):
        return str(error.orig)
    return str(error) if isinstance(error, OSError) else None


def _delete(instance: dg.DagsterInstance, run_id: str) -> None:
    """Delete all that a run has left. `DagsterInstance.delete_run` leaves its logs, and in files its tags, its audits
    and an emptied database."""
    # Here, since they bring Dagster's migrations: half a second that a code location has no need of.
    from dagster._core.storage.event_log import SqlEventLogStorage, SqliteEventLogStorage  # noqa: PLC0415
    from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable  # noqa: PLC0415
    from dagster._core.storage.runs import SqlRunStorage  # noqa: PLC0415
    from dagster._core.storage.runs.schema import RunTagsTable  # noqa: PLC0415

    instance.delete_run(run_id)
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    runs, events = instance.run_storage, instance.event_log_storage
    if isinstance(runs, SqlRunStorage):
        with runs.connect() as connection:
            connection.execute(RunTagsTable.delete().where(RunTagsTable.c.run_id == run_id))
    if isinstance(events, SqlEventLogStorage):
        with events.index_connection() as connection:
            connection.execute(AssetCheckExecutionsTable.delete().where(AssetCheckExecutionsTable.c.run_id == run_id))
    if isinstance(events, SqliteEventLogStorage):
        for ending in ("", "-wal", "-shm"):
            Path(events.path_for_shard(run_id) + ending).unlink(missing_ok=True)
