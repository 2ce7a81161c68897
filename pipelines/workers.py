"""Where the chunks of a step run: worker processes, an engine's workers, or this process when there is little to do."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context, parent_process
from signal import SIG_BLOCK, SIG_SETMASK, pthread_sigmask
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from pipelines import progress

if TYPE_CHECKING:  # a worker imports this module first, to prepare for what `chunks` imports
    from pipelines.chunks import Chunk
    from pipelines.engine import Engine

SMALL: Final = 4_000
"""Up to as many files one process is cheaper: what a worker imports costs as much as reading some thousands."""
TAKEN_OVER: Final = 1 / 8
"""How much of a file one is whose rows are but taken over: of 15,000 of them, with 1,000 to be read, one process makes
as short work as two workers that have to be started, for two thirds of the CPU time."""

AHEAD: Final = 512
"""Chunks handed out and not yet done, at most: an engine's scheduler holds the entries of each, 300 kB."""
IDLE_SECONDS: Final = 10.0
"""After so long without a chunk done it is asked whether there is anybody left to do one."""


class WorkerError(Exception):
    """A worker process died. The message says what to do."""


class EngineError(Exception):
    """The engine cannot be used. The message says why and what to do."""


class SerialExecutor(Executor):
    """Runs each call at once, in this process."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def _prepare() -> None:
    """Before Polars is imported in a worker: one thread, since the processes are the parallelism; and no work for a
    build that was killed, whose folder the next one removes."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    sys.modules["sqlalchemy"] = None  # type: ignore[assignment] # dataframely would import it: a third of the start
    Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


_kept: Final[dict[int | str, ProcessPoolExecutor | Engine]] = {}


@contextmanager
def executor(place: int | str, files: float) -> Iterator[SerialExecutor | ProcessPoolExecutor | Engine]:
    """An executor for so many files. It is kept for the next step, until `stop`: what its processes import costs as
    much as reading some thousands of files; but not after an error.

    Args:
        place: how many processes, or an engine's address.

    Raises:
        WorkerError: a worker process died, or the engine was lost; what it had begun is not done.
        EngineError: the engine cannot be used.
    """
    if files <= SMALL or place == 1:
        yield SerialExecutor()
        return
    if place not in _kept:
        _kept[place] = _start(place)
    pool = _kept[place]
    try:
        yield pool
    except BrokenProcessPool:
        stop()
        raise WorkerError(
            "a worker process died, perhaps for want of memory; run the build again, "
            "with BACKFILE_WORKERS=1 if it recurs"
        ) from None
    except BaseException as error:
        explained = None if isinstance(pool, ProcessPoolExecutor) else pool.explained(error)
        stop()
        if explained:
            raise explained from None
        raise


def demand(place: int | str) -> None:
    """Whether anything can run there, however little there is to do: that is no time to learn of it.

    Raises:
        EngineError: why not.
    """
    if isinstance(place, str):
        from pipelines import engine  # noqa: PLC0415  no business of a worker process

        engine.demand(place)


def _start(place: int | str) -> ProcessPoolExecutor | Engine:
    if isinstance(place, str):
        from pipelines import engine  # noqa: PLC0415  as above

        return engine.Engine(place)
    blocked = pthread_sigmask(SIG_BLOCK, ())
    try:  # Spawned: Polars' threads do not survive a fork.
        return ProcessPoolExecutor(place, mp_context=get_context("spawn"), initializer=_prepare)
    finally:
        pthread_sigmask(SIG_SETMASK, blocked)  # its tracker of resources unblocked SIGINT, which workers are not to get


def stop() -> None:
    """Ends the worker processes, leaves the engine; what has not begun is cancelled."""
    while _kept:
        _kept.popitem()[1].shutdown(cancel_futures=True)


def run(
    place: int | str, label: str, function: Callable[..., Any], chunks: Sequence[Chunk], *arguments: object
) -> list[Any]:
    """The function over all chunks, with progress; results in no order.

    Args:
        place: how many processes, or an engine's address.

    Raises:
        WorkerError, EngineError: as `executor`.
    """
    files = sum(chunk.entries.height for chunk in chunks)
    fresh = sum(chunk.entries.filter("fresh").height for chunk in chunks)
    results: list[Any] = []
    waiting = iter(chunks)
    handed: dict[Future[Any], int] = {}
    with executor(place, fresh + (files - fresh) * TAKEN_OVER) as pool, progress.bar(label, files) as advance:
        ahead = 1 if isinstance(pool, SerialExecutor) else AHEAD  # what is done at once is done when it is handed out
        while True:
            for chunk in islice(waiting, ahead - len(handed)):
                handed[pool.submit(function, chunk, *arguments)] = chunk.entries.height
            if not handed:
                return results
            done, _ = wait(handed, IDLE_SECONDS, FIRST_COMPLETED)
            for future in done:
                results.append(future.result())
                advance(handed.pop(future))
            if not done and not isinstance(pool, SerialExecutor | ProcessPoolExecutor):
                pool.demand_workers()
