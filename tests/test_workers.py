"""Where chunks run: this process for little, processes kept from step to step for much."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from pipelines import limits, progress, workers
from pipelines.chunks import Chunk
from pipelines.workers import WorkerError


@pytest.fixture(autouse=True)
def _none_left() -> Iterator[None]:
    yield
    workers.stop()


def test_little_work_stays_in_this_process() -> None:
    with workers.executor(2, workers.SMALL) as pool:
        assert isinstance(pool, workers.SerialExecutor)


def test_in_this_process_each_chunk_is_told_as_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    @contextmanager
    def bar(_: str, __: float) -> Iterator[Callable[[float], None]]:
        yield lambda _: told.append("told")

    monkeypatch.setattr(progress, "bar", bar)
    entries = pl.DataFrame({"fresh": [True], "size_bytes": [1]})
    chunks = [Chunk(entries, Path(), None)] * 2
    workers.run(1, "reading", lambda _: told.append("done"), chunks)
    assert told == ["done", "told", "done", "told"]


def test_a_large_file_has_a_process_to_die_in() -> None:
    with workers.executor(1, 1, limits.CHEAP_BYTES) as pool:
        assert isinstance(pool, workers.SerialExecutor)
    with workers.executor(1, 1, limits.CHEAP_BYTES + 1) as pool:
        assert not isinstance(pool, workers.SerialExecutor)


def lethal(chunk: Chunk, killers: frozenset[str]) -> tuple[list[str], dict[str, str]]:
    """Dies over some files, as of too much memory; what is left of the chunk, and what it was told to leave out."""
    left = [path for path in chunk.entries["path"] if path not in chunk.failed]
    if killers & set(left):
        os.kill(os.getpid(), signal.SIGKILL)
    return left, dict(chunk.failed)


def chunk_of(paths: list[str]) -> Chunk:
    entries = pl.DataFrame({"path": paths, "fresh": True, "size_bytes": limits.CHEAP_BYTES + 1})
    return Chunk(entries, Path(), None)


class TestAWorkerThatDies:
    @pytest.mark.parametrize("killers", [{"c"}, {"a", "d"}, {"a", "b", "c", "d", "e"}])
    def test_costs_the_files_that_it_dies_over(self, killers: set[str]) -> None:
        chunks = [chunk_of(["a", "b", "c"]), chunk_of(["d", "e"]), chunk_of(["f"]), chunk_of(["g"]), chunk_of(["h"])]
        results = workers.run(2, "reading", lethal, chunks, frozenset(killers))
        assert sorted(path for left, _ in results for path in left) == sorted(set("abcdefgh") - killers)
        failed = {path: why for _, told in results for path, why in told.items()}
        assert failed == dict.fromkeys(killers, workers.DIED)

    def test_whatever_it_is_given_is_an_error(self) -> None:
        with pytest.raises(WorkerError, match="die whatever they read"):
            workers.run(2, "reading", dying, [chunk_of(["a"])])


def dying(_: Chunk) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_processes_are_kept_for_the_next_step() -> None:
    with workers.executor(2, workers.SMALL + 1) as first, workers.executor(2, workers.SMALL + 1) as second:
        assert first is second


def test_processes_are_not_kept_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), workers.executor(2, workers.SMALL + 1) as first:
        raise ZeroDivisionError
    with workers.executor(2, workers.SMALL + 1) as second:
        assert first is not second


def test_stopped_processes_are_not_used_again() -> None:
    with workers.executor(2, workers.SMALL + 1) as first:
        pass
    workers.stop()
    with workers.executor(2, workers.SMALL + 1) as second:
        assert first is not second
