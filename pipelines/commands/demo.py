"""`backfile demo`: the warehouse of the bundled sample."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines import terminal
from pipelines.commands.build import build
from pipelines.commands.options import json_option


@click.command()
@click.option(
    "--warehouse",
    type=click.Path(path_type=Path),
    help="The warehouse's folder. [default: BACKFILE_WAREHOUSE, else data/sample]",
)
@json_option
@click.pass_context
def demo(context: click.Context, warehouse: Path | None, as_json: bool) -> None:
    """Build the warehouse of the bundled sample, a small invented archive of Jekyll posts.

    The same as `backfile build` on that site, which comes with Backfile. Exit codes as there.
    """
    from pipelines.settings import SAMPLE

    context.invoke(build, site=SAMPLE, warehouse=warehouse, as_json=as_json)
    if not as_json:
        terminal.say(f"The sample's posts are in {SAMPLE}")
