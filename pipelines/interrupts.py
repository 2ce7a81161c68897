"""Ctrl-C while a build runs: it ends at once, wherever it is. What is left is what a kill leaves: the warehouse as it
was, and a folder that the next build removes.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from threading import Thread, current_thread, main_thread
from typing import Final, TypeVar

T = TypeVar("T")

LOOKS: Final = 0.2
"""Seconds after which who waits looks up: Polars has the system go on with what a signal interrupts."""


def aside(call: Callable[[], T]) -> T:
    """What the call returns or raises, from a thread of its own: an interrupt, or a request to end, is raised here as
    KeyboardInterrupt, and the call goes on.

    In the main thread Dagster takes interrupts for itself, to look at them later, and loses some. Processes that the
    call starts get none from the terminal.
    """
    future: Future[T] = Future()

    def work() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=work, name="build", daemon=True).start()
    with _requests_to_end_interrupt():
        while not future.done():
            wait([future], LOOKS)
    return future.result()


@contextmanager
def _requests_to_end_interrupt() -> Iterator[None]:
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
