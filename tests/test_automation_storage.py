"""The instance's storage: Dagster's own files and rows, with fewer engines and transactions."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import dagster as dg
import pytest
from sqlalchemy.exc import OperationalError

from pipelines.automation import Events

Instance = Callable[[Path], dg.DagsterInstance]

MONTHS = dg.StaticPartitionsDefinition([f"2022-{month:02}" for month in range(1, 13)])


@dg.asset(partitions_def=MONTHS)
def posts() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"rows": 3})


@dg.asset(partitions_def=MONTHS, deps=[posts])
def terms() -> None: ...


@dg.asset_check(asset=posts)
def counted() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False, metadata={"missing": 1})


@pytest.fixture(params=["0", "1000"], ids=["one by one", "in batches"])
def batches(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", request.param)


def dagsters(folder: Path) -> dg.DagsterInstance:
    """An instance that keeps its runs in `folder` as Dagster does of itself."""
    folder.mkdir(exist_ok=True)
    return dg.DagsterInstance.local_temp(str(folder))


def ours(folder: Path) -> dg.DagsterInstance:
    """An instance that keeps its runs in `folder` as a warehouse's does."""
    folder.mkdir(exist_ok=True)
    named = {"module": "pipelines.automation", "class": "Storage", "config": {"base_dir": str(folder)}}
    return dg.DagsterInstance.local_temp(str(folder), overrides={"storage": {"custom": named}})


def run(of: dg.DagsterInstance) -> str:
    """The id of a run that materialises two months of both assets."""
    job = dg.Definitions([posts, terms], asset_checks=[counted], jobs=[dg.define_asset_job("build")]).resolve_job_def(
        "build"
    )
    months = {"dagster/asset_partition_range_start": "2022-02", "dagster/asset_partition_range_end": "2022-03"}
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    return job.execute_in_process(instance=of, tags=months, run_config=quiet).run_id


def rows(folder: Path, run_id: str) -> dict[str, list[tuple[Any, ...]]]:
    """What an instance's files hold of a run, but for what differs from run to run."""
    queries = {
        "events": "SELECT dagster_event_type, step_key, asset_key, partition FROM event_logs",
        "assets": "SELECT asset_key, cached_status_data FROM asset_keys",
        "checks": "SELECT asset_key, check_name, execution_status FROM asset_check_executions",
        "tags": "SELECT asset_key, key FROM asset_event_tags",
    }
    held = {}
    for name in ("index", run_id):
        with closing(sqlite3.connect(folder / "history" / "runs" / f"{name}.db")) as connection:
            for table, query in queries.items():
                held[f"{table} of {name.replace(run_id, 'the run')}"] = sorted(connection.execute(query), key=repr)
    return held


@pytest.mark.usefixtures("batches")
def test_its_files_are_those_that_dagster_writes(tmp_path: Path) -> None:
    held = rows(tmp_path / "ours", run(ours(tmp_path / "ours")))
    assert held == rows(tmp_path / "dagsters", run(dagsters(tmp_path / "dagsters")))
    assert len(held["events of the run"]) > 20


@pytest.mark.usefixtures("batches")
@pytest.mark.parametrize(("writes", "reads"), [(ours, dagsters), (dagsters, ours)], ids=["ours", "Dagster's"])
def test_the_other_storage_reads_on(writes: Instance, reads: Instance, tmp_path: Path) -> None:
    with writes(tmp_path) as one:
        run_id = run(one)
        kept = one.all_logs(run_id)
    with reads(tmp_path) as other:
        assert other.all_logs(run_id) == kept
        assert [record.dagster_run.run_id for record in other.get_run_records()] == [run_id]
        assert other.get_materialized_partitions(dg.AssetKey("posts")) == {"2022-02", "2022-03"}


def events_of(run_id: str, months: int) -> list[dg.EventLogEntry]:
    """Events of a run that materialises so many months."""
    with dg.DagsterInstance.ephemeral() as made:
        for month in range(1, months + 1):
            made.report_runless_asset_event(dg.AssetMaterialization("posts", partition=f"2022-{month:02}"))
        records = made.fetch_materializations(dg.AssetKey("posts"), months, ascending=True).records
    return [record.event_log_entry._replace(run_id=run_id) for record in records]


class TestEvents:
    @pytest.fixture
    def events(self, tmp_path: Path) -> Events:
        return Events(str(tmp_path))

    def test_a_statement_is_compiled_once(self, events: Events, caplog: pytest.LogCaptureFixture) -> None:
        *before, last = events_of(str(uuid4()), 3)
        for event in before:  # the first adds the asset, the second finds it there
            events.store_event(event)
        with caplog.at_level(logging.INFO, "sqlalchemy.engine.Engine"):
            events.store_event(last)
        assert "cached since" in caplog.text
        assert "generated in" not in caplog.text

    def test_a_batch_is_one_transaction_in_each_file(self, events: Events, caplog: pytest.LogCaptureFixture) -> None:
        first, *others = events_of(str(uuid4()), 9)
        events.store_event(first)  # makes the run's file
        with caplog.at_level(logging.INFO, "sqlalchemy.engine.Engine"):
            events.store_event_batch(others)
        assert caplog.messages.count("COMMIT") == 2
        assert len(events.get_logs_for_run(first.run_id)) == 9

    def test_a_batch_that_cannot_be_written_leaves_nothing_and_spoils_nothing(
        self, events: Events, tmp_path: Path
    ) -> None:
        good, bad = events_of(str(uuid4()), 2), events_of(str(uuid4()), 2)
        (tmp_path / f"{bad[0].run_id}.db").mkdir()
        with pytest.raises(OperationalError):
            events.store_event_batch(bad)
        events.store_event_batch(good)
        kept = events.get_event_records(dg.EventRecordsFilter(dg.DagsterEventType.ASSET_MATERIALIZATION))
        assert {record.run_id for record in kept} == {good[0].run_id}

    def test_who_watches_a_run_is_told_of_its_next_event(self, events: Events) -> None:
        (first, second), told = events_of(str(uuid4()), 2), threading.Event()
        events.store_event(first)
        events.watch(first.run_id, None, lambda *_: told.set())
        try:
            events.store_event(second)
            assert told.wait(60)
        finally:
            events.dispose()

    def test_two_threads_lose_nothing(self, events: Events) -> None:
        made = events_of(str(uuid4()), 12)
        threads = [threading.Thread(target=events.store_event_batch, args=(made[part::2],)) for part in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(events.get_logs_for_run(made[0].run_id)) == 12
