"""What the work on some files may cost: it is interrupted in the middle, and only then."""

from __future__ import annotations

import threading
import time

import pytest

from pipelines import limits
from pipelines.allowance import TooCostlyError, allowance, why


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a CPU second and 200 MB."""
    monkeypatch.setattr(limits, "seconds", lambda *_: 0.5)
    monkeypatch.setattr(limits, "memory", lambda _: 200_000_000)


def spin(seconds: float) -> None:
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        pass


def swell() -> None:
    held = []
    for _ in range(200):
        held.append(bytearray(b"a") * 10_000_000)
        spin(0.01)


@pytest.mark.usefixtures("little")
class TestAllowance:
    def test_too_much_time_is_interrupted(self) -> None:
        with pytest.raises(TooCostlyError) as caught, allowance(1, 0):
            spin(30)
        assert why(caught.value, 0) == "took more than 0 seconds of CPU time"

    def test_too_much_memory_is_interrupted(self) -> None:
        with pytest.raises(TooCostlyError) as caught, allowance(1, 0):
            swell()
        assert why(caught.value, 0) == "took more than 200 MB of memory"

    def test_in_a_thread_as_well(self) -> None:
        """The command has its steps run in a thread that is not the main one."""
        caught: list[Exception] = []

        def work() -> None:
            try:
                with allowance(1, 0):
                    spin(30)
            except TooCostlyError as error:
                caught.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join(20)
        assert len(caught) == 1

    def test_what_is_within_it_is_left_alone(self) -> None:
        with allowance(1, 0):
            spin(0.1)
        spin(1.0)

    def test_waiting_costs_nothing(self) -> None:
        with allowance(1, 0):
            time.sleep(1.0)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(RecursionError("maximum depth"), "nested too deep", id="nested"),
        pytest.param(MemoryError(), "took more than 1,500 MB of memory", id="memory"),
        pytest.param(ValueError("of\n two lines"), "ValueError: of two lines", id="any other"),
    ],
)
def test_why_a_file_failed_is_said_in_plain_words(error: Exception, words: str) -> None:
    assert why(error, 0) == words
