"""`backfile ui`: Dagster's UI and daemon."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from pipelines.commands.errors import clear_errors, quiet
from pipelines.commands.instance import dagster_home
from pipelines.commands.options import demand_site, settings_of, site_argument, warehouse_option


@click.command()
@site_argument
@warehouse_option
@click.option("--port", type=int, default=3000, show_default=True, help="The port on this machine.")
def ui(site: Path | None, warehouse: Path | None, port: int) -> None:
    """Start Dagster's UI and daemon (schedules) for SITE's warehouse; Ctrl-C ends both."""
    from pipelines.settings import PROJECT

    quiet()
    with clear_errors():
        settings = settings_of(site or _site_of(warehouse), warehouse)
        demand_site(settings)
        home = dagster_home(settings.warehouse_folder)
    os.chdir(home)  # in the project's folder Dagster would warn of the template that it does not use
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    dagster = str(Path(sys.executable).with_name("dagster"))
    os.execv(dagster, [dagster, "dev", "--workspace", str(PROJECT / "workspace.yaml"), "--port", str(port)])  # noqa: S606  our own program


def _site_of(warehouse: Path | None) -> Path | None:
    """The site that an existing warehouse is of, so that it need not be named again."""
    from warehouse import publish

    last = publish.published(warehouse.absolute()) if warehouse else None
    return Path(last[1].site) if last else None
