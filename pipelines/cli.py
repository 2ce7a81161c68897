"""The command `backfile`: the group, and the commands in the order in which the help lists them."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from pipelines import terminal
from pipelines.commands.build import build
from pipelines.commands.demo import demo
from pipelines.commands.diff import diff
from pipelines.commands.errors import FAILED, die, leave
from pipelines.commands.explain import explain
from pipelines.commands.export import export
from pipelines.commands.report import report
from pipelines.commands.rollback import rollback
from pipelines.commands.search import search
from pipelines.commands.sql import sql
from pipelines.commands.ui import daemon, ui, webserver
from pipelines.commands.verify import verify


@contextmanager
def _harmless_usage() -> Iterator[None]:
    """Errors of usage, which click prints, quote arguments: a shell may have made them of a site's file names."""
    try:
        yield
    except click.UsageError as error:
        raise click.UsageError(terminal.plain(error.format_message()), error.ctx) from None


class InOrder(click.Group):
    """Lists its commands in the order in which they were added: what one needs first comes first."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with _harmless_usage():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _harmless_usage():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            die("interrupted")


def documents() -> Path:
    """Return the folder of the documents: the wheel has them beside the packages under a name of their own."""
    root = Path(__file__).resolve().parents[1]
    installed = root / "backfile_docs"
    return installed if installed.is_dir() else root / "docs"


@click.group(
    cls=InOrder,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=f"\b\nDocuments: {documents()}",
)
@click.version_option(package_name="backfile")
def main() -> None:
    """Turns an archive of Jekyll posts into an analytics warehouse."""


for each in (build, demo, report, explain, sql, search, diff, export, ui, verify, rollback, webserver, daemon):
    main.add_command(each)


def command() -> None:
    """The group, called by its process. Output that cannot be written is one line; a traceback is as harmless as
    everything else that is printed."""
    try:
        try:
            main(prog_name="backfile")
        finally:
            if sys.stdout and not sys.stdout.closed:
                sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has gone
        sys.exit(FAILED)
    except OSError as error:
        if error.filename is not None:
            _crash()
        leave(f"{error.strerror or error}; look at the disk, and at where the output goes", FAILED)
    except Exception:
        _crash()


def _crash() -> NoReturn:
    for line in traceback.format_exc().splitlines():
        terminal.say(line, file=sys.stderr)
    sys.exit(FAILED)
