"""`backfile verify`: read every published file and compare it with its checksum."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pipelines import terminal
from pipelines.commands.errors import FAILED, clear_errors, quiet
from pipelines.commands.options import json_option, settings_of, site_argument, warehouse_option
from pipelines.commands.published import demand_of

if TYPE_CHECKING:
    from pipelines.settings import Settings

SAID: Final = 3
"""Damaged files and failed audits that a message names."""


@click.command()
@site_argument
@warehouse_option
@json_option
def verify(site: Path | None, warehouse: Path | None, as_json: bool) -> None:
    """Verify what is published of SITE's warehouse: each file's checksum, then the audits.

    What is damaged is left as a note for the next build, which mends it, and BACKFILE_WEBHOOK is told. Exit code 0 when
    all is sound, 1 when not.
    """
    quiet()
    with clear_errors():
        settings = settings_of(site, warehouse)
        folder = settings.warehouse_folder
        with _told(settings):
            from pipelines import progress
            from warehouse import audits, publish, repairs
            from warehouse.lock import BusyError, lock
            from warehouse.manifest import WarehouseError, damaged_by_content

            published = publish.published(folder)
            if published is None:
                raise WarehouseError(f"{folder} holds no published build; make one with backfile build")
            build, manifest = published
            if site is not None:
                demand_of(settings.site, folder)
            with progress.bar("verifying", sum(size for size, _, _ in manifest.files.values())) as advance:
                damaged = damaged_by_content(build, manifest, advance)
            noted = not damaged
            if damaged or repairs.remembers(folder):
                with suppress(BusyError), lock(folder):
                    noted = publish.current(folder) == build
                    if noted:
                        repairs.remember(folder, build, damaged)
            # What a person may let pass is how the build differs from the one before, and was judged then.
            findings = [] if damaged else audits.run(build, settings.thresholds, audits.acceptable())
            failed = [finding for finding in findings if finding.severity == "error" and not finding.passed]
        if damaged or failed:
            first = [f"{name}: {what}" for name, what in sorted(damaged.items())] + [one.name for one in failed]
            more = f" and {len(first) - SAID:,} more" if len(first) > SAID else ""
            _tell(settings, f"{build.name} is not sound ({', '.join(first[:SAID])}{more})")
    if as_json:
        terminal.say_json(
            {
                "build_id": build.name,
                "files": len(manifest.files),
                "damaged": damaged,
                "audits_failed": [finding.name for finding in failed],
            }
        )
    else:
        _show(build.name, len(manifest.files), damaged, [f"{one.name}: {one.description}" for one in failed], noted)
    raise SystemExit(FAILED if damaged or failed else 0)


@contextmanager
def _told(settings: Settings) -> Iterator[None]:
    """Tell the webhook about an error that keeps the block from verifying."""
    try:
        yield
    except Exception as error:
        _tell(settings, f"it could not be verified: {error}")
        raise


def _tell(settings: Settings, what: str) -> None:
    """Send a message to the webhook, if there is one; the sensor `webhook` sends it later where that fails."""
    if settings.webhook is None:
        return
    from pipelines import messages

    text = f"Backfile's warehouse of {settings.site_name} needs a look: {what}"
    messages.put(settings.warehouse_folder, "verify", text, time.time())
    why = messages.deliver(settings.warehouse_folder, str(settings.webhook), time.time())
    if why:
        terminal.say(f"backfile: {why}; the service tries again", file=sys.stderr)


def _show(build: str, files: int, damaged: dict[str, str], failed: list[str], noted: bool) -> None:
    if not damaged and not failed:
        terminal.say(f"{build}: {files:,} files are as they were published, and the audits pass")
    for name, what in sorted(damaged.items()):
        terminal.say(f"{name}: {what}")
    if damaged:
        way_out = "the next backfile build mends them" if noted else "a build came between: verify again"
        terminal.say(f"{len(damaged):,} of {files:,} files of {build} are damaged; {way_out}")
    for audit in failed:
        terminal.say(f"audit failed: {audit}")
