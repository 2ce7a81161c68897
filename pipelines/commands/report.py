"""`backfile report`: where the static report is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from pipelines import terminal
from pipelines.commands.errors import clear_errors, leave
from pipelines.commands.published import find_build, find_warehouse, warehouse_options


@click.command()
@warehouse_options
def report(site: Path | None, warehouse: Path | None) -> None:
    """Print the path of the published static report; on a desktop, also open it in the browser."""
    with clear_errors():
        folder = find_warehouse(site, warehouse)
        build = find_build(folder)
    if not (build / "report" / "index.html").is_file():
        leave(f"{build.name} has no report; backfile build makes it anew")
    page = folder / "report" / "index.html"  # the link, so that a bookmark shows later builds too
    terminal.say(str(page))
    if sys.stdout.isatty() and (sys.platform == "darwin" or {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()):
        import webbrowser

        webbrowser.open(page.as_uri())
