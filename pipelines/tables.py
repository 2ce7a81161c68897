"""Lines and tables as rich draws them on a terminal, from texts that `terminal` made harmless."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, TextIO

from rich import box
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipelines import terminal

WIDEST: Final = 60
"""Columns of the terminal that a value gets at most."""
WIDEST_IN_TEXT: Final = 200
"""The same where the table goes into a file or another program, whose width is not known."""
NARROWEST: Final = 12
"""What a column is narrowed to before others are left out."""


def _console(file: TextIO | None) -> Console:
    return Console(file=file, highlight=False, markup=False, emoji=False)


def line(styled: Sequence[tuple[str, str]], file: TextIO | None, indent: int) -> None:
    """Print harmless texts, each with its style, as one line, or wrapped within an indent."""
    text = Text.assemble(*styled)
    _console(file).print(Padding(text, (0, 0, 0, indent)) if indent else text, soft_wrap=not indent)


def table(names: Sequence[str], rows: Sequence[Sequence[Any]], console: Console | None = None) -> list[str]:
    """Print the rows as a table that fits; few rows of too many columns one below the other.

    Returns:
        The names of columns that were left out.
    """
    console = console or _console(None)
    widest = WIDEST if console.is_terminal else WIDEST_IN_TEXT
    head = [terminal.plain(name) for name in names]
    body = [[None if value is None else terminal.plain(value) for value in row] for row in rows]
    widths = [
        min(widest, max(cell_len(head[i]), *(cell_len(row[i] or "null") for row in body), 1)) for i in range(len(head))
    ]
    shown = _fit(widths, console.width) if console.is_terminal else widths
    if len(shown) < len(widths) and len(body) <= 3:
        _records(console, head, body)
        return []
    grid = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False, show_edge=False)
    for i, width in enumerate(shown):
        number = all(isinstance(row[i], int | float | Decimal | timedelta | None) for row in rows)
        grid.add_column(cut(head[i], width), justify="right" if number and rows else "left", no_wrap=True)
    for row in body:
        grid.add_row(*(_value(value, width) for value, width in zip(row, shown, strict=False)))
    if console.is_terminal:
        console.print(grid)
    else:
        console.width = sum(shown) + 3 * len(shown)
        with console.capture() as captured:
            console.print(grid)
        console.out("\n".join(line.rstrip() for line in captured.get().splitlines()), highlight=False)
    return head[len(shown) :]


def _fit(widths: list[int], room: int) -> list[int]:
    """Widths of as many columns as fit, from the left; the widest give way first."""
    count = len(widths)
    while count > 1 and sum(min(width, NARROWEST) + 3 for width in widths[:count]) > room:
        count -= 1
    fitting = widths[:count]
    while sum(fitting) + 3 * count > room and max(fitting) > 1:
        fitting[fitting.index(max(fitting))] -= 1
    return fitting


def cut(text: str, width: int) -> Text:
    """The text in so many columns at most."""
    return Text(text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…")


def _value(value: str | None, width: int) -> Text:
    return Text("null", style="dim") if value is None else cut(value, width)


def _records(console: Console, head: list[str], body: list[list[str | None]]) -> None:
    left = max(map(cell_len, head))
    for number, row in enumerate(body):
        if number:
            console.print()
        for name, value in zip(head, row, strict=True):
            line = Text(set_cell_size(name, left), style="bold") + Text("  ")
            console.print(line, _value(value, 1000), sep="", soft_wrap=True)
