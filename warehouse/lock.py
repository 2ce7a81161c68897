"""A lock of a folder: one process holds it, and it dies with its process."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.errors import UserError


class BusyError(UserError):
    """Another process holds the lock."""


_held: dict[Path, int] = {}
"""Locks held by this process, with how many times they were taken."""


@contextmanager
def lock(warehouse: Path, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the warehouse's one lock; it dies with its process. Taking it again within the process is free.

    Args:
        wait: seconds to wait for another process.

    Raises:
        BusyError: another process holds it.
    """
    warehouse.mkdir(parents=True, exist_ok=True)
    key = warehouse.resolve()
    if _held.get(key):
        _held[key] += 1
        try:
            yield
        finally:
            _held[key] -= 1
        return
    handle = os.open(warehouse / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        until = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise BusyError(f"a build of {warehouse} is already running; wait for it to end") from None
                time.sleep(0.2)
        _held[key] = 1
        try:
            yield
        finally:
            del _held[key]
    finally:
        os.close(handle)
