"""What is forgotten of Dagster's runs, and that one that is forgotten leaves nothing behind; on instances in files."""

import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipelines import automation


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield instance


@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["2022-03", "2022-04"]))
def posts() -> None:
    """As the job's asset of this name."""


@dg.asset(check_specs=[dg.AssetCheckSpec("audit", asset="published")])
def published() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    yield dg.MaterializeResult()
    yield dg.AssetCheckResult(check_name="audit", passed=True)


def run(instance: dg.DagsterInstance, month: str | None = None) -> str:
    assets = [posts] if month else [published]
    return dg.materialize(assets, instance=instance, partition_key=month).run_id


def remembered(instance: dg.DagsterInstance) -> list[str]:
    return [record.dagster_run.run_id for record in instance.get_run_records(ascending=True)]


def test_a_run_that_is_forgotten_leaves_nothing(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    old, new = run(instance), run(instance)
    (tmp_path / "running" / old).mkdir(parents=True)  # it was killed
    assert automation.forget_runs(instance, newest=1, days=0) == 1
    assert remembered(instance) == [new]
    assert [path for path in tmp_path.rglob("*") if old in path.name] == []
    history = instance.event_log_storage.get_asset_check_execution_history(
        dg.AssetCheckKey(dg.AssetKey("published"), "audit"), limit=9
    )
    assert [execution.run_id for execution in history] == [new]


def unfinished(instance: dg.DagsterInstance) -> dg.DagsterRun:
    return instance.create_run_for_job(dg.Definitions([published]).resolve_implicit_global_asset_job_def())


def test_the_last_run_of_a_month_and_the_last_that_published_stay(instance: dg.DagsterInstance) -> None:
    run(instance, "2022-03")
    stay = [run(instance, "2022-03"), run(instance), run(instance, "2022-04")]
    failed = unfinished(instance)
    instance.report_run_failed(failed)
    automation.forget_runs(instance, newest=1, days=0)
    assert remembered(instance) == [*stay, failed.run_id]
    assert instance.get_materialized_partitions(posts.key) == {"2022-03", "2022-04"}


def test_a_run_that_has_not_ended_stays(instance: dg.DagsterInstance) -> None:
    running, new = unfinished(instance).run_id, run(instance)
    automation.forget_runs(instance, newest=1, days=0)
    assert remembered(instance) == [running, new]


class TestLauncher:
    """A run whose process is gone is marked as failed, unless it ends meanwhile."""

    def checked(self, tmp_path: Path, *, ends: bool) -> dg.DagsterRun:
        """The run after Dagster's monitoring has asked; it ends, or not, while the launcher waits for it."""
        named = {"run_launcher": {"module": "pipelines.automation", "class": "Launcher"}}
        with dg.DagsterInstance.local_temp(str(tmp_path), overrides=named) as instance:
            run = unfinished(instance)
            long_ago = time.time() - 2 * automation.STARTS_WITHIN
            instance.report_dagster_event(
                dg.DagsterEvent("PIPELINE_START", run.job_name), run.run_id, timestamp=long_ago
            )

            def end(_: float) -> None:
                if ends:
                    instance.report_dagster_event(dg.DagsterEvent("PIPELINE_SUCCESS", run.job_name), run.run_id)

            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(time, "sleep", end)
                instance.run_launcher.check_run_worker_health(run)
            after = instance.get_run_by_id(run.run_id)
            assert after is not None
            if not ends:
                events = [entry.dagster_event for entry in instance.all_logs(run.run_id) if entry.dagster_event]
                assert automation.first_line(events) == automation.DIED
            return after

    def test_one_that_died_has_failed(self, tmp_path: Path) -> None:
        assert self.checked(tmp_path, ends=False).status == dg.DagsterRunStatus.FAILURE

    def test_one_that_ends_has_not(self, tmp_path: Path) -> None:
        assert self.checked(tmp_path, ends=True).status == dg.DagsterRunStatus.SUCCESS
