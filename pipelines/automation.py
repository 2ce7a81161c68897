"""What starts builds: the job, the schedule that runs it daily, the sensor that runs it when the archive changed; and
what is said of those that failed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Final

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus

from pipelines.assets import JOB, USER_ERRORS
from pipelines.build import open_site
from pipelines.jekyll.scan import fingerprint
from pipelines.runs import alive
from pipelines.settings import Settings
from warehouse import audits

BUILD_JOB: Final = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.all(),
    description="The one job: reads what changed, normalises, audits and publishes. Works out its own months; "
    "a chosen month or range is read anew.",
    executor_def=dg.in_process_executor,
)

WEBHOOK_SECONDS: Final = 10
UNFINISHED: Final = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]

STARTS_WITHIN: Final = 60
"""Seconds from a run's start until its process must have said that it lives."""


class Launcher(DefaultRunLauncher):
    """Dagster's own, but it knows a run whose process died: Dagster's monitoring marks it as failed. Such a run would
    hold the queue's one place, and keep the sensor waiting, for ever."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        record = self._instance.get_run_record_by_id(run.run_id)
        started = record.start_time if record else None
        if alive(self._instance, run.run_id) or started is None or time.time() - started < STARTS_WITHIN:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.FAILED, "its process died")


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
LOOKS_BACK: Final = 10
"""Seconds that the sensor waits after a build that failed, if nothing changes: twice as long after each."""


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


def on_change(settings: Settings) -> dg.SensorDefinition:
    """The job soon after a file of the archive, the site's configuration or the rules changed; off from the start.

    Its cursor is what it saw when it last asked for a build. While a build runs it asks for none: what changes
    meanwhile is seen after it. Where the job's last run failed or was killed it asks again, after a pause that grows;
    a run that was cancelled is left at that.
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
        try:
            site, rules = open_site(settings)
            seen = f"{fingerprint(site)} {site.fingerprint} {rules.version}"
        except USER_ERRORS as error:
            raise dg.Failure(str(error)) from None
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


def _audit(check: dg.AssetCheckEvaluation) -> str:
    """The audit in a line, with the way out where there is one."""
    value, threshold = (check.metadata[name].value for name in ("value", "threshold"))
    said = f"the audit {check.check_name} failed ({check.description}: {value:g}, allowed {threshold:g})"
    if check.check_name in audits.acceptable():
        said += f"; where this is meant, build once with --accept {check.check_name}"
    return said


def first_line(events: Iterable[dg.DagsterEvent]) -> str:
    """The audits that stopped the run, else the first step's error."""
    events = list(events)
    severe = dg.AssetCheckSeverity.ERROR
    wrong = [check for check in evaluated(events) if check.severity == severe and not check.passed]
    if wrong:
        return "; ".join(map(_audit, wrong))
    for event in events:
        if event.is_step_failure:
            data = event.step_failure_data
            if data.user_failure_data and data.user_failure_data.description:
                return data.user_failure_data.description
            error = data.error
            while error and error.cause:
                error = error.cause
            if error:
                return f"the step {event.step_key} failed: {error.message.strip()}"
    return "the run failed before its first step"


def on_failure(settings: Settings) -> dg.SensorDefinition:
    """A short message to the webhook for each run that fails; on where a webhook is set.

    The message is JSON with one `text`, as chat services take it.
    """

    @dg.run_failure_sensor(
        name="on_failure",
        description="Tells the webhook (BACKFILE_WEBHOOK) of a build that failed: the site, the first line, the run",
        monitored_jobs=[BUILD_JOB],
        default_status=dg.DefaultSensorStatus.RUNNING if settings.webhook else dg.DefaultSensorStatus.STOPPED,
    )
    def sensor(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        if not settings.webhook:
            return dg.SkipReason("no webhook is set: BACKFILE_WEBHOOK")
        run = context.dagster_run.run_id
        events = [entry.dagster_event for entry in context.instance.all_logs(run) if entry.dagster_event]
        text = f"Backfile could not build {settings.site.absolute().name}: {first_line(events)} (run {run})"
        import requests  # noqa: PLC0415  only of use when something failed

        answer = requests.post(str(settings.webhook), json={"text": text}, timeout=WEBHOOK_SECONDS)
        answer.raise_for_status()
        return None

    return sensor
