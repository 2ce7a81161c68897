"""`backfile rollback`: let an earlier build be the published one again."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines import terminal
from pipelines.commands.errors import clear_errors, leave, quiet
from pipelines.commands.options import settings_of, site_option, warehouse_option
from pipelines.commands.published import list_builds, named


@click.command()
@click.argument("build", required=False)
@site_option
@warehouse_option
@click.option("--list", "listed", is_flag=True, help="List the builds that are kept.")
def rollback(build: str | None, site: Path | None, warehouse: Path | None, listed: bool) -> None:
    """Go back to BUILD, a kept build or the beginning of its name. [default: the one before the published]

    The next build starts from there and publishes the archive as it is then; changes and builds recorded since BUILD
    are no more in it. Readers notice nothing but other rows.
    """
    quiet()
    with clear_errors():
        folder = settings_of(site, warehouse).warehouse_folder
        from warehouse import publish
        from warehouse.lock import lock

        if listed:
            list_builds(publish.kept(folder), publish.current(folder))
            return
        if not publish.kept(folder):
            leave(f"{folder} holds no published build; name another with --warehouse")
        with lock(folder):
            current, kept = publish.current(folder), publish.kept(folder)
            earlier = [one for one in kept if current is None or one.name < current.name]
            if build is None and not earlier:
                leave(f"no earlier build is kept; kept are {', '.join(one.name for one in kept)}")
            chosen = named(kept, build) if build else earlier[-1]
            publish.go_back(folder, chosen)
    terminal.say(f"Published again: {chosen.name}. The next build starts from there; the schedule is not stopped.")
