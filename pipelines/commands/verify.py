"""`backfile verify`: read every published file and compare it with its checksum."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pipelines.commands.errors import FAILED, clear_errors, leave, quiet
from pipelines.commands.options import json_option, settings_of, site_argument, warehouse_option


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
        folder = settings_of(site, warehouse).warehouse_folder
        from pipelines import progress
        from warehouse import audits, publish, repairs

        with publish.lock(folder):
            published = publish.published(folder)
            if published is None:
                leave(f"{folder} holds no published build; make one with backfile build")
            build, manifest = published
            with progress.bar("verifying", sum(size for size, _, _ in manifest.files.values())) as advance:
                damaged = publish.verify(build, manifest, advance)
            repairs.remember(folder, build, damaged)
            findings = [] if damaged else audits.run(build)
            failed = [finding for finding in findings if finding.severity == "error" and not finding.passed]
    if as_json:
        click.echo(
            json.dumps(
                {
                    "build_id": build.name,
                    "files": len(manifest.files),
                    "damaged": damaged,
                    "audits_failed": [finding.name for finding in failed],
                },
                ensure_ascii=False,
            )
        )
    else:
        _show(build.name, len(manifest.files), damaged, [f"{one.name}: {one.description}" for one in failed])
    raise SystemExit(FAILED if damaged or failed else 0)


def _show(build: str, files: int, damaged: dict[str, str], failed: list[str]) -> None:
    if not damaged and not failed:
        click.echo(f"{build}: {files:,} files are as they were published, and the audits pass")
    for name, what in sorted(damaged.items()):
        click.echo(f"{name}: {what}")
    if damaged:
        click.echo(f"{len(damaged):,} of {files:,} files of {build} are damaged; the next backfile build mends them")
    for audit in failed:
        click.echo(f"audit failed: {audit}")
