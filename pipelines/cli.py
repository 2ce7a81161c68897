"""The command `backfile`: the group, and the commands in the order in which the help lists them."""

from __future__ import annotations

import click

from pipelines.commands.build import build
from pipelines.commands.diff import diff
from pipelines.commands.explain import explain
from pipelines.commands.export import export
from pipelines.commands.rollback import rollback
from pipelines.commands.search import search
from pipelines.commands.sql import sql
from pipelines.commands.ui import daemon, ui, webserver
from pipelines.commands.verify import verify


class InOrder(click.Group):
    """Lists its commands in the order in which they were added: what one needs first comes first."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(self.commands)


@click.group(cls=InOrder, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="backfile")
def main() -> None:
    """Turns an archive of Jekyll posts into an analytics warehouse."""


for command in (build, explain, sql, search, diff, export, ui, verify, rollback, webserver, daemon):
    main.add_command(command)
