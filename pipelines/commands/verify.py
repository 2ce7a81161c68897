"""`backfile verify`: read every published file and compare it with its checksum."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from pipelines import terminal
from pipelines.commands.errors import FAILED, clear_errors, leave, quiet
from pipelines.commands.options import json_option, settings_of, site_argument, warehouse_option
from pipelines.commands.published import demand_of


@click.command()
@site_argument
@warehouse_option
@json_option
def verify(site: Path | None, warehouse: Path | None, as_json: bool) -> None:
    """Verify what is published of SITE's warehouse: each file's checksum, then the audits.

    What is damaged is left as a note for the next build, which mends it. Exit code 0 when all is sound, 1 when not.
    """
    quiet()
    with clear_errors():
        settings = settings_of(site, warehouse)
        folder = settings.warehouse_folder
        from pipelines import progress
        from warehouse import audits, publish, repairs
        from warehouse.lock import BusyError, lock
        from warehouse.manifest import damaged_by_content

        published = publish.published(folder)
        if published is None:
            leave(f"{folder} holds no published build; make one with backfile build")
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
