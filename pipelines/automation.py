"""The job; the schedule and the sensors that start it, send messages about it and tidy up after it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Final, Protocol

import dagster as dg

from pipelines import messages, runs
from pipelines.assets import JOB, LOOKED_AT_WITHIN
from pipelines.build import open_site
from pipelines.jekyll.scan import fingerprint
from pipelines.settings import Settings, load_for_service
from warehouse.errors import UserError

BUILD_JOB: Final = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.all(),
    description="The one job: reads what changed, normalises, audits and publishes. Works out its own months; "
    "a chosen month or range is read anew.",
    executor_def=dg.in_process_executor,
)

UNFINISHED: Final = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]

FINISHED: Final = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]

STARTS_WITHIN: Final = 60
"""Seconds from a run's start until its process must have said that it lives."""

ENDS_WITHIN: Final = 2
"""Seconds from when a run's process gives up the sign that it lives until the run's end must have been recorded."""

DIED: Final = (
    "its process died: it was killed, for want of memory perhaps, or the machine went down; the next build begins anew"
)


def daily(settings: Settings, timezone: str) -> dg.ScheduleDefinition:
    """The job once a day at the set hour of the site's time zone; on from the start."""
    return dg.ScheduleDefinition(
        name="daily",
        description=f"Runs the job '{JOB}' every day at {settings.schedule_hour}:00, {timezone}",
        job=BUILD_JOB,
        cron_schedule=f"0 {settings.schedule_hour} * * *",
        execution_timezone=timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


FIRST_PAUSE: Final = 60
LONGEST_PAUSE: Final = 6 * 3600
"""Seconds that the sensor waits after a build that failed, if nothing changes: twice as long after each."""

LOOKS_BACK: Final = 10
"""Runs among which it counts those: enough to reach the longest pause."""


def tried_again(finished: Sequence[dg.RunRecord]) -> float | None:
    """When a build that failed is to be tried again, as a Unix time; None where the last one did not fail.

    Args:
        finished: the job's runs, newest first.
    """
    failed = list(takewhile(lambda record: record.dagster_run.status == dg.DagsterRunStatus.FAILURE, finished))
    if not failed:
        return None
    ended = failed[0].end_time or failed[0].update_timestamp.timestamp()
    return ended + min(FIRST_PAUSE << len(failed) - 1, LONGEST_PAUSE)


def on_change(settings: Settings, wrong: str | None) -> dg.SensorDefinition:
    """The job soon after a file of the archive, the site's configuration or the rules changed; off from the start.

    Its cursor is what it saw when it last asked for a build. While a build runs it asks for none: what changes
    meanwhile is seen after it. Where the job's last run failed or was killed it asks again, after a pause that grows;
    a run that was cancelled is left at that. What is wrong with the site is a change as well: the build that it asks
    for fails with it, and so the webhook is told.

    Args:
        wrong: what was wrong with the site's settings when the code location was loaded.
    """

    @dg.sensor(
        name="on_change",
        description=f"Looks at the archive every {settings.sensor_seconds} seconds and runs the job '{JOB}' when "
        "a file came, went or was touched",
        job=BUILD_JOB,
        minimum_interval_seconds=settings.sensor_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING if settings.sensor else dg.DefaultSensorStatus.STOPPED,
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        unfinished = dg.RunsFilter(job_name=JOB, statuses=UNFINISHED)
        if context.instance.get_runs(unfinished, limit=1):
            return dg.SkipReason("a build is running; what changed is looked at after it")
        still = wrong and load_for_service(site=settings.site, warehouse=settings.warehouse)[1]
        try:
            site, rules = open_site(settings)
            seen = still or f"{fingerprint(site)} {site.fingerprint} {rules.version}"
        except UserError as error:
            seen = still or str(error)
        if seen == context.cursor:
            again = tried_again(context.instance.get_run_records(dg.RunsFilter(job_name=JOB), limit=LOOKS_BACK))
            if again is None:
                return dg.SkipReason("nothing changed")
            if time.time() < again:
                at = datetime.fromtimestamp(again).astimezone()
                return dg.SkipReason(f"nothing changed; the last build failed and is tried again at {at:%H:%M %Z}")
        context.update_cursor(seen)
        return dg.RunRequest()

    return sensor


def evaluated(events: Iterable[dg.DagsterEvent]) -> list[dg.AssetCheckEvaluation]:
    """The results of the audits that ran."""
    return [
        event.asset_check_evaluation_data
        for event in events
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ]


class _Error(Protocol):
    """An error of an event."""

    @property
    def message(self) -> str: ...
    @property
    def cause(self) -> _Error | None: ...


def _cause(error: _Error) -> str:
    """Return the message of the first error in a chain of causes."""
    while error.cause:
        error = error.cause
    return error.message.strip()


def first_line(events: Iterable[dg.DagsterEvent]) -> str:
    """Return the first step's error, else what ended the run itself."""
    events = list(events)
    for event in events:
        if event.is_step_failure:
            data = event.step_failure_data
            if data.user_failure_data and data.user_failure_data.description:
                return data.user_failure_data.description
            if data.error:
                return f"the step {event.step_key} failed: {_cause(data.error)}"
    for event in events:
        if event.event_type == dg.DagsterEventType.ENGINE_EVENT and event.engine_event_data.error:
            return _cause(event.engine_event_data.error)
    ended = [event for event in events if event.event_type == dg.DagsterEventType.RUN_FAILURE]
    for event in ended:
        if event.event_specific_data and event.job_failure_data.error:
            return _cause(event.job_failure_data.error)
    if any(event.event_type == dg.DagsterEventType.RUN_START for event in events):
        return DIED  # it began, and did not say how it ended
    said = [event.message.strip().partition("\n")[0] for event in ended if event.message]
    return said[-1] if said else "the run failed before its first step"


@dataclass
class Told:
    """The cursor of the sensor `webhook`."""

    since: float
    """When it was first asked, Unix time: what happened before is not news."""
    failed: float = 0.0
    """When the last failed run of which there is a message was updated, Unix time."""
    missed: float = 0.0
    """When there was last a message that no build had ended, Unix time."""


def _told(cursor: str | None, now: float) -> Told:
    with suppress(ValueError, TypeError):
        return Told(**json.loads(cursor or ""))
    return Told(since=now)


def webhook(settings: Settings) -> dg.SensorDefinition:
    """Messages to the webhook about runs that failed and daily builds that did not happen; also delivers those of
    `backfile verify`, and tries again where the webhook does not answer. On where a webhook is set."""

    @dg.sensor(
        name="webhook",
        description="Tells the webhook (BACKFILE_WEBHOOK) about builds that failed, daily builds that did not happen "
        "and damage that `backfile verify` found; tries again for a day where it does not answer",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING if settings.webhook else dg.DefaultSensorStatus.STOPPED,
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        if not settings.webhook:
            return dg.SkipReason("no webhook is set: BACKFILE_WEBHOOK")
        now = time.time()
        told = _told(context.cursor, now)
        _put_failed(context.instance, settings, told, now)
        _put_missed(context.instance, settings, told, now)
        context.update_cursor(json.dumps(asdict(told)))
        why = messages.deliver(settings.warehouse_folder, str(settings.webhook), now)
        left = len(messages.waiting(settings.warehouse_folder))
        said = f"{left} messages wait to be sent" if left else "all messages are sent"
        return dg.SkipReason(f"{said}; {why}" if why else said)

    return sensor


def _put_failed(instance: dg.DagsterInstance, settings: Settings, told: Told, now: float) -> None:
    """Keep a message for each run that failed since the last."""
    after = datetime.fromtimestamp(max(told.failed, told.since), UTC)
    failed = dg.RunsFilter(job_name=JOB, statuses=[dg.DagsterRunStatus.FAILURE], updated_after=after)
    for record in reversed(instance.get_run_records(failed)):
        run_id = record.dagster_run.run_id
        events = [entry.dagster_event for entry in instance.all_logs(run_id) if entry.dagster_event]
        text = f"Backfile could not build {settings.site_name}: {first_line(events)} (run {run_id})"
        messages.put(settings.warehouse_folder, f"run-{run_id}", text, now)
        told.failed = max(told.failed, record.update_timestamp.replace(tzinfo=UTC).timestamp())


def _put_missed(instance: dg.DagsterInstance, settings: Settings, told: Told, now: float) -> None:
    """Keep a message, once a day, while no run has ended for longer than a daily build may take to come."""
    ended = instance.get_run_records(dg.RunsFilter(job_name=JOB, statuses=FINISHED), limit=1)
    last = max([told.since, *(record.end_time or record.create_timestamp.timestamp() for record in ended)])
    if now - last > LOOKED_AT_WITHIN.total_seconds() and now - told.missed > messages.GIVEN_UP:
        text = (
            f"Backfile has not built {settings.site_name} for {(now - last) / 3600:.0f} hours: the daily build did not "
            "happen. See whether the schedule daily is on, and whether a run blocks the queue"
        )
        messages.put(settings.warehouse_folder, "missed", text, now)
        told.missed = now


AT_ONCE: Final = 100
"""Most runs that are deleted at once: years of them may be there."""


def housekeeping(settings: Settings) -> dg.SensorDefinition:
    """Mark runs whose process died as failed and delete superfluous runs; on by default.

    A run whose process died would hold the queue's only place for ever. Dagster deletes no runs; each takes a megabyte
    or two.
    """

    @dg.sensor(
        name="housekeeping",
        description="Marks runs whose process died as failed, and deletes superfluous runs (BACKFILE_RUNS_KEPT, "
        "BACKFILE_DAYS_KEPT)",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        died = mark_dead(context.instance)
        deleted = forget_runs(context.instance, settings.runs_kept, settings.days_kept)
        return dg.SkipReason(f"runs marked as failed: {len(died)}; runs deleted: {deleted}")

    return sensor


def mark_dead(instance: dg.DagsterInstance) -> list[str]:
    """Mark the runs whose process died as failed; return their ids."""
    folder, now = Path(instance.root_directory), time.time()
    dead = []
    for record in instance.get_run_records(dg.RunsFilter(job_name=JOB, statuses=[dg.DagsterRunStatus.STARTED])):
        run_id, started = record.dagster_run.run_id, record.start_time
        if started is None or now - started < STARTS_WITHIN or runs.alive(folder, run_id):
            continue
        time.sleep(ENDS_WITHIN)
        run = instance.get_run_by_id(run_id)
        if run and run.status == dg.DagsterRunStatus.STARTED:
            instance.report_run_failed(run, DIED)
            runs.forget(folder, run_id)
            dead.append(run_id)
    return dead


def forget_runs(instance: dg.DagsterInstance, newest: int, days: int) -> int:
    """Delete the runs that are superfluous (`runs.superfluous`) and that no asset's page shows; returns how many."""
    records = instance.get_run_records(dg.RunsFilter(statuses=FINISHED))
    gone = runs.superfluous(map(_ended, records), datetime.now(UTC).date(), newest, days)
    if gone:
        shown = _still_shown(instance)
        gone = [run_id for run_id in gone if run_id not in shown][:AT_ONCE]
    for run_id in gone:
        _delete(instance, run_id)
    return len(gone)


def _ended(record: dg.RunRecord) -> runs.Ended:
    """A run that published has another outcome than one that found nothing to do."""
    run = record.dagster_run
    outcome = run.status.value + (" published" if runs.PUBLISHED in run.tags else "")
    return runs.Ended(run.run_id, record.create_timestamp.astimezone(UTC).date(), outcome)


def _still_shown(instance: dg.DagsterInstance) -> set[str]:
    """Return the runs that the assets' pages show: the last that wrote each month, and the last that published.

    Dagster reads from these events alone whether a month is materialised.
    """
    posts = dg.AssetKey("posts")
    event_type = dg.DagsterEventType.ASSET_MATERIALIZATION
    ids = list(instance.get_latest_storage_id_by_partition(posts, event_type).values())
    months = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=posts, storage_ids=ids), limit=max(len(ids), 1)
    )
    last = instance.get_latest_materialization_event(dg.AssetKey("published"))
    return {record.run_id for record in months.records} | ({last.run_id} if last else set())


def _delete(instance: dg.DagsterInstance, run_id: str) -> None:
    """Delete a run and the files that `DagsterInstance.delete_run` leaves: its logs and its emptied file of events."""
    instance.delete_run(run_id)
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    folder = Path(instance.root_directory)
    runs.forget(folder, run_id)
    for ending in ("", "-wal", "-shm"):
        (folder / "history" / "runs" / f"{run_id}.db{ending}").unlink(missing_ok=True)
