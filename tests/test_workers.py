"""Where chunks run: this process for little, processes kept from step to step for much."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipelines import workers


@pytest.fixture(autouse=True)
def _none_left() -> Iterator[None]:
    yield
    workers.stop()


def test_little_work_stays_in_this_process() -> None:
    with workers.executor(2, workers.SMALL) as pool:
        assert isinstance(pool, workers.SerialExecutor)


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
