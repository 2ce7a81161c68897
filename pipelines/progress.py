"""Progress of long work: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_shown: Final[list[Progress]] = []


@contextmanager
def bar(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Shows `label` while the block runs; call what it yields with what was done since."""
    console = Console(file=sys.__stderr__)  # what libraries write meanwhile may be led elsewhere
    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(label, total=total)
        _shown.append(progress)
        try:
            yield lambda done: progress.advance(task, done)
        finally:
            _shown.remove(progress)


def stop() -> None:
    """Leave the terminal as it was, from another thread than the one whose work is shown: that is not waited for."""
    for progress in _shown:
        progress.stop()
