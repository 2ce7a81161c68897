"""What commands that only read share: which warehouse they mean, its published build, and a connection to ask it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipelines import terminal
from pipelines.commands.errors import FAILED, as_object, leave
from pipelines.commands.options import settings_of

if TYPE_CHECKING:
    import duckdb

Command = TypeVar("Command", bound=Callable[..., Any])


def warehouse_options(command: Command) -> Command:
    """--warehouse and --site of a command that reads: either will do, and often neither is needed."""
    for option in (
        click.option(
            "--site", type=click.Path(path_type=Path), help="The site whose warehouse it is. [default: BACKFILE_SITE]"
        ),
        click.option(
            "--warehouse",
            type=click.Path(path_type=Path),
            help="The warehouse's folder. [default: BACKFILE_WAREHOUSE, else the site's, else the only one below data]",
        ),
    ):
        command = option(command)
    return command


def find_warehouse(site: Path | None, warehouse: Path | None) -> Path:
    """The warehouse that is meant, absolute: the command line goes before the environment. Leaves where that is not
    clear.

    Raises:
        WarehouseError: it is not the named site's.
    """
    if site is not None:
        settings = settings_of(site, warehouse)
        demand_of(settings.site, settings.warehouse_folder)
        return settings.warehouse_folder
    if warehouse is not None or "BACKFILE_WAREHOUSE" in os.environ:
        return Path(warehouse or os.environ["BACKFILE_WAREHOUSE"]).absolute()
    if "BACKFILE_SITE" in os.environ:
        return settings_of(None, None).warehouse_folder
    found = sorted(path.parent for path in Path("data").glob("*/current"))
    if not found:
        leave("which warehouse? there is none below data; name one with --warehouse, or make one with backfile build")
    if len(found) > 1:
        names = ", ".join(map(str, found[:5])) + (", …" if len(found) > 5 else "")
        leave(f"which warehouse? there are {names}; name one with --warehouse")
    return found[0].absolute()


def demand_of(site: Path, warehouse: Path) -> None:
    """Whether what the warehouse holds, if anything, is of this site.

    Raises:
        WarehouseError: it is another's.
    """
    from pipelines.settings import site_root
    from warehouse import publish

    last = publish.published(warehouse)
    if last is not None:
        publish.demand(warehouse, last[1], site_root(site.resolve()))


def find_build(warehouse: Path) -> Path:
    """The warehouse's published build. `current` is resolved here, once: all that is read is of one build."""
    from warehouse import publish

    build = publish.current(warehouse)
    if build is None:
        leave(f"{warehouse} holds no published build; make one with backfile build, or name another with --warehouse")
    return build


def list_builds(kept: list[Path], current: Path | None) -> None:
    """A line for each kept build."""
    for build in kept:
        terminal.say(f"{build.name}{'  published' if build == current else ''}")


def named(kept: list[Path], name: str) -> Path:
    """The kept build of this name, or whose name alone begins so. Leaves where there is none."""
    fitting = [build for build in kept if build.name == name] or [
        build for build in kept if build.name.startswith(name)
    ]
    if len(fitting) != 1:
        what = f"{len(fitting)} builds begin with {name}" if fitting else f"no build {name} is kept"
        leave(f"{what}; kept are {', '.join(build.name for build in kept) or 'none'}")
    return fitting[0]


@contextmanager
def asking(build: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the build's database read-only. DuckDB's errors end the command."""
    import duckdb

    from warehouse import connection, publish

    try:
        with connection.asking(build / publish.DATABASE) as open_connection:
            yield open_connection
    except duckdb.Error as error:
        as_object(str(error))
        for line in str(error).splitlines():
            terminal.say(line, file=sys.stderr)
        if isinstance(error, duckdb.PermissionException):
            said = "backfile: a query reads no file but the build's own; --unsafe of backfile sql lifts that"
            terminal.say(said, file=sys.stderr)
        sys.exit(FAILED)


def demand_outside(path: Path, warehouse: Path) -> None:
    """Whether a file may be written there: nothing is put among what is published."""
    if path.resolve().is_relative_to(warehouse.resolve()):
        leave(f"{path} lies in the warehouse {warehouse}; write elsewhere")
