"""Which runs Dagster keeps, and that one that is forgotten leaves nothing behind; on instances in files."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from pipelines import runs

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
SUCCESS, FAILURE = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE


def record(name: str, ago: timedelta, status: dg.DagsterRunStatus = SUCCESS, published: bool = True) -> dg.RunRecord:
    run = dg.DagsterRun("build", run_id=name, status=status, tags={runs.PUBLISHED: "1"} if published else {})
    return dg.RunRecord(storage_id=1, dagster_run=run, create_timestamp=NOW - ago, update_timestamp=NOW - ago)


@pytest.mark.parametrize(
    "kept, days, gone",
    [(7, 0, []), (2, 0, "gfedc"), (2, 1, "gfed"), (2, 3, "gf"), (1, 9, "f")],
    ids=["all are among the newest", "two", "and those of today", "and of two days more", "of all days"],
)
def test_the_newest_stay_and_of_each_day_the_last_of_each_outcome(kept: int, days: int, gone: str) -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    finished = [
        record("a", 0 * hour),
        record("b", 1 * hour, FAILURE),
        record("c", 2 * hour, published=False),
        record("d", 1 * day),
        record("e", 1 * day + hour, FAILURE),
        record("f", 1 * day + 2 * hour),
        record("g", 3 * day),
    ]
    assert runs.superfluous(finished, NOW, kept, days) == list(gone)


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
    assert runs.forget(instance, newest=1, days=0) == 1
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
    runs.forget(instance, newest=1, days=0)
    assert remembered(instance) == [*stay, failed.run_id]
    assert instance.get_materialized_partitions(posts.key) == {"2022-03", "2022-04"}


def test_a_run_that_has_not_ended_stays(instance: dg.DagsterInstance) -> None:
    running, new = unfinished(instance).run_id, run(instance)
    runs.forget(instance, newest=1, days=0)
    assert remembered(instance) == [running, new]
