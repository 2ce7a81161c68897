"""The one explicit `dg.Definitions`: of the site and warehouse that BACKFILE_SITE and BACKFILE_WAREHOUSE name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from pipelines import settings as options
from pipelines.assets import ASSETS, JOB, running_build
from pipelines.automation import BUILD_JOB, daily, on_change
from pipelines.checks import CHECKS
from pipelines.jekyll.config import read_site
from pipelines.settings import Settings
from warehouse import audits


def define(settings: Settings) -> dg.Definitions:
    """The definitions for one site and warehouse. Reads the site's configuration, scans nothing.

    Raises:
        jekyll.config.SiteError: there is no such site, or its configuration cannot be read.
    """
    site = read_site(settings.site, settings.posts_folders)
    return dg.Definitions(
        assets=ASSETS,
        asset_checks=CHECKS,
        jobs=[BUILD_JOB],
        schedules=[daily(settings, site.timezone)],
        sensors=[on_change(settings)],
        resources={"build": running_build(settings)},
        executor=dg.in_process_executor,
    )


defs = define(options.load())


@dataclass(frozen=True)
class Outcome:
    """How a run of the job ended."""

    run_id: str
    failure: str | None
    """What went wrong, in a line; None when nothing did."""
    warnings: list[str]
    """The audits that failed and let the build be published."""


def launch(settings: Settings, *, full: bool, as_of: str | None, accept: Sequence[str] = ()) -> Outcome:
    """Run the job in this process, in the instance that DAGSTER_HOME names, and wait for its end."""
    config = {
        "resources": {"build": {"config": {"full": full, "as_of": as_of, "accept": list(accept)}}},
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
    with dg.DagsterInstance.get() as instance:
        job = define(settings).resolve_job_def(JOB)
        result = job.execute_in_process(instance=instance, run_config=config, raise_on_error=False)
    warnings = [check.check_name for check in _evaluated(result) if not check.passed]
    return Outcome(result.run_id, None if result.success else _failure(result), sorted(warnings))


def _evaluated(result: dg.ExecuteInProcessResult) -> list[dg.AssetCheckEvaluation]:
    return [
        event.asset_check_evaluation_data
        for event in result.all_events
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ]


def _failed(check: dg.AssetCheckEvaluation) -> str:
    """The audit in a line, with the way out where there is one."""
    value, threshold = (check.metadata[name].value for name in ("value", "threshold"))
    said = f"the audit {check.check_name} failed ({check.description}: {value:g}, allowed {threshold:g})"
    if check.check_name in audits.acceptable():
        said += f"; where this is meant, build once with --accept {check.check_name}"
    return said


def _failure(result: dg.ExecuteInProcessResult) -> str:
    """The audits that stopped the run, else the first step's error."""
    wrong = [
        check for check in _evaluated(result) if check.severity == dg.AssetCheckSeverity.ERROR and not check.passed
    ]
    if wrong:
        return "; ".join(_failed(check) for check in wrong)
    for event in result.all_events:
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
