"""Real processes: starting the command and builds of their own, killing them, and finding what they leave behind."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
BACKFILE: Final = str(Path(sys.executable).with_name("backfile"))
MARK: Final = "ORDEAL_OF"
"""An environment variable that every descendant of a process inherits: by it those are found that outlive it."""


def environment(**more: str) -> dict[str, str]:
    """This process's, without what other tests set, the checkout's packages first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BACKFILE_", "DAGSTER_"))}
    return kept | {"PYTHONPATH": str(ROOT)} | more


class Child:
    """A process that was started, and whatever it starts."""

    def __init__(self, *command: object, **more: str) -> None:
        self.mark = secrets.token_hex(8)
        self.process = subprocess.Popen(
            [str(part) for part in command],
            env=environment(**more, **{MARK: self.mark}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ended(self, timeout: float = 900.0) -> subprocess.CompletedProcess[str]:
        """Wait for its end; what it said."""
        out, err = self.process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(self.process.args, self.process.returncode, out, err)

    def kill(self) -> None:
        """End it at once, as a power cut would, without a word to its own children."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def descendants(self) -> list[int]:
        """Processes that it or its children started and that still live."""
        wanted = f"{MARK}={self.mark}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != self.process.pid:
                try:
                    if wanted in (entry / "environ").read_bytes().split(b"\0"):
                        found.append(int(entry.name))
                except OSError:
                    continue  # gone, or somebody else's
        return found


def until(true: Callable[[], object], timeout: float = 300.0, *, every: float = 0.02) -> bool:
    """Wait for it to be true; whether it became so."""
    end = time.monotonic() + timeout
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


@contextmanager
def running(*command: object, **more: str) -> Iterator[Child]:
    """The process while the block runs; it and its children are gone after."""
    child = Child(*command, **more)
    try:
        yield child
    finally:
        if child.process.poll() is None:
            child.kill()
        for pid in child.descendants():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
