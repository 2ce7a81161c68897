"""What starts builds: the job, and the schedule that runs it daily."""

from __future__ import annotations

from typing import Final

import dagster as dg

from pipelines.assets import JOB
from pipelines.settings import Settings

BUILD_JOB: Final = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.all(),
    description="The one job: reads what changed, normalises, audits and publishes. Works out its own months; "
    "a chosen month or range is read anew.",
    executor_def=dg.in_process_executor,
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
