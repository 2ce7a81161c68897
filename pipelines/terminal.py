"""Everything that the commands print for people. Beside `tables`, which draws for it, nothing else prints.

Whatever is printed here is harmless: a line stays a line, and characters that would move the cursor, colour the
terminal or turn the direction are written out, wherever the text came from. Ruff refuses other ways to print.
"""

from __future__ import annotations

import sys
from typing import Any, TextIO

import click

from pipelines import formats

Piece = str | tuple[str, str]
"""A text, or a text and rich's name of a style."""


def plain(value: object) -> str:
    """Return the value in one harmless line."""
    return formats.written_out(formats.text(value))


def say(*pieces: Piece, file: TextIO | None = None, indent: int = 0) -> None:
    """Print the pieces as one line, on standard output unless `file` is given. An indented line of a terminal is
    wrapped within its indent."""
    styled = [(plain(piece), "") if isinstance(piece, str) else (plain(piece[0]), piece[1]) for piece in pieces]
    stream = file or sys.stdout
    if stream is None or not stream.isatty():
        click.echo(" " * indent + "".join(text for text, _ in styled), file=file)
        return
    from pipelines import tables  # noqa: PLC0415  rich costs more than the rest of the command's start

    tables.line(styled, file, indent)


def say_json(value: Any) -> None:
    """Print the value as one line of JSON."""
    click.echo(formats.to_json(value))
