"""The assets: what Dagster shows and runs. Thin: each step calls one function of `build` and says what came of it."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import dagster as dg
import polars as pl

from pipelines import build as steps
from pipelines import checks, history, runs
from pipelines.settings import Settings, SettingsError, as_utc
from pipelines.workers import WorkerError
from warehouse import audits, contracts, lake, publish, queries, repairs, report, shown
from warehouse.audits import Finding
from warehouse.errors import UserError
from warehouse.lock import lock

JOB: Final = "Build"
"""Begins with a capital: on the lineage page "Materialize all" takes the first job by name that has all assets, and
that would be Dagster's own `__ASSET_JOB`, which cannot run steps with and without partitions together."""
OWNERS: Final = ["team:archive"]
MONTHS: Final = dg.DynamicPartitionsDefinition(name="months")
WHOLE_JOB: Final = f"a build is run as a whole: launch the job '{JOB}'"

NEEDS: Final = {"build"}
ONE_RUN: Final = dg.BackfillPolicy.single_run()
"""One run for any number of months: a build is one."""

LOOKED_AT_WITHIN: Final = timedelta(hours=26)
"""A daily build ends within this time of the one before."""

ARCHIVE: Final = dg.AssetSpec(
    "archive",
    description="The Jekyll site's posts folders: what a build reads. Nothing in it is ever changed. A build that "
    "finds it as it was, and so publishes nothing, has looked at it all the same: it is fresh while builds run.",
    group_name="archive",
    kinds={"jekyll", "markdown"},
    owners=OWNERS,
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=LOOKED_AT_WITHIN),
)

TRIES: Final = 2
PAUSE: Final = 5
"""How often a step is tried again, and after how many seconds, for faults that pass, as a worker killed for want of
memory. By request, not by a policy of the step: with one Dagster would try again what a person ended."""
SHOWN_ROWS: Final = 5
SHOWN_RESULTS: Final = 10
"""Rows of a report."""
SHOWN_TEXT: Final = 200
"""Characters of a cell that the UI is given."""


@dataclass
class RunningBuild:
    """The build of one run, handed from step to step; the warehouse's lock is held until the run ends."""

    settings: Settings
    full: bool
    accepted: list[str]
    """Audits that may fail for once."""
    held: ExitStack
    wrong: str | None = None
    """What is wrong with the site's settings: the build fails with it."""
    oddities: list[str] = field(default_factory=list)
    begun: steps.Build | None = None
    findings: list[Finding] = field(default_factory=list)
    results: list[report.Result] = field(default_factory=list)
    """What the reports answered: asked once, shown twice."""

    @property
    def build(self) -> steps.Build:
        if self.begun is None:
            raise dg.Failure(WHOLE_JOB)
        return self.begun


def running_build(settings: Settings, wrong: str | None = None) -> dg.ResourceDefinition:
    """Return the resource that the steps of a run share."""

    @dg.resource(
        config_schema={
            "full": dg.Field(bool, default_value=False, description="Read every file, changed or not"),
            "as_of": dg.Field(
                dg.Noneable(str),
                default_value=None,
                description="The build's now, ISO 8601; a time without zone is UTC",
            ),
            "accept": dg.Field(
                [str],
                default_value=[],
                description=f"Audits that may fail for once, of {', '.join(audits.acceptable())}",
            ),
        },
        description="What the steps of one run hand on",
    )
    def build(context: dg.InitResourceContext) -> Iterator[RunningBuild]:
        as_of = context.resource_config["as_of"]
        chosen = settings.model_copy(update={"now": as_utc(datetime.fromisoformat(as_of))}) if as_of else settings
        accepted = context.resource_config["accept"]
        for name in accepted:
            if name not in audits.acceptable():
                can = ", ".join(audits.acceptable())
                raise dg.Failure(f"{name} cannot be let pass; {can} can")
        with ExitStack() as alive:
            if context.instance and context.run:
                alive.enter_context(runs.living(Path(context.instance.root_directory), context.run.run_id))
            held = alive.enter_context(ExitStack())
            yield RunningBuild(chosen, context.resource_config["full"], accepted, held, wrong)

    return build


