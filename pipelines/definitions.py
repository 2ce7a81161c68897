"""The one explicit `dg.Definitions`: of the site and warehouse that BACKFILE_SITE and BACKFILE_WAREHOUSE name."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import redirect_stderr, suppress
from dataclasses import dataclass, field
from io import StringIO
from uuid import uuid4

import dagster as dg

from pipelines import history, interrupts, progress, runs
from pipelines import settings as options
from pipelines.assets import ASSETS, CHECKS, JOB, ODDITIES, running_build
from pipelines.automation import BUILD_JOB, daily, evaluated, first_line, forget_runs, housekeeping, on_change, webhook
from pipelines.build import BuildError
from pipelines.checks import Warned, warned
from pipelines.jekyll.config import read_site
from pipelines.settings import Settings
from warehouse import publish


def define(settings: Settings, wrong: str | None = None) -> dg.Definitions:
    """Return the definitions for one site and warehouse. They load whatever is wrong with the site: its builds fail
    with it, and the webhook is told. Reads the site's configuration, scans nothing.

    Args:
        wrong: what is wrong with the site's settings.
    """
    return dg.Definitions(
        assets=dg.with_source_code_references(ASSETS),
        asset_checks=CHECKS,
        jobs=[BUILD_JOB],
        schedules=[daily(settings, _timezone(settings))],
        sensors=[on_change(settings, wrong), webhook(settings), housekeeping(settings)],
        resources={"build": running_build(settings, wrong)},
        executor=dg.in_process_executor,
    )


def _timezone(settings: Settings) -> str:
    """Return the site's time zone; where its configuration cannot be read, the one of the last build."""
    try:
        return read_site(settings.site, settings.posts_folders).timezone
    except Exception:  # whatever it is, the build fails with it and says so
        build = publish.current(settings.warehouse_folder)
        return (history.timezone(build) if build else None) or "UTC"


defs = define(*options.load_for_service())


@dataclass(frozen=True)
class Outcome:
    """How a run of the job ended."""

    run_id: str
    failure: str | None
    """What went wrong, in a line; None when nothing did."""
    warnings: list[Warned]
    """Audits that failed without stopping the build."""
    oddities: list[str] = field(default_factory=list)
    """What was left alone, or made anew, without a build for it: a line each."""


def _instance() -> dg.DagsterInstance:
    try:
        return dg.DagsterInstance.get()
    except Exception as error:  # whatever the storage that it is set to use raises
        said = str(error).strip().partition("\n")[0]
        raise BuildError(
            f"Dagster's instance in {os.environ.get('DAGSTER_HOME')} cannot be opened: {said}; where a file of that "
            "folder is broken, move the folder away: only the records of old runs are lost"
        ) from None


def _cancelled(instance: dg.DagsterInstance, run_id: str) -> None:
    progress.stop()
    with suppress(Exception):  # the process ends, whatever can or cannot be kept of why
        if run := instance.get_run_by_id(run_id):
            instance.report_run_canceled(run, "interrupted")


def _tidy(instance: dg.DagsterInstance, settings: Settings) -> None:
    """Delete superfluous runs; what cannot be deleted now is left to the next build."""
    try:
        forget_runs(instance, settings.runs_kept, settings.days_kept)
    except Exception as error:
        if runs.not_kept(error) is None:
            raise


def launch(settings: Settings, *, full: bool, as_of: str | None, accept: Sequence[str] = ()) -> Outcome:
    """Run the job in this process, in the instance that DAGSTER_HOME names, and wait for its end.

    Raises:
        KeyboardInterrupt: it was interrupted, and goes on until the process ends.
    """
    config = {
        "resources": {"build": {"config": {"full": full, "as_of": as_of, "accept": list(accept)}}},
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
    with _instance() as instance:
        job = define(settings).resolve_job_def(JOB)
        run_id = str(uuid4())

        def execute() -> dg.ExecuteInProcessResult:
            with redirect_stderr(StringIO()):  # where Dagster cannot keep an event, it prints it whole
                return job.execute_in_process(instance=instance, run_config=config, raise_on_error=False, run_id=run_id)

        try:
            result = interrupts.aside(execute)
        except KeyboardInterrupt:
            _cancelled(instance, run_id)
            raise
        except Exception as error:  # its own files', not a step's, which are in the result
            said = runs.not_kept(error)
            if said is None:
                raise
            where = instance.root_directory
            return Outcome(
                run_id, f"Dagster cannot write in {where} ({said}); look at its permissions and at the disk", []
            )
        _tidy(instance, settings)
    warnings = [warned(check) for check in evaluated(result.all_events) if not check.passed]
    failure = None if result.success else first_line(result.all_events)
    return Outcome(result.run_id, failure, sorted(warnings), _oddities(result))


def _oddities(result: dg.ExecuteInProcessResult) -> list[str]:
    found = (event.materialization.metadata.get(ODDITIES) for event in result.get_asset_materialization_events())
    return [str(line) for value in found if isinstance(value, dg.JsonMetadataValue) for line in value.data or ()]
