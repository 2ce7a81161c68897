"""The command `backfile`. Says what was asked in one line of a traceback-free error, or in a short summary.

Nothing heavy is imported before a command needs it: worker processes import this module's script again.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

if TYPE_CHECKING:
    from pipelines.settings import Settings

FAILED: Final = 1
"""Exit code when an audit or a step failed: nothing was published."""
WRONG: Final = 2
"""Exit code when the command could not begin: nothing was changed."""

_site = click.argument("site", required=False, type=click.Path(path_type=Path))
_warehouse = click.option(
    "--warehouse",
    type=click.Path(path_type=Path),
    help="The warehouse's folder. [default: BACKFILE_WAREHOUSE, else data/<name of the site's folder>]",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="backfile")
def main() -> None:
    """Turns an archive of Jekyll posts into an analytics warehouse."""


def _leave(message: str, code: int = WRONG) -> NoReturn:
    click.echo(f"backfile: {' '.join(message.split())}", err=True)
    sys.exit(code)


@contextmanager
def _clear_errors() -> Iterator[None]:
    """One line instead of a traceback for what a person can mend."""
    from pipelines.assets import USER_ERRORS
    from pipelines.settings import SettingsError

    try:
        yield
    except (*USER_ERRORS, SettingsError) as error:
        _leave(str(error))
    except OSError as error:
        _leave(f"{error.filename}: {error.strerror}; look at its permissions and at the disk")


def _settings(site: Path | None, warehouse: Path | None, **more: Any) -> Settings:
    """The settings in force, which the code location of this process follows too."""
    from pipelines import settings as options

    settings = options.load(site=site, warehouse=warehouse, **more)
    os.environ["BACKFILE_SITE"] = str(settings.site.absolute())
    os.environ["BACKFILE_WAREHOUSE"] = str(settings.warehouse_folder)
    return settings


def _dagster_home(warehouse: Path) -> Path:
    """The folder of the warehouse's own Dagster instance, made from the template if need be."""
    from pipelines.settings import PROJECT

    home = warehouse / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copyfile(PROJECT / "dagster.yaml", home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def _quiet() -> None:
    """Warnings of libraries about their own future are not for the people who run a build."""
    import logging
    import warnings

    warnings.simplefilter("ignore")
    logging.disable(logging.ERROR)  # Dagster warns of audits that had nothing to audit


@main.command()
@_site
@_warehouse
@click.option(
    "--rules",
    type=click.Path(path_type=Path),
    help="Rules to lay over the built-in ones. [default: the site's backfile.toml]",
)
@click.option("--full", is_flag=True, help="Read every file, changed or not.")
@click.option(
    "--as-of",
    metavar="TIME",
    help="The build's now, ISO 8601: what is later is future. [default: BACKFILE_NOW, else now]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
def build(
    site: Path | None, warehouse: Path | None, rules: Path | None, full: bool, as_of: str | None, as_json: bool
) -> None:
    """Build SITE's warehouse: read what changed, normalise, audit, publish.

    SITE is a Jekyll site's root, or its _posts folder. Exit code 0 when the audits passed, rejected posts included;
    1 when an audit or a step failed, nothing published; 2 when the build could not begin, nothing changed.
    """
    began = time.monotonic()
    if site is None and "BACKFILE_SITE" not in os.environ:
        _leave("which site? give the folder of a Jekyll site, or set BACKFILE_SITE")
    _quiet()
    with _clear_errors():
        settings = _settings(site, warehouse, rules=rules)
        _demand_time(as_of)
        _demand_site(settings)
        from warehouse import publish

        folder = settings.warehouse_folder
        with publish.lock(folder):
            _dagster_home(folder)
            before = publish.current(folder)
            from pipelines.definitions import launch

            outcome = launch(settings, full=full, as_of=as_of)
            published = publish.current(folder)
    if outcome.failure is not None:
        _leave(f"nothing was published: {outcome.failure}; backfile ui shows the run {outcome.run_id}", FAILED)
    from pipelines import summary

    new = published if published != before else None
    facts = summary.of_build(settings, outcome.run_id, new, time.monotonic() - began)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        summary.show(facts)


def _demand_time(as_of: str | None) -> None:
    from datetime import datetime

    try:
        if as_of:
            datetime.fromisoformat(as_of)
    except ValueError:
        _leave(f"--as-of {as_of}: not a time; write it as 2026-11-22T00:00:07Z")


def _demand_site(settings: Settings) -> None:
    """Whether the build can begin at all, before anything is made."""
    from pipelines.build import open_site
    from pipelines.jekyll.scan import demand_posts
    from warehouse import publish

    site, _ = open_site(settings)
    demand_posts(site)
    publish.check(settings.warehouse_folder, site.root)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--site", type=click.Path(path_type=Path), help="The site. [default: the nearest folder above FILE that is one]"
)
@_warehouse
@click.option("--as-of", metavar="TIME", help="The time to judge by. [default: BACKFILE_NOW, else now]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
def explain(file: Path, site: Path | None, warehouse: Path | None, as_of: str | None, as_json: bool) -> None:
    """Explain what becomes of FILE, step by step, and what the published build holds of it.

    Reads the file as it is now; changes nothing. Exit code 0 also where FILE is no post.
    """
    _demand_time(as_of)
    _quiet()
    with _clear_errors():
        from pipelines import explained

        settings = _settings(site or _site_above(file), warehouse, now=as_of)
        steps = explained.of_file(settings, file)
    if as_json:
        click.echo(
            json.dumps(
                {step.name: {"said": step.said, **step.facts} for step in steps}, ensure_ascii=False, default=str
            )
        )
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
        _leave(f"no Jekyll site above {file}; name it with --site")
    return sites[0]


@main.command()
@_site
@_warehouse
@click.option("--port", type=int, default=3000, show_default=True, help="The port on this machine.")
def ui(site: Path | None, warehouse: Path | None, port: int) -> None:
    """Start Dagster's UI and daemon (schedules) for SITE's warehouse; Ctrl-C ends both."""
    from pipelines.settings import PROJECT

    _quiet()
    with _clear_errors():
        settings = _settings(site or _site_of(warehouse), warehouse)
        _demand_site(settings)
        home = _dagster_home(settings.warehouse_folder)
    os.chdir(home)  # in the project's folder Dagster would warn of the template that it does not use
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    dagster = str(Path(sys.executable).with_name("dagster"))
    os.execv(dagster, [dagster, "dev", "--workspace", str(PROJECT / "workspace.yaml"), "--port", str(port)])  # noqa: S606  our own program


def _site_of(warehouse: Path | None) -> Path | None:
    """The site that an existing warehouse is of, so that it need not be named again."""
    from warehouse import publish

    last = publish.published(warehouse.absolute()) if warehouse else None
    return Path(last[1].site) if last else None