def column_schema(shown: dict[str, str], descriptions: dict[str, str]) -> dg.TableSchema:
    """Columns as the UI shows them."""
    return dg.TableSchema([dg.TableColumn(name, kind, descriptions.get(name, "")) for name, kind in shown.items()])


def _table(table: str, group: str, deps: Iterable[str], **more: Any) -> dg.AssetSpec:
    """The asset of a table, from its contract."""
    return dg.AssetSpec(
        table,
        deps=list(deps),
        description=contracts.description(table),
        group_name=group,
        kinds={"polars", "parquet"},
        owners=OWNERS,
        skippable=True,
        metadata={
            "dagster/column_schema": column_schema(shown.columns(table), shown.descriptions(table)),
            "dagster/table_name": shown.full_name(table),
            "key": ", ".join(contracts.TABLES[table].primary_key()),
        },
        **more,
    )


def _materialised(build: steps.Build, rows: dict[str, int]) -> Iterator[dg.MaterializeResult[None]]:
    for table, count in rows.items():
        yield dg.MaterializeResult(table, metadata=_metadata(build, table, count))


def _metadata(build: steps.Build, table: str, rows: int) -> dict[str, Any]:
    """What a run says of a table."""
    first = lake.scan(build.folder, table).head(SHOWN_ROWS).collect()
    metadata: dict[str, Any] = {
        "dagster/row_count": rows,
        "dagster/uri": lake.folder(build.folder, table).as_uri(),
        "first rows": _shown_rows(shown.columns(table), first.rows()),
    }
    if table in contracts.MONTHLY and table != "changes":
        metadata["months rewritten"] = len(
            build.read_months if table in contracts.READ_TABLES else build.normalise_months
        )
    return metadata | _facts(build, table)


def _facts(build: steps.Build, table: str) -> dict[str, Any]:
    """What a run says of some tables beside their rows."""
    if table == "files":
        counts = history.counts(build.folder)
        return {
            **{f"files: {outcome}": count for outcome, count in counts["posts"].items()},
            "files: ignored": counts["ignored"],
            **{f"rejected: {reason}": count for reason, count in counts["rejected"].items()},
        }
    if table == "posts":
        return {"volume": _volume(build)}
    if table == "changes":
        return _changes(build)
    return {}


def _changes(build: steps.Build) -> dict[str, int]:
    return {f"changes: {change}": build.counts["changes"].get(change, 0) for change in contracts.CHANGES}


def _volume(build: steps.Build) -> dg.MetadataValue:
    """The published posts by month, as a small chart."""
    published = lake.scan(build.folder, "posts").filter(pl.col("state") == "published")
    month = pl.col("published_on").dt.strftime("%Y-%m").alias("month")
    posts = published.group_by(month).agg(posts=pl.len()).sort("month").collect()
    return _picture(report.charts.svg(VOLUME, posts.columns, posts.rows()))


def _picture(svg: str | None) -> dg.MetadataValue:
    """A chart as the UI shows it. An image runs no script, whatever its text."""
    if svg is None:
        return dg.MetadataValue.text("too little for a chart")
    return dg.MetadataValue.md(f"![chart](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})")


def _shown_rows(columns: dict[str, str], rows: Iterable[Iterable[object]]) -> dg.MetadataValue:
    """Rows as the UI shows them; columns that it was not given rows for are left out."""
    names = list(columns)
    records = [dg.TableRecord({name: _cell(value) for name, value in zip(names, row, strict=False)}) for row in rows]
    return dg.MetadataValue.table(records, schema=column_schema(columns, {}))


def _cell(value: object) -> str | int | float | bool | None:
    if value is None or isinstance(value, (int, float, bool)):
        return value
    text = str(value)
    return text if len(text) <= SHOWN_TEXT else f"{text[:SHOWN_TEXT]} …"


