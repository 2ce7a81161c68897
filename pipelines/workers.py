"""Where the chunks of a step run: worker processes, or this process when there is little to do."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from pipelines import progress

if TYPE_CHECKING:  # a worker imports this module first, to prepare for what `chunks` imports
    from pipelines.chunks import Chunk

SMALL: Final = 4_000
"""Up to as many files one process is cheaper: what a worker imports costs as much as reading some thousands."""


class WorkerError(Exception):
    """A worker process died. The message says what to do."""


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
    gc.set_threshold(100_000)  # rows by the thousand are no garbage, and looking for it is a tenth of the time
    Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


_kept: Final[dict[int, ProcessPoolExecutor]] = {}


@contextmanager
def executor(workers: int, files: int) -> Iterator[Executor]:
    """An executor for so many files. Its processes are kept for the next step, until `stop`: what they import costs
    as much as reading some thousands of files; but not after an error.
    """
    if files <= SMALL or workers == 1:
        yield SerialExecutor()
        return
    if workers not in _kept:
        # Spawned: Polars' threads do not survive a fork.
        _kept[workers] = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_prepare)
    try:
        yield _kept[workers]
    except BaseException:
        stop()
        raise


def stop() -> None:
    """Ends the worker processes; what has not begun is cancelled."""
    while _kept:
        _kept.popitem()[1].shutdown(cancel_futures=True)


def run(
    workers: int, label: str, function: Callable[..., Any], chunks: Sequence[Chunk], *arguments: object
) -> list[Any]:
    """The function over all chunks, with progress; results in no order.

    Raises:
        WorkerError: a worker process died; what it had begun is not done.
    """
    files = sum(chunk.entries.height for chunk in chunks)
    results = []
    with executor(workers, files) as pool, progress.bar(label, files) as advance:
        futures = {pool.submit(function, chunk, *arguments): chunk.entries.height for chunk in chunks}
        try:
            for future in as_completed(futures):
                results.append(future.result())
                advance(futures[future])
        except BrokenProcessPool:
            raise WorkerError(
                "a worker process died, perhaps for want of memory; run the build again, "
                "with BACKFILE_WORKERS=1 if it recurs"
            ) from None
    return results
