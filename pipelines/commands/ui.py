"""`backfile ui`, and its two halves for services: `backfile webserver` and `backfile daemon`."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

import click

from pipelines.commands.errors import clear_errors, leave, quiet
from pipelines.commands.instance import dagster_home
from pipelines.commands.options import demand_site, settings_of, site_argument, warehouse_option, webhook_option

port_option = click.option("--port", type=int, default=3000, show_default=True, help="The port on this machine.")


@click.command()
@site_argument
@warehouse_option
@port_option
@webhook_option
def ui(site: Path | None, warehouse: Path | None, port: int, webhook: str | None) -> None:
    """Start Dagster's UI and daemon (schedules) for SITE's warehouse; Ctrl-C ends both."""
    _become(site, warehouse, "dagster", "dev", "--port", str(port), port=port, webhook=webhook)


@click.command()
@site_argument
@warehouse_option
@port_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address that it listens on.")
def webserver(site: Path | None, warehouse: Path | None, port: int, host: str) -> None:
    """Start Dagster's UI alone: for a service, beside `backfile daemon`."""
    _become(site, warehouse, "dagster-webserver", "--host", host, "--port", str(port), host=host, port=port)


@click.command()
@site_argument
@warehouse_option
@webhook_option
def daemon(site: Path | None, warehouse: Path | None, webhook: str | None) -> None:
    """Start Dagster's daemon alone (schedules, sensors, queue): for a service."""
    _become(site, warehouse, "dagster-daemon", "run", port=None, webhook=webhook)


def _become(
    site: Path | None,
    warehouse: Path | None,
    program: str,
    *arguments: str,
    host: str = "127.0.0.1",
    port: int | None,
    webhook: str | None = None,
) -> NoReturn:
    """Let one of Dagster's programs take this process's place, with the warehouse's own instance; one that listens only
    where the port is free."""
    from pipelines.settings import PROJECT

    quiet()
    with clear_errors():
        settings = settings_of(site or _site_of(warehouse), warehouse, webhook=webhook)
        demand_site(settings)
        if port is not None:
            _demand_free(host, port)
        home = dagster_home(settings)
    os.chdir(home)  # in the project's folder Dagster would warn of the template that it does not use
    path = str(Path(sys.executable).with_name(program))
    os.execv(path, [path, *arguments, "--workspace", str(PROJECT / "workspace.yaml")])  # noqa: S606  our own programs


def _demand_free(host: str, port: int) -> None:
    """Whether somebody could listen there. Dagster would say in its log that nobody can, and go on without pages."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or error
            leave(f"nobody can listen on {host}, port {port} ({why}): is a UI open there? --port names another")


def _site_of(warehouse: Path | None) -> Path | None:
    """The site that an existing warehouse is of, so that it need not be named again."""
    from warehouse import publish

    if warehouse is None and "BACKFILE_SITE" not in os.environ and "BACKFILE_WAREHOUSE" in os.environ:
        warehouse = Path(os.environ["BACKFILE_WAREHOUSE"])
    last = publish.published(warehouse.absolute()) if warehouse else None
    return Path(last[1].site) if last else None
