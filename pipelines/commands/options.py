"""The arguments and options that several commands have, and the settings that follow from them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.commands.errors import leave

if TYPE_CHECKING:
    from pipelines.settings import Settings

site_argument = click.argument("site", required=False, type=click.Path(path_type=Path))
site_option = click.option(
    "--site", type=click.Path(path_type=Path), help="The site. [default: BACKFILE_SITE, else the sample]"
)
warehouse_option = click.option(
    "--warehouse",
    type=click.Path(path_type=Path),
    help="The warehouse's folder. [default: BACKFILE_WAREHOUSE, else data/<name of the site's folder>]",
)
webhook_option = click.option(
    "--webhook", metavar="URL", help="Where failed builds are told of, http or https. [default: BACKFILE_WEBHOOK]"
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")


def settings_of(site: Path | None, warehouse: Path | None, **more: Any) -> Settings:
    """The settings in force, which the code location of this process follows too.

    Raises:
        SettingsError: a value is wrong or a name unknown.
    """
    from pipelines import settings as options

    return _of_this_process(options.load(site=site, warehouse=warehouse, **more))


def settings_of_service(site: Path | None, warehouse: Path | None, **more: Any) -> tuple[Settings, str | None]:
    """Return the same, and what is wrong with the site's `backfile.toml`, which keeps no service from starting.

    Raises:
        SettingsError: a value of the command line or the environment is wrong.
    """
    from pipelines import settings as options

    settings, wrong = options.load_for_service(site=site, warehouse=warehouse, **more)
    return _of_this_process(settings), wrong


def _of_this_process(settings: Settings) -> Settings:
    os.environ["BACKFILE_SITE"] = str(settings.site.absolute())
    os.environ["BACKFILE_WAREHOUSE"] = str(settings.warehouse_folder)
    if settings.webhook is not None:
        os.environ["BACKFILE_WEBHOOK"] = str(settings.webhook)
    return settings


def demand_time(as_of: str | None) -> None:
    """Whether --as-of is a time at all."""
    from datetime import datetime

    try:
        if as_of:
            datetime.fromisoformat(as_of)
    except ValueError:
        leave(f"--as-of {as_of}: not a time; write it as 2026-11-22T00:00:07Z")


def demand_acceptable(names: Iterable[str]) -> None:
    """Whether these audits may be let pass."""
    from warehouse import audits

    for name in names:
        if name not in audits.acceptable():
            leave(f"--accept {name}: not an audit that may be let pass; {', '.join(audits.acceptable())} may")


def demand_site(settings: Settings) -> None:
    """Whether a build can begin at all, before anything is made.

    Raises:
        SiteError: there is no such site, or it has no posts folder.
        BuildError, WarehouseError: the folder cannot be this site's warehouse.
    """
    from pipelines.build import demand_apart, open_site
    from pipelines.jekyll.scan import demand_posts
    from warehouse import publish

    site, _ = open_site(settings)
    demand_posts(site)
    demand_apart(site, settings.warehouse_folder)
    publish.check(settings.warehouse_folder, site.root)
