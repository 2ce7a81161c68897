"""What the work on some files may cost: it is interrupted where it takes more CPU time or memory.

A thread watches the one at work and raises `TooCostlyError` in it, between two instructions of Python. In a worker
process the system also watches, and ends the process, for what happens within one instruction.
"""

from __future__ import annotations

import ctypes
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from pathlib import Path
from typing import Final

from pipelines import limits

LOOKS: Final = 0.1
"""Seconds between two looks of the watching thread."""

_STATM: Final = Path("/proc/self/statm")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class TooCostlyError(Exception):
    """The work took more time or memory than it may. Raised in the middle of it."""


class _TooSlowError(TooCostlyError):
    """It took too much CPU time."""


class _TooLargeError(TooCostlyError):
    """It took too much memory."""


def is_of_a_file(error: BaseException) -> bool:
    """Whether an error may come from what a file holds: not from the disk, nor from who ends the build.

    Rust libraries panic with a class that is no `Exception`.
    """
    return (isinstance(error, Exception) and not isinstance(error, OSError)) or type(error).__name__ == "PanicException"


def why(error: BaseException, size: int) -> str:
    """In plain words why one file of this size failed. Equal failures give equal words."""
    if isinstance(error, _TooSlowError):
        return f"took more than {limits.seconds(1, size):.0f} seconds of CPU time"
    if isinstance(error, (_TooLargeError, MemoryError)):
        return f"took more than {limits.memory(size) // 1_000_000:,} MB of memory"
    if isinstance(error, RecursionError):
        return "nested too deep"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


@contextmanager
def allowance(files: int, size: int) -> Iterator[None]:
    """Limit what the block costs in CPU time of this thread and memory of this process.

    Args:
        files: how many files the block works on.
        size: how many bytes they have in all.

    Raises:
        TooCostlyError: the block took more.
    """
    most_seconds, most_bytes = limits.seconds(files, size), limits.memory(size)
    clock = time.pthread_getcpuclockid(threading.get_ident())
    began, held = time.clock_gettime(clock), _resident()
    worker, lock, done = threading.get_ident(), threading.Lock(), threading.Event()

    def watch() -> None:
        while not done.wait(LOOKS):
            late = time.clock_gettime(clock) - began > most_seconds
            if late or _resident() - held > most_bytes:
                with lock:
                    if not done.is_set():
                        _raise_in(worker, _TooSlowError if late else _TooLargeError)
                return

    with _limited_by_the_system(most_seconds, most_bytes):
        threading.Thread(target=watch, name="allowance", daemon=True).start()
        try:
            yield
        finally:
            with lock:
                done.set()
            _raise_in(worker, None)  # what was raised and has not arrived


@contextmanager
def _limited_by_the_system(seconds: float, size: int) -> Iterator[None]:
    """In a worker process: end it where the watch cannot interrupt it. The build's own process is not to die."""
    if parent_process() is None:
        yield
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    wanted = {
        resource.RLIMIT_CPU: int(used.ru_utime + used.ru_stime + 2 * seconds) + 1,
        resource.RLIMIT_DATA: _resident(_DATA) + size + size // 2,
    }
    before = {kind: resource.getrlimit(kind) for kind in wanted}
    for kind, most in wanted.items():
        hard = before[kind][1]
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    try:
        yield
    finally:
        for kind, limit in before.items():
            resource.setrlimit(kind, limit)


_RESIDENT, _DATA = 1, 5


def _resident(which: int = _RESIDENT) -> int:
    """Bytes of memory that the process holds; 0 where the system does not say."""
    try:
        return int(_STATM.read_bytes().split()[which]) * _PAGE
    except OSError:
        return 0


_set_exception: Final[Callable[..., int]] = ctypes.pythonapi.PyThreadState_SetAsyncExc


def _raise_in(thread: int, error: type[Exception] | None) -> None:
    """Let the thread raise this at its next instruction; with None, forget what it was to raise."""
    _set_exception(ctypes.c_ulong(thread), ctypes.py_object(error) if error else None)
