"""Where the chunks of a step run: worker processes, an engine's workers, or this process when there is little to do."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context, parent_process
from signal import SIG_BLOCK, SIG_SETMASK, pthread_sigmask
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from pipelines import limits, progress
from warehouse.errors import UserError

if TYPE_CHECKING:  # a worker imports this module first, to prepare for what `chunks` imports
    from pipelines.chunks import Chunk
    from pipelines.engine import Engine

SMALL: Final = 4_000
"""Up to as many files one process is cheaper: what a worker imports costs as much as reading some thousands."""
TAKEN_OVER: Final = 1 / 8
"""How much of a file one is whose rows are but taken over: of 15,000 of them, with 1,000 to be read, one process makes
as short work as two workers that have to be started, for two thirds of the CPU time."""

AHEAD: Final = 512
"""Chunks handed to an engine and not yet done, at most: its scheduler holds the entries of each, 300 kB."""
TRIES: Final = 3
"""How often a chunk is tried over which workers die."""
DIED: Final = "ended the process that read it, by the memory or the time that it took"
IDLE_SECONDS: Final = 10.0
"""After so long without a chunk done it is asked whether there is anybody left to do one."""


class WorkerError(UserError):
    """A worker process died. The message says what to do."""


class EngineError(UserError):
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
def executor(
    place: int | str, files: float, largest: int = 0
) -> Iterator[SerialExecutor | ProcessPoolExecutor | Engine]:
    """An executor for so many files. It is kept for the next step, until `stop`: what its processes import costs as
    much as reading some thousands of files; but not after an error.

    Args:
        place: how many processes, or an engine's address.
        files: how many files there are; some count less.
        largest: bytes of the largest of them. A large file has a process to die in.

    Raises:
        WorkerError: the engine was lost; what it had begun is not done.
        EngineError: the engine cannot be used.
    """
    if files <= SMALL and largest <= limits.CHEAP_BYTES:
        yield SerialExecutor()
        return
    if place not in _kept:
        _kept[place] = _start(place)
    pool = _kept[place]
    try:
        yield pool
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

    The chunks that were in hand when a worker process died are done one by one, without the files that end a process.

    Args:
        place: how many processes, or an engine's address.

    Raises:
        WorkerError: workers die whatever they are given; or as `executor`.
        EngineError: as `executor`.
    """
    files = sum(chunk.entries.height for chunk in chunks)
    fresh = [chunk.entries.filter("fresh") for chunk in chunks]
    read = sum(entries.height for entries in fresh)
    largest = max((int(entries["size_bytes"].max() or 0) for entries in fresh if entries.height), default=0)  # type: ignore[arg-type]
    most = read + (files - read) * TAKEN_OVER
    results: list[Any] = []
    waiting = deque(chunks)
    handed: dict[Future[Any], Chunk] = {}
    with progress.bar(label, files) as advance:
        while waiting or handed:
            try:
                with executor(place, most, largest) as pool:
                    # What is done at once is done when it is handed out; of what is lost with a worker there is little.
                    ahead = 1 if isinstance(pool, SerialExecutor) else AHEAD if isinstance(place, str) else 2 * place
                    while waiting or handed:
                        while waiting and len(handed) < ahead:
                            handed[pool.submit(function, waiting[0], *arguments)] = waiting[0]
                            waiting.popleft()
                        done, _ = wait(handed, IDLE_SECONDS, FIRST_COMPLETED)
                        for future in done:
                            results.append(future.result())
                            advance(handed.pop(future).entries.height)
                        if not done and not isinstance(pool, SerialExecutor | ProcessPoolExecutor):
                            pool.demand_workers()
            except BrokenProcessPool:
                for chunk in handed.values():
                    results.append(_outlived(function, chunk, arguments))
                    advance(chunk.entries.height)
                handed.clear()
    return results


def _outlived(function: Callable[..., Any], chunk: Chunk, arguments: tuple[object, ...]) -> Any:
    """The result of a chunk over which a worker may have died, without the files that end a process."""
    for _ in range(TRIES):
        result = _alone(function, chunk, arguments)
        if result is not None:
            return result
        if _alone(function, replace(chunk, entries=chunk.entries.clear()), arguments) is None:
            break
        chunk = replace(chunk, failed={**chunk.failed, **dict.fromkeys(_killers(function, chunk, arguments), DIED)})
    raise WorkerError("worker processes die whatever they read, perhaps for want of memory; free some, or use fewer")


def _killers(function: Callable[..., Any], chunk: Chunk, arguments: tuple[object, ...]) -> list[str]:
    """The files of a chunk over each of which a worker dies, found by halving. What the tries write is thrown away."""
    fresh = chunk.entries.filter("fresh")
    if fresh.height == 0 or _alone(function, replace(chunk, entries=fresh), arguments) is not None:
        return []
    if fresh.height == 1:
        return [str(fresh.item(0, "path"))]
    half = fresh.height // 2
    halves = [replace(chunk, entries=part) for part in (fresh[:half], fresh[half:])]
    return [path for part in halves for path in _killers(function, part, arguments)]


def _alone(function: Callable[..., Any], chunk: Chunk, arguments: tuple[object, ...]) -> Any:
    """The result of a chunk that has a worker process to itself; None if it dies."""
    try:
        with executor(1, SMALL + 1) as pool:
            return pool.submit(function, chunk, *arguments).result()
    except BrokenProcessPool:
        return None
