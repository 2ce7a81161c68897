"""What is forgotten of Dagster's runs, and that one that is forgotten leaves nothing behind; on instances in files."""

import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipelines import automation
from pipelines.assets import JOB


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


class TestMarkDead:
    """A run whose process is gone is marked as failed, unless it ends meanwhile."""

    @staticmethod
    def marked(instance: dg.DagsterInstance, *, ends: bool) -> dg.DagsterRun:
        """Return the run afterwards; it ends, or not, while it is waited for."""
        job = dg.define_asset_job(JOB, [published])
        run = instance.create_run_for_job(dg.Definitions([published], jobs=[job]).resolve_job_def(JOB))
        long_ago = time.time() - 2 * automation.STARTS_WITHIN
        instance.report_dagster_event(dg.DagsterEvent("PIPELINE_START", run.job_name), run.run_id, timestamp=long_ago)

        def end(_: float) -> None:
            if ends:
                instance.report_dagster_event(dg.DagsterEvent("PIPELINE_SUCCESS", run.job_name), run.run_id)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(time, "sleep", end)
            assert automation.mark_dead(instance) == ([] if ends else [run.run_id])
        after = instance.get_run_by_id(run.run_id)
        assert after is not None
        return after

    def test_one_that_died_has_failed(self, instance: dg.DagsterInstance) -> None:
        run = self.marked(instance, ends=False)
        assert run.status == dg.DagsterRunStatus.FAILURE
        events = [entry.dagster_event for entry in instance.all_logs(run.run_id) if entry.dagster_event]
        assert automation.first_line(events) == automation.DIED

    def test_one_that_ends_has_not(self, instance: dg.DagsterInstance) -> None:
        assert self.marked(instance, ends=True).status == dg.DagsterRunStatus.SUCCESS
