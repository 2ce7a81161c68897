"""The Dagster side: what loads, what runs, what is refused; the job as the schedule and the command line start it."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import dagster as dg
import polars as pl
import pytest

from pipelines import definitions, messages
from pipelines import settings as options
from pipelines.assets import JOB, RunningBuild, told
from pipelines.automation import evaluated, first_line
from pipelines.jekyll.config import SiteError
from pipelines.workers import WorkerError
from tests.sites import CONFIG, NOW, current, post, rows, write
from tests.webhook import Webhook
from warehouse import contracts, lake, publish, queries
from warehouse.manifest import MANIFEST

REPORTS = [model.name for model in queries.models()]


def made(folder: Path) -> options.Settings:
    site = write(
        folder / "site",
        {
            "_config.yml": CONFIG + "title: The Herald\n",
            "_posts/2022-03-01-a.md": post("a"),
            "_posts/2022-04-01-b.md": post("b", tags="t"),
        },
    )
    return options.load(site=site, warehouse=folder / "warehouse", now=NOW)


@pytest.fixture
def settings(tmp_path: Path) -> options.Settings:
    return made(tmp_path)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def run(settings: options.Settings, instance: dg.DagsterInstance, **more: object) -> dg.ExecuteInProcessResult:
    job = definitions.define(settings).resolve_job_def(JOB)
    return job.execute_in_process(instance=instance, raise_on_error=False, **more)  # type: ignore[arg-type]  # options of the call


class Published(NamedTuple):
    """A first run that published and one after it that found nothing; tests look at them and publish nothing more."""

    settings: options.Settings
    instance: dg.DagsterInstance
    first: dg.ExecuteInProcessResult
    again: dg.ExecuteInProcessResult


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    settings = made(tmp_path_factory.mktemp("published"))
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield Published(settings, ephemeral, run(settings, ephemeral), run(settings, ephemeral))


def failures(result: dg.ExecuteInProcessResult) -> list[str]:
    """The first line of each failed step."""
    failed = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    return [str(data.user_failure_data.description if data.user_failure_data else data.error) for data in failed]


class TestGraph:
    def test_it_loads(self, settings: options.Settings) -> None:
        dg.Definitions.validate_loadable(definitions.define(settings))

    def test_loading_looks_at_no_post(self, settings: options.Settings) -> None:
        """So that a code location of any archive loads at once."""
        seen: list[str] = []
        watching = True

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            if watching and event in ("open", "os.listdir", "os.scandir"):
                seen.append(str(arguments[0]))

        sys.addaudithook(hook)
        definitions.define(settings).get_repository_def()
        watching = False
        assert any("_config.yml" in path for path in seen)
        assert [path for path in seen if "_posts" in path] == []

    def test_one_asset_a_table_and_a_report(self, settings: options.Settings) -> None:
        keys = {key.to_user_string() for key in definitions.define(settings).resolve_asset_graph().get_all_asset_keys()}
        expected = {
            "archive",
            *contracts.TABLES,
            "warehouse",
            *(f"reports/{name}" for name in REPORTS),
            "report",
            "published",
        }
        assert keys == expected

    def test_every_asset_is_described_grouped_and_owned(self, settings: options.Settings) -> None:
        graph = definitions.define(settings).resolve_asset_graph()
        nodes = [graph.get(key) for key in graph.get_all_asset_keys()]
        assert [
            node.key for node in nodes if not (node.description and node.group_name != "default" and node.owners)
        ] == []

    def test_only_posts_have_months(self, settings: options.Settings) -> None:
        graph = definitions.define(settings).resolve_asset_graph()
        assert [key.to_user_string() for key in graph.get_all_asset_keys() if graph.get(key).is_partitioned] == [
            "posts"
        ]

    def test_every_audit_is_a_check_of_the_warehouse(self, settings: options.Settings) -> None:
        checks = definitions.define(settings).resolve_asset_graph().asset_check_keys
        assert {(check.asset_key.to_user_string(), check.name) for check in checks} == {
            ("warehouse", audit.name) for audit in queries.audits()
        }

    def test_the_schedule_is_on_and_in_the_sites_time_zone(self, settings: options.Settings) -> None:
        (daily,) = definitions.define(settings).schedules or ()
        assert isinstance(daily, dg.ScheduleDefinition)
        assert (daily.default_status, daily.cron_schedule, daily.execution_timezone) == (
            dg.DefaultScheduleStatus.RUNNING,
            "0 4 * * *",
            "Asia/Shanghai",
        )

    def test_the_schedule_asks_for_the_job_without_a_month(self, settings: options.Settings) -> None:
        defs = definitions.define(settings)
        context = dg.build_schedule_context(repository_def=defs.get_repository_def())
        data = defs.resolve_schedule_def("daily").evaluate_tick(context)
        assert [request.partition_key for request in data.run_requests or ()] == [None]


class TestSensor:
    """Asks for a build when something changed since it last asked, and only then."""

    def tick(
        self, settings: options.Settings, instance: dg.DagsterInstance, cursor: str | None
    ) -> tuple[int, str | None]:
        """How many builds it asks for, and its new cursor."""
        defs = definitions.define(settings)
        context = dg.build_sensor_context(
            instance=instance, cursor=cursor, repository_def=defs.get_repository_def(), sensor_name="on_change"
        )
        data = defs.resolve_sensor_def("on_change").evaluate_tick(context)
        return len(data.run_requests or ()), data.cursor

    def test_it_is_off_until_it_is_turned_on(self, settings: options.Settings) -> None:
        on = settings.model_copy(update={"sensor": True})
        status = [definitions.define(one).resolve_sensor_def("on_change").default_status for one in (settings, on)]
        assert status == [dg.DefaultSensorStatus.STOPPED, dg.DefaultSensorStatus.RUNNING]

    def test_an_unchanged_archive_asks_for_nothing(
        self, settings: options.Settings, instance: dg.DagsterInstance
    ) -> None:
        asked, cursor = self.tick(settings, instance, None)
        again, _ = self.tick(settings, instance, cursor)
        assert (asked, again) == (1, 0)

    @pytest.mark.parametrize(
        "change",
        [
            {"_posts/2022-04-02-new.md": post("new")},
            {"_posts/2022-04-01-b.md": post("edited")},
            {"_config.yml": "timezone: UTC\n"},
            {"backfile.toml": "[rules.duplicates]\nnear = 0.8\n"},
            {"_posts/2022-04-01-b.md": None},
        ],
        ids=["a new file", "an edited file", "the configuration", "the rules", "a file gone"],
    )
    def test_a_change_asks_for_a_build(
        self, change: dict[str, str | None], settings: options.Settings, instance: dg.DagsterInstance
    ) -> None:
        _, cursor = self.tick(settings, instance, None)
        for name, text in change.items():
            (settings.site / name).unlink() if text is None else write(settings.site, {name: text})
        assert self.tick(settings, instance, cursor)[0] == 1

    def test_while_a_build_runs_it_waits(self, settings: options.Settings, instance: dg.DagsterInstance) -> None:
        job = definitions.define(settings).resolve_job_def(JOB)
        instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        assert self.tick(settings, instance, None) == (0, None)

    @pytest.mark.parametrize(
        "ended, asked",
        [
            ([("PIPELINE_SUCCESS", 0)], 0),
            ([("PIPELINE_FAILURE", 0)], 0),
            ([("PIPELINE_FAILURE", 61)], 1),
            ([("PIPELINE_FAILURE", 200), ("PIPELINE_FAILURE", 100)], 0),
            ([("PIPELINE_FAILURE", 300), ("PIPELINE_FAILURE", 121)], 1),
            ([("PIPELINE_FAILURE", 300), ("PIPELINE_SUCCESS", 200)], 0),
            ([("PIPELINE_CANCELED", 999)], 0),
            ([("PIPELINE_FAILURE", 90_000)] * 9 + [("PIPELINE_FAILURE", 21_601)], 1),
        ],
        ids=[
            "succeeded",
            "failed just now",
            "failed a minute ago",
            "failed twice, within two minutes",
            "failed twice, two minutes ago",
            "another run succeeded",
            "was cancelled",
            "never longer than six hours",
        ],
    )
    def test_what_failed_is_tried_again_after_a_pause(
        self, ended: list[tuple[str, int]], asked: int, settings: options.Settings, instance: dg.DagsterInstance
    ) -> None:
        _, cursor = self.tick(settings, instance, None)
        job = definitions.define(settings).resolve_job_def(JOB)
        for event, ago in ended:
            run_id = instance.create_run_for_job(job).run_id
            instance.report_dagster_event(dg.DagsterEvent(event, JOB), run_id, timestamp=time.time() - ago)
        assert self.tick(settings, instance, cursor) == (asked, cursor)

    @pytest.mark.parametrize(
        "broken",
        [{"_config.yml": "timezone: [\n"}, {"backfile.toml": "[rules\n"}],
        ids=["the configuration", "the rules"],
    )
    def test_a_broken_site_asks_for_one_build_that_fails_with_the_line(
        self, broken: dict[str, str], settings: options.Settings, instance: dg.DagsterInstance
    ) -> None:
        _, cursor = self.tick(settings, instance, None)
        write(settings.site, {**broken})
        (name,) = broken
        asked, broken_cursor = self.tick(settings, instance, cursor)
        again, _ = self.tick(settings, instance, broken_cursor)
        assert (asked, again) == (1, 0)
        assert name in failures(run(settings, instance))[0]


class TestBrokenSite:
    """What a code location does where the site cannot be read: it loads, and builds say why."""

    @pytest.fixture
    def broken(self, published: Published) -> Iterator[options.Settings]:
        config = published.settings.site / "_config.yml"
        before = config.read_text()
        config.write_text("timezone: [\n")
        yield published.settings
        config.write_text(before)

    def test_it_keeps_the_time_zone_of_the_last_build(self, broken: options.Settings) -> None:
        (daily,) = definitions.define(broken).schedules or ()
        assert isinstance(daily, dg.ScheduleDefinition)
        assert daily.execution_timezone == "Asia/Shanghai"

    def test_a_site_that_was_never_built_has_utc(self, tmp_path: Path) -> None:
        nowhere = options.load(site=tmp_path / "nowhere", warehouse=tmp_path / "warehouse")
        (daily,) = definitions.define(nowhere).schedules or ()
        assert isinstance(daily, dg.ScheduleDefinition)
        assert daily.execution_timezone == "UTC"

    def test_its_build_fails_with_the_line_that_says_why(
        self, broken: options.Settings, instance: dg.DagsterInstance
    ) -> None:
        assert "_config.yml cannot be read" in failures(run(broken, instance))[0]

    def test_wrong_settings_fail_the_build(self, published: Published, instance: dg.DagsterInstance) -> None:
        path = published.settings.site / "backfile.toml"
        path.write_text("schedule_hour = 'soon'\n")
        settings, wrong = options.load_for_service(site=published.settings.site, warehouse=published.settings.warehouse)
        path.unlink()
        job = definitions.define(settings, wrong).resolve_job_def(JOB)
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        assert "backfile.toml: schedule_hour" in failures(result)[0]


class TestWebhook:
    """Messages that the sensor sends."""

    @pytest.fixture
    def told(self, settings: options.Settings, webhook: Webhook) -> options.Settings:
        """The settings with a webhook."""
        return options.load(site=settings.site, warehouse=settings.warehouse, now=NOW, webhook=webhook.url)

    def tick(self, told: options.Settings, instance: dg.DagsterInstance, cursor: str | None) -> str | None:
        """Ask the sensor; its new cursor."""
        defs = definitions.define(told)
        context = dg.build_sensor_context(
            instance=instance, cursor=cursor, repository_def=defs.get_repository_def(), sensor_name="webhook"
        )
        return defs.resolve_sensor_def("webhook").evaluate_tick(context).cursor

    def test_it_is_off_until_one_is_set(self, settings: options.Settings) -> None:
        on = settings.model_copy(update={"webhook": "http://127.0.0.1/"})
        status = [definitions.define(one).resolve_sensor_def("webhook").default_status for one in (settings, on)]
        assert status == [dg.DefaultSensorStatus.STOPPED, dg.DefaultSensorStatus.RUNNING]

    def test_a_failed_build_is_told_once_in_a_line_that_says_what_to_do(
        self, told: options.Settings, instance: dg.DagsterInstance, webhook: Webhook
    ) -> None:
        cursor = self.tick(told, instance, None)
        failed = run(told, instance, asset_selection=[dg.AssetKey("warehouse")])
        cursor = self.tick(told, instance, cursor)
        self.tick(told, instance, cursor)
        assert webhook.texts == [
            f"Backfile could not build site: a build is run as a whole: launch the job 'Build' (run {failed.run_id})"
        ]

    def test_what_failed_before_it_was_set_is_not_news(
        self, told: options.Settings, instance: dg.DagsterInstance, webhook: Webhook
    ) -> None:
        run(told, instance, asset_selection=[dg.AssetKey("warehouse")])
        self.tick(told, instance, None)
        assert webhook.texts == []

    @pytest.mark.parametrize(("hours", "said"), [(25, 0), (27, 1)], ids=["in time", "late"])
    def test_a_daily_build_that_did_not_happen_is_told_once_a_day(
        self, hours: int, said: int, told: options.Settings, instance: dg.DagsterInstance, webhook: Webhook
    ) -> None:
        cursor: str | None = json.dumps({"since": time.time() - hours * 3600})
        for _ in range(2):
            cursor = self.tick(told, instance, cursor)
        assert [text for text in webhook.texts if "the daily build did not happen" in text] == webhook.texts
        assert len(webhook.texts) == said

    def test_a_webhook_that_is_down_is_tried_again(
        self, told: options.Settings, instance: dg.DagsterInstance, webhook: Webhook
    ) -> None:
        webhook.status = 503
        cursor = self.tick(told, instance, None)
        run(told, instance, asset_selection=[dg.AssetKey("warehouse")])
        cursor = self.tick(told, instance, cursor)
        (kept,) = messages.waiting(told.warehouse_folder)
        webhook.status = 204
        messages.deliver(told.warehouse_folder, webhook.url, kept.due)
        assert len(webhook.texts) == 2
        assert messages.waiting(told.warehouse_folder) == []

    def test_a_run_whose_process_died_is_told_as_that(self, instance: dg.DagsterInstance) -> None:
        killed = instance.create_run_for_job(dg.job(name="build")(lambda: None))
        instance.report_run_failed(killed, "its process died")
        events = [entry.dagster_event for entry in instance.all_logs(killed.run_id) if entry.dagster_event]
        assert first_line(events) == "its process died"

    def test_a_run_that_does_not_say_how_it_ended_has_died(self, instance: dg.DagsterInstance) -> None:
        killed = instance.create_run_for_job(dg.job(name="build")(lambda: None))
        instance.report_dagster_event(dg.DagsterEvent("PIPELINE_START", "build"), killed.run_id)
        instance.report_run_failed(killed)
        events = [entry.dagster_event for entry in instance.all_logs(killed.run_id) if entry.dagster_event]
        assert "its process died" in first_line(events)

    def test_a_run_that_could_not_begin_gives_the_first_cause(self) -> None:
        cause = SimpleNamespace(message="_config.yml cannot be read: mend it\n", cause=None)
        data = SimpleNamespace(error=SimpleNamespace(message="could not load", cause=cause))
        event = SimpleNamespace(
            is_step_failure=False, event_type=dg.DagsterEventType.ENGINE_EVENT, engine_event_data=data
        )
        assert first_line([event]) == "_config.yml cannot be read: mend it"  # type: ignore[list-item]


class TestFault:
    """What a step makes of an error."""

    @pytest.mark.parametrize(
        ("raised", "made"),
        [
            (WorkerError("a worker process died"), dg.RetryRequested),
            (RuntimeError("nobody expected it"), dg.RetryRequested),
            (SiteError("there is no such site"), dg.Failure),
            (dg.Failure("the audits did not run"), dg.Failure),
            (KeyboardInterrupt(), KeyboardInterrupt),
        ],
        ids=["of a worker", "unexpected", "to be mended", "told", "an interrupt"],
    )
    def test_it_is_tried_again_where_it_may_pass(
        self, settings: options.Settings, raised: BaseException, made: type[BaseException]
    ) -> None:
        running = RunningBuild(settings, full=False, accepted=[], held=ExitStack())
        context = dg.build_asset_context(resources={"build": running})
        with pytest.raises(made), told(context):
            raise raised


class TestRun:
    def test_a_new_warehouse_is_published(self, published: Published) -> None:
        assert published.first.success
        assert rows(published.settings.warehouse_folder, "posts").height == 2

    def test_every_asset_says_what_came_of_it(self, published: Published) -> None:
        said = {
            event.materialization.asset_key.to_user_string(): event.materialization.metadata.keys()
            for event in published.first.get_asset_materialization_events()
        }
        for table in contracts.TABLES:
            assert {"dagster/row_count", "dagster/uri", "first rows"} <= said[table]
        for name in REPORTS:
            assert {"dagster/row_count", "dagster/column_schema", "first rows"} <= said[f"reports/{name}"]
        assert {f"changes: {change}" for change in contracts.CHANGES} <= said["changes"] & said["published"]

    def test_the_report_bears_the_sites_title(self, published: Published) -> None:
        page = published.settings.warehouse_folder / "report" / "index.html"
        assert ">The Herald</h1>" in page.read_text("utf-8")

    def test_an_unchanged_archive_was_looked_at(self, published: Published) -> None:
        event = published.instance.get_latest_materialization_event(dg.AssetKey("archive"))
        assert event and event.run_id == published.again.run_id

    def test_an_unchanged_site_materialises_nothing(self, published: Published) -> None:
        assert published.again.success
        keys = {event.asset_key for event in published.again.all_events if event.is_step_materialization}
        assert keys == {dg.AssetKey("archive")}

    def test_an_unchanged_site_is_audited_again(self, published: Published) -> None:
        assert {check.check_name for check in evaluated(published.again.all_events)} == {
            audit.name for audit in queries.audits()
        }

    def test_a_site_that_falls_silent_is_seen_to(self, published: Published) -> None:
        later = run(published.settings.model_copy(update={"now": NOW + timedelta(days=60)}), published.instance)
        ages = [
            float(str(check.metadata["value"].value))
            for result in (published.again, later)
            for check in evaluated(result.all_events)
            if check.check_name == "newest_post_is_recent"
        ]
        assert ages[1] == ages[0] + 60

    def test_the_months_become_partitions_with_their_events(self, published: Published) -> None:
        assert published.instance.get_materialized_partitions(dg.AssetKey("posts")) == {"2022-03", "2022-04"}

    def test_the_run_is_named_in_builds(self, published: Published) -> None:
        builds = rows(published.settings.warehouse_folder, "builds")
        assert builds.get_column("dagster_run_id").to_list() == [published.first.run_id]

    def test_a_month_that_is_gone_is_no_partition(
        self, settings: options.Settings, instance: dg.DagsterInstance
    ) -> None:
        run(settings, instance)
        (settings.site / "_posts/2022-03-01-a.md").unlink()
        run(settings, instance)
        assert instance.get_dynamic_partitions("months") == ["2022-04"]

    def test_a_run_forgets_what_is_superfluous(self, settings: options.Settings, instance: dg.DagsterInstance) -> None:
        few = settings.model_copy(update={"runs_kept": 1, "days_kept": 0})
        ids = [run(few, instance).run_id for _ in range(4)]
        published, *_, last = ids
        sensor = definitions.define(few).resolve_sensor_def("housekeeping")
        with dg.build_sensor_context(instance=instance, sensor_name="housekeeping") as context:
            said = sensor.evaluate_tick(context).skip_message
        assert said == "runs marked as failed: 0; runs deleted: 2"
        assert [one.run_id for one in instance.get_runs()] == [last, published]

    def test_a_chosen_month_is_read_anew(self, settings: options.Settings, instance: dg.DagsterInstance) -> None:
        run(settings, instance)
        assert run(settings, instance, partition_key="2022-03").success
        new = current(settings.warehouse_folder)
        counts = json.loads(lake.scan(new, "builds").sort("started_at").last().collect().item(0, "counts"))
        files = lake.scan(new, "files", "2022-03").collect().height
        assert (counts["read"], counts["months_rewritten"]) == (files, ["2022-03"])

    def test_a_range_that_selects_nothing_is_an_error(self, published: Published) -> None:
        backwards = {"dagster/asset_partition_range_start": "2022-04", "dagster/asset_partition_range_end": "2022-03"}
        with dg.DagsterInstance.ephemeral() as instance:
            instance.add_dynamic_partitions("months", ["2022-03", "2022-04"])
            result = run(published.settings, instance, tags=backwards)
        assert "selects no month" in failures(result)[0]

    @pytest.mark.parametrize("part", [list(contracts.READ_TABLES), ["warehouse"], ["published"]], ids=str)
    def test_a_part_of_the_job_is_refused(
        self, part: list[str], published: Published, instance: dg.DagsterInstance
    ) -> None:
        settings = published.settings
        before = publish.current(settings.warehouse_folder)
        new = settings.site / "_posts" / "2022-03-09-new.md"
        new.write_text(post("new"))  # something to do
        result = run(settings, instance, asset_selection=[dg.AssetKey(name) for name in part])
        new.unlink()
        assert not result.success
        assert "launch the job 'Build'" in failures(result)[0]
        assert publish.current(settings.warehouse_folder) == before

    def test_a_failed_audit_publishes_nothing(self, settings: options.Settings, instance: dg.DagsterInstance) -> None:
        """A carried year is damaged behind the manifest's back: its rows are there twice."""
        run(settings, instance)
        before = current(settings.warehouse_folder)
        path = lake.part(before, "post_bodies", lake.year_part("2022"))
        twice = pl.concat([pl.read_parquet(path, hive_partitioning=False)] * 2)
        twice.write_parquet(path)
        (before / MANIFEST).chmod(0o644)
        manifest = json.loads((before / MANIFEST).read_text())
        manifest["files"][path.relative_to(before).as_posix()][:2] = [path.stat().st_size, path.stat().st_mtime_ns]
        (before / MANIFEST).write_text(json.dumps(manifest))
        write(settings.site, {"_posts/2022-04-01-b.md": post("edited")}, age=5)
        result = run(settings, instance)
        assert not result.success
        assert "the audit keys_are_unique failed" in failures(result)[0]
        assert current(settings.warehouse_folder) == before
        assert list(before.parent.iterdir()) == [before]
        assert "published" not in {event.step_key for event in result.all_events if event.is_step_start}
