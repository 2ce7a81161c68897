"""`backfile ui`, and its two halves for services: `backfile webserver` and `backfile daemon`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from pipelines import terminal
from pipelines.commands.errors import clear_errors, leave, quiet
from pipelines.commands.instance import dagster_home
from pipelines.commands.options import (
    demand_site,
    settings_of_service,
    site_argument,
    warehouse_option,
    webhook_option,
)

if TYPE_CHECKING:
    from pipelines.settings import Settings

port_option = click.option("--port", type=int, default=3000, show_default=True, help="The port on this machine.")
read_only_option = click.option(
    "--read-only", is_flag=True, help="Let nobody start, end or change anything in the UI; start no daemon."
)
log_format_option = click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    envvar="BACKFILE_LOG_FORMAT",
    show_default=True,
    help="The log: lines of text, coloured on a terminal only, or JSON objects.",
)


@click.command()
@site_argument
@warehouse_option
@port_option
@webhook_option
@read_only_option
@log_format_option
def ui(
    site: Path | None, warehouse: Path | None, port: int, webhook: str | None, read_only: bool, log_format: str
) -> None:
    """Start Dagster's UI and daemon (schedules) for SITE's warehouse; Ctrl-C ends both."""
    if read_only:
        _become(site, warehouse, log_format, *_webserver("127.0.0.1", port, read_only=True), port=port)
    _become(site, warehouse, log_format, "dagster", "dev", "--port", str(port), port=port, webhook=webhook)


@click.command()
@site_argument
@warehouse_option
@port_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address that it listens on.")
@read_only_option
@log_format_option
def webserver(
    site: Path | None, warehouse: Path | None, port: int, host: str, read_only: bool, log_format: str
) -> None:
    """Start Dagster's UI alone: for a service, beside `backfile daemon`."""
    _become(site, warehouse, log_format, *_webserver(host, port, read_only=read_only), host=host, port=port)


def _webserver(host: str, port: int, *, read_only: bool) -> list[str]:
    options = ["--read-only"] if read_only else []
    return ["dagster-webserver", "--host", host, "--port", str(port), *options]


@click.command()
@site_argument
@warehouse_option
@webhook_option
@log_format_option
def daemon(site: Path | None, warehouse: Path | None, webhook: str | None, log_format: str) -> None:
    """Start Dagster's daemon alone (schedules, sensors, queue): for a service."""
    _become(site, warehouse, log_format, "dagster-daemon", "run", port=None, webhook=webhook)


def _become(
    site: Path | None,
    warehouse: Path | None,
    log_format: str,
    program: str,
    *arguments: str,
    host: str = "127.0.0.1",
    port: int | None,
    webhook: str | None = None,
) -> NoReturn:
    """Let one of Dagster's programs take this process's place, with the warehouse's own instance; one that listens only
    where the port is free."""
    from pipelines.settings import WORKSPACE

    quiet()
    with clear_errors():
        settings, wrong = settings_of_service(site or _site_of(warehouse), warehouse, webhook=webhook)
        _demand_site_or_tell(settings, wrong)
        if port is not None:
            _demand_free(host, port)
        home = dagster_home(settings)
    if log_format == "json":
        arguments = (*arguments, "--log-format", "json")
    if log_format == "json" or not sys.stdout.isatty():
        _log_through("json" if log_format == "json" else "plain")
    os.chdir(home)
    path = str(Path(sys.executable).with_name(program))
    os.execv(path, [path, *arguments, "--workspace", str(WORKSPACE)])  # noqa: S606  our own programs


def _log_through(shown: str) -> None:
    """Lead what this process writes from now on through `pipelines.logs`."""
    command = [sys.executable, "-m", "pipelines.logs", shown]
    # Ends with the last process that writes to it.
    log = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603  our own program
    for stream in (sys.stdout, sys.stderr):
        os.dup2(log.stdin.fileno(), stream.fileno())  # type: ignore[union-attr]  # it is a pipe
    log.stdin.close()  # type: ignore[union-attr]  # as above


def _demand_site_or_tell(settings: Settings, wrong: str | None) -> None:
    """Raise what is wrong with the site; where a build of this very site is published, print it: a service that has run
    starts, so that its builds fail with that line and the webhook is told.

    Raises:
        SettingsError, SiteError, RulesError: this was never built, so the command is wrong rather than the site.
        BuildError, WarehouseError: the folder cannot be this site's warehouse.
    """
    from pipelines.jekyll.config import SiteError
    from pipelines.normalise.rules import RulesError
    from pipelines.settings import SettingsError, site_root
    from warehouse import publish
    from warehouse.manifest import WarehouseError

    last = None
    try:
        if wrong:
            raise SettingsError(wrong)
        demand_site(settings)
    except (SettingsError, SiteError, RulesError) as error:
        with suppress(WarehouseError):
            last = publish.published(settings.warehouse_folder)
        if last is None or last[1].site != str(site_root(settings.site.resolve())):
            raise
        said = f"backfile: {error}; started all the same: builds fail until this is corrected"
        terminal.say(said, file=sys.stderr)


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
