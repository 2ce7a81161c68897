"""`backfile explain`: why a file became what it became."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pipelines import terminal
from pipelines.commands.errors import clear_errors, leave, quiet
from pipelines.commands.options import demand_time, json_option, settings_of, warehouse_option


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--site", type=click.Path(path_type=Path), help="The site. [default: the nearest folder above FILE that is one]"
)
@warehouse_option
@click.option("--as-of", metavar="TIME", help="The time to judge by. [default: BACKFILE_NOW, else now]")
@json_option
def explain(file: Path, site: Path | None, warehouse: Path | None, as_of: str | None, as_json: bool) -> None:
    """Explain what becomes of FILE, step by step, and what the published build holds of it.

    Reads the file as it is now; changes nothing. Exit code 0 also where FILE is no post.
    """
    demand_time(as_of)
    quiet()
    with clear_errors():
        from pipelines import explained

        settings = settings_of(site or _site_above(file), warehouse, now=as_of)
        steps = explained.of_file(settings, file)
    if as_json:
        facts = {step.name: {"said": step.said, **step.facts} for step in steps}
        terminal.say_json(facts)
    else:
        explained.show(steps)


def _site_above(file: Path) -> Path | None:
    """The nearest folder above the file that holds a configuration or a _posts folder; none if it was set."""
    if "BACKFILE_SITE" in os.environ:
        return None
    above = file.absolute().parents
    sites = [
        folder
        for folder in above
        if any((folder / name).exists() for name in ("_config.yml", "_config.yaml", "_config.toml"))
    ]
    sites += [folder for folder in above if (folder / "_posts").is_dir()]
    if not sites:
        leave(f"no Jekyll site above {file}; name it with --site")
    return sites[0]
