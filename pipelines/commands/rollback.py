"""`backfile rollback`: let an earlier build be the published one again."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines.commands.errors import clear_errors, leave, quiet
from pipelines.commands.options import settings_of, site_option, warehouse_option


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

        current, kept = publish.current(folder), publish.kept(folder)
        if listed:
            for one in kept:
                click.echo(f"{one.name}{'  published' if one == current else ''}")
            return
        names = ", ".join(one.name for one in kept)
        if build is None:
            fitting = [one for one in kept if current is None or one.name < current.name][-1:]
        else:
            fitting = [one for one in kept if one.name.startswith(build)]
        if len(fitting) != 1:
            what = f"{len(fitting)} builds begin with {build}" if build else "no earlier build is kept"
            leave(f"{what}; kept are {names or 'none'}")
        with lock(folder):
            publish.go_back(folder, fitting[0])
    click.echo(f"Published again: {fitting[0].name}. The next build starts from there; the schedule is not stopped.")
