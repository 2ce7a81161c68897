"""What starts builds: the job, the schedule that runs it daily, the sensor that runs it when the archive changed."""

from __future__ import annotations

from typing import Final

import dagster as dg

from pipelines.assets import JOB, USER_ERRORS
from pipelines.build import open_site
from pipelines.jekyll.scan import fingerprint
from pipelines.settings import Settings

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


def on_change(settings: Settings) -> dg.SensorDefinition:
    """The job soon after a file of the archive, the site's configuration or the rules changed; off from the start.

    Its cursor is what it saw when it last asked for a build. While a build runs it asks for none: what changes
    meanwhile is seen after it.
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
            return dg.SkipReason("nothing changed")
        context.update_cursor(seen)
        return dg.RunRequest()

    return sensor
