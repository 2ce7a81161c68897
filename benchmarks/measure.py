"""Measures a command: wall time, CPU time and memory of all its processes."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

_EVERY: Final = 0.5
"""Seconds between two looks at memory: each walks the pages of all processes."""


class Cost(NamedTuple):
    """Seconds of wall and CPU time; peak of the memory of all processes together, pages they share counted once."""

    wall: float
    cpu: float
    memory: int
    output: str


class CommandError(Exception):
    """A measured command failed. The message is what it said."""


def run(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """The cost of a command with all the processes it starts.

    Raises:
        CommandError: it failed.
    """
    begun = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own commands
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    ended = threading.Event()
    peak = [0]

    def watch() -> None:
        while not ended.wait(_EVERY):
            peak[0] = max(peak[0], _memory(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    ended.set()
    watcher.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandError(f"{' '.join(command)} ended with {process.returncode}: {output[-2000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak[0], output)


def _memory(session: int) -> int:
    """Proportional set size in bytes of all processes of a session."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                written = (folder / "smaps_rollup").read_text().partition("\nPss:")[2]
                total += int(written.split(maxsplit=1)[0]) * 1024
        except (OSError, ValueError, IndexError):
            continue  # it has ended meanwhile
    return total
