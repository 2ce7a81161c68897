"""`backfile build`: read what changed, normalise, audit, publish."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click

from pipelines import terminal
from pipelines.commands.errors import FAILED, clear_errors, die, leave, quiet
from pipelines.commands.instance import dagster_home
from pipelines.commands.options import (
    demand_acceptable,
    demand_site,
    demand_time,
    json_option,
    settings_of,
    site_argument,
    warehouse_option,
)


@click.command()
@site_argument
@warehouse_option
@click.option(
    "--rules",
    type=click.Path(path_type=Path),
    help="Rules to lay over the built-in ones. [default: the site's backfile.toml]",
)
@click.option("--full", is_flag=True, help="Read every file, changed or not.")
@click.option(
    "--as-of",
    metavar="TIME",
    help="The build's now, ISO 8601: what is later is future. [default: BACKFILE_NOW, else now]",
)
@click.option(
    "--accept",
    metavar="AUDIT",
    multiple=True,
    help="Let this audit fail for once, where its message says that it can be let pass.",
)
@json_option
def build(
    site: Path | None,
    warehouse: Path | None,
    rules: Path | None,
    full: bool,
    as_of: str | None,
    accept: tuple[str, ...],
    as_json: bool,
) -> None:
    """Build SITE's warehouse: read what changed, normalise, audit, publish.

    SITE is a Jekyll site's root, or its _posts folder. Exit code 0 when the audits passed, rejected posts included;
    1 when an audit or a step failed, nothing published; 2 when the build could not begin, nothing changed.
    """
    began = time.monotonic()
    if site is None and "BACKFILE_SITE" not in os.environ:
        leave("which site? give the folder of a Jekyll site, or set BACKFILE_SITE")
    quiet()
    with clear_errors():
        settings = settings_of(site, warehouse, rules=rules)
        demand_time(as_of)
        demand_acceptable(accept)
        demand_site(settings)
        from pipelines import workers
        from warehouse import publish
        from warehouse.lock import lock

        workers.demand(settings.workplace)

        folder = settings.warehouse_folder
        with lock(folder):
            dagster_home(settings)
            before = publish.current(folder)
            from pipelines.definitions import launch

            try:
                outcome = launch(settings, full=full, as_of=as_of, accept=accept)
            except KeyboardInterrupt:  # while the lock is held: what was begun goes on until the process is dead
                unchanged = publish.current(folder) == before
                die(f"interrupted; {'nothing' if unchanged else 'the build'} was published")
            published = publish.current(folder)
    if outcome.failure is not None:
        what = "nothing was published" if published == before else "the build was published, but its run failed"
        leave(
            f"{what}: {outcome.failure}; backfile ui shows the run {outcome.run_id}",
            FAILED,
            published=published != before,
            run_id=outcome.run_id,
        )
    from pipelines import summary

    new = published if published != before else None
    facts = summary.of_build(settings, outcome, new, time.monotonic() - began)
    if as_json:
        terminal.say_json(facts)
    else:
        summary.show(facts)
