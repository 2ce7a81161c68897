"""Where chunks run: this process for little, processes kept from step to step for much."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from pipelines import progress, workers
from pipelines.chunks import Chunk


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
    entries = pl.DataFrame({"fresh": [True]})
    chunks = [Chunk(entries, Path(), None)] * 2
    workers.run(1, "reading", lambda _: told.append("done"), chunks)
    assert told == ["done", "told", "done", "told"]


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