def _chosen_months(context: dg.AssetExecutionContext) -> list[str]:
    """The months that the run was started for; none for a run that works out its own.

    Raises:
        dg.Failure: a range that holds no month; Dagster would let such a run succeed silently.
    """
    if not context.has_partition_key and not context.has_partition_key_range:
        return []
    months = list(context.partition_keys)
    if not months:
        raise dg.Failure(
            "the range selects no month: months stand in the order in which they were added, not by date; "
            "choose a range from an earlier one in the list to a later one, or single months",
        )
    return months


@contextmanager
def told(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> Iterator[RunningBuild]:
    """Yield the build of the run.

    User errors fail the step with a one-line message. Other errors, and workers that died, have it tried again.
    """
    running: RunningBuild = context.resources.build
    try:
        with repairs.damage_told(running.settings.warehouse_folder):
            yield running
    except dg.Failure:
        raise
    except UserError as error:
        failure = dg.Failure(str(error))
        if isinstance(error, WorkerError):
            raise dg.RetryRequested(TRIES, PAUSE) from failure
        raise failure from None
    except Exception as error:
        raise dg.RetryRequested(TRIES, PAUSE) from error


def _demand_whole_job(context: dg.AssetExecutionContext) -> None:
    """A build that could not be published is not begun."""
    run = context.run
    selected = run.asset_selection
    lacks_assets = bool(selected) and not {
        dg.AssetKey(name) for name in (*contracts.TABLES, "warehouse", "published")
    } <= set(selected or ())
    lacks_steps = run.step_keys_to_execute is not None and not {"read", "audits", "published"} <= set(
        run.step_keys_to_execute
    )
    if lacks_assets or lacks_steps:
        raise dg.Failure(WHOLE_JOB)


@dg.multi_asset(
    name="read",
    description="Reads the files that changed, and no other",
    specs=[
        _table("files", "read", ["archive"]),
        _table("posts", "read", ["archive"], partitions_def=MONTHS),
        _table("post_bodies", "read", ["archive"]),
        _table("post_headings", "read", ["archive"]),
        _table("post_code_blocks", "read", ["archive"]),
        _table("post_links_raw", "read", ["archive"]),
    ],
    required_resource_keys=NEEDS,
    backfill_policy=ONE_RUN,
)
def read(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    _demand_whole_job(context)
    months = _chosen_months(context)
    with told(context) as running:
        settings = running.settings
        if running.wrong:
            raise SettingsError(running.wrong)
        running.held.enter_context(lock(settings.warehouse_folder, wait=settings.lock_wait_seconds))
        running.held.callback(publish.clean, settings.warehouse_folder)  # however the run ends
        running.oddities = steps.oddities(settings.warehouse_folder)
        for oddity in running.oddities:
            context.log.warning(oddity)
        running.begun = steps.begin(settings, context.run.run_id, full=running.full, months=months)
        if running.begun is None:
            context.log.info("nothing changed: nothing is published")
            _looked_at(context, running)
            for finding in _audited_again(settings):
                context.log_event(checks.evaluation(finding))
            return
        for notice in running.build.notices:
            context.log.warning(notice)
        rows = steps.read(running.build)
        yield from _materialised(running.build, rows)


def _audited_again(settings: Settings) -> list[Finding]:
    """What the audits say now of the published build: it may have become old while nothing changed. What a person may
    let pass was judged when it was published."""
    published = publish.current(settings.warehouse_folder)
    now = settings.now or datetime.now(UTC)
    return audits.run(published, settings.thresholds, audits.acceptable(), now) if published else []


def _step(context: dg.AssetExecutionContext, step: Any) -> Iterator[dg.MaterializeResult[None]]:
    with told(context) as running:
        rows = step(running.build)
        yield from _materialised(running.build, rows)


@dg.multi_asset(
    name="normalise",
    description="Makes categories, tags, links and sources of the posts in the lake; opens no file of the archive",
    specs=[
        _table("post_categories", "normalise", ["posts"]),
        _table("post_tags", "normalise", ["posts"]),
        _table("post_links", "normalise", ["posts", "post_bodies", "post_links_raw"]),
        _table("post_sources", "normalise", ["posts", "post_bodies", "post_links"]),
        _table("near_signatures", "normalise", ["posts", "post_bodies", "post_links"]),
    ],
    required_resource_keys=NEEDS,
    backfill_policy=ONE_RUN,
)
def normalise(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    yield from _step(context, steps.normalise)


_ARCHIVE_DEPS: Final = {
    "category_keys": ["post_categories", "post_tags"],
    "tag_keys": ["post_tags"],
    "categories": ["posts", "post_categories", "post_tags"],
    "tags": ["posts", "post_tags"],
    "hosts": ["post_links"],
    "entities": ["posts", "post_links"],
    "duplicates": ["posts", "post_sources", "near_signatures"],
    "suspects": ["posts", "post_categories", "post_tags"],
    "changes": ["files"],
    "builds": ["files", "posts"],
}


@dg.multi_asset(
    name="summarise",
    description="Makes the tables that depend on the whole archive, and the history",
    specs=[
        _table(
            table,
            "history" if table in contracts.HISTORY_TABLES else "archive_wide",
            _ARCHIVE_DEPS.get(table, ["posts", *contracts.NORMALISED_TABLES]),
        )
        for table in contracts.ARCHIVE_TABLES | contracts.HISTORY_TABLES
    ],
    required_resource_keys=NEEDS,
    backfill_policy=ONE_RUN,
)
def summarise(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    yield from _step(context, steps.summarise)


@dg.asset(
    name="warehouse",
    description="The DuckDB file of the build, staged from its lake: tables, views and report models, described.",
    deps=list(contracts.TABLES),
    group_name="warehouse",
    kinds={"duckdb"},
    owners=OWNERS,
    required_resource_keys=NEEDS,
    backfill_policy=ONE_RUN,
)
def warehouse(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    with told(context) as running:
        path = steps.stage(running.build)
    return dg.MaterializeResult(metadata={"dagster/uri": path.as_uri(), "size": path.stat().st_size})


@dg.multi_asset_check(
    name="audits",
    description="Runs every audit on the staged build, before anybody sees it",
    specs=checks.SPECS,
    required_resource_keys=NEEDS,
)
def audit(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    with told(context) as running:
        running.findings = audits.run(running.build.folder, running.settings.thresholds, running.accepted)
    for finding in running.findings:
        yield checks.result(finding)
    refused = [checks.refusal(finding) for finding in running.findings if checks.refuses(finding)]
    if refused:
        raise dg.Failure("; ".join(refused))


def _report_spec(model: queries.Query) -> dg.AssetSpec:
    return dg.AssetSpec(
        ["reports", model.name],
        deps=["warehouse"],
        description=model.header["purpose"],
        group_name="reports",
        kinds={"duckdb", "sql"},
        owners=OWNERS,
        metadata={
            "dagster/table_name": f"reports.{model.name}",
            "dagster/code_references": dg.CodeReferencesMetadataValue(
                code_references=[
                    dg.LocalFileCodeReference(file_path=str(queries.FOLDER / "models" / f"{model.name}.sql"))
                ]
            ),
            "query": dg.MetadataValue.md(f"```sql\n{model.sql}\n```"),
        },
    )


MODELS: Final = queries.models()
VOLUME: Final = next(model for model in MODELS if model.name == "volume_by_month")


@dg.multi_asset(
    name="reports",
    description="Runs each report on the staged build and shows its first rows",
    specs=[_report_spec(model) for model in MODELS],
    required_resource_keys=NEEDS,
    backfill_policy=ONE_RUN,
)
def reports(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    with told(context) as running:
        build = running.build
        words = report.language_of(build.folder, build.site.lang)
        running.results = list(report.results(build.folder))
        for shown in running.results:
            metadata: dict[str, Any] = {
                "dagster/row_count": shown.count,
                "dagster/column_schema": column_schema(shown.columns, shown.model.columns),
                "first rows": _shown_rows(shown.columns, shown.rows[:SHOWN_RESULTS]),
            }
            if shown.model.chart:
                metadata["chart"] = _picture(report.picture(shown, words))
            yield dg.MaterializeResult(["reports", shown.model.name], metadata=metadata)


@dg.asset(
    name="report",
    description="The static report: pages that open from disk, with every report and the largest topics.",
    deps=[["reports", model.name] for model in MODELS],
    group_name="reports",
    kinds={"html"},
    owners=OWNERS,
    required_resource_keys=NEEDS,
    backfill_policy=ONE_RUN,
)
def static_report(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    with told(context) as running:
        build = running.build
        site = build.site
        results = running.results or list(report.results(build.folder))  # the reports may not have been selected
        title = site.title or site.name
        path = report.write(build.folder, results, site=title, lang=site.lang, url=site.url, baseurl=site.baseurl)
        return dg.MaterializeResult(metadata={"dagster/uri": path.as_uri(), "size": path.stat().st_size})


@dg.asset(
    name="published",
    description="Lets the link `current` lead to the audited build: what people open. The last step, by one rename.",
    deps=["report", "warehouse"],
    group_name="publish",
    owners=OWNERS,
    required_resource_keys=NEEDS,
    backfill_policy=ONE_RUN,
)
def published(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    with told(context) as running:
        build = running.build
        if not running.findings:
            raise dg.Failure(f"the audits did not run; {WHOLE_JOB}")
        manifest = steps.finish(build)
        context.instance.add_run_tags(context.run.run_id, {runs.PUBLISHED: build.build_id})
        _looked_at(context, running)
        _log_months(context, build, list(manifest.months))
        at = datetime.now(UTC)
        return dg.MaterializeResult(
            metadata={
                "build": build.build_id,
                "dagster/uri": build.folder.as_uri(),
                "published at": dg.MetadataValue.timestamp(at),
                **_changes(build),
                **{f"posts: {state}": count for state, count in build.counts["posts"].items()},
                "rejected": sum(build.counts["rejected"].values()),
                "months rewritten": ", ".join(build.normalise_months[:24])
                + (" …" if len(build.normalise_months) > 24 else ""),
            }
        )


ODDITIES: Final = "left alone or made anew"


def _looked_at(context: dg.AssetExecutionContext, running: RunningBuild) -> None:
    """Record that what is published is the archive as this run saw it, changed or not."""
    metadata = {ODDITIES: running.oddities} if running.oddities else {}
    context.log_event(dg.AssetMaterialization("archive", metadata=metadata))


def _log_months(context: dg.AssetExecutionContext, build: steps.Build, months: list[str]) -> None:
    """Keep the partitions of `posts` equal to the archive's months, with an event for each that was rewritten."""
    instance = context.instance
    known = set(instance.get_dynamic_partitions(str(MONTHS.name)))
    instance.add_dynamic_partitions(str(MONTHS.name), sorted(set(months) - known))
    for gone in sorted(known - set(months)):
        instance.delete_dynamic_partition(str(MONTHS.name), gone)
    rows = dict(lake.scan(build.folder, "posts").group_by("month").len().collect().iter_rows())
    for month in build.read_months:
        if month in months:
            metadata = {"dagster/partition_row_count": rows.get(month, 0), "build": build.build_id}
            context.log_event(dg.AssetMaterialization("posts", partition=month, metadata=metadata))
    # The asset's page shows its latest event: not that of some month.
    context.log_event(dg.AssetMaterialization("posts", metadata=_metadata(build, "posts", sum(rows.values()))))


ASSETS: Final[list[dg.AssetsDefinition | dg.AssetSpec]] = [
    ARCHIVE,
    read,
    normalise,
    summarise,
    warehouse,
    reports,
    static_report,
    published,
]

CHECKS: Final = [audit]
