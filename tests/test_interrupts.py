"""Ctrl-C, and a request to end, while a build runs: as a command, and as a run that Dagster started."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pipelines import interrupts, workers
from tests.sites import CONFIG, post, write
from warehouse import publish

COMMAND = ["pipelines", "build"]
RUN_OF_DAGSTERS = ["dagster", "job", "execute", "-m", "pipelines.definitions", "-j", "Build"]


@pytest.fixture
def taken() -> Iterator[None]:
    """Processes begin with interrupts taken, even where tests run in the background, with interrupts ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def folders(tmp_path: Path, taken: None) -> dict[str, str]:
    """The settings of a site and its warehouse, whose instance has yet to be made."""
    site = write(tmp_path / "site", {"_config.yml": CONFIG, "_posts/2022-03-01-a.md": post("a")})
    home = tmp_path / "warehouse/dagster"
    home.mkdir(parents=True)
    return {"BACKFILE_SITE": str(site), "BACKFILE_WAREHOUSE": str(home.parent), "DAGSTER_HOME": str(home)}


def ended(module: list[str], folders: dict[str, str], by: signal.Signals) -> tuple[int, str]:
    """The exit code and what was said, of a build that gets the signal when its folder lies there; as do, from a
    terminal, the processes that it started."""
    builds = Path(folders["BACKFILE_WAREHOUSE"], publish.BUILDS)
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | folders,
        start_new_session=True,
    )
    while process.poll() is None and not list(builds.glob("*Z-*")):
        time.sleep(0.01)
    os.killpg(process.pid, by)
    return process.wait(), process.communicate()[1]


def statuses(folders: dict[str, str]) -> list[str]:
    """Of the runs that the instance knows."""
    with closing(sqlite3.connect(Path(folders["DAGSTER_HOME"], "history/runs.db"))) as connection:
        return [status for (status,) in connection.execute("SELECT status FROM runs")]


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=lambda by: by.name)
def test_a_command_says_so_in_a_line_and_dies_of_it(folders: dict[str, str], by: signal.Signals) -> None:
    assert ended(COMMAND, folders, by) == (-signal.SIGINT, "backfile: interrupted; nothing was published\n")
    assert publish.current(Path(folders["BACKFILE_WAREHOUSE"])) is None
    assert statuses(folders) == ["CANCELED"]


def test_a_run_that_a_person_ends_is_not_tried_again(folders: dict[str, str]) -> None:
    ended(RUN_OF_DAGSTERS, folders, signal.SIGINT)
    assert publish.current(Path(folders["BACKFILE_WAREHOUSE"])) is None
    assert statuses(folders) == ["FAILURE"]  # as of any signal that no page of the UI announced


def test_a_call_aside_returns_what_it_returns() -> None:
    assert interrupts.aside(lambda: 1) == 1


def test_a_call_aside_raises_what_it_raises() -> None:
    with pytest.raises(ZeroDivisionError):
        interrupts.aside(lambda: 1 / 0)


def _blocks() -> set[int]:
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, ()))


def test_worker_processes_get_no_interrupt_of_the_terminal() -> None:
    def work() -> set[int]:
        with workers.executor(2, workers.SMALL + 1) as pool:
            return pool.submit(_blocks).result()

    try:
        assert signal.SIGINT in interrupts.aside(work)
    finally:
        workers.stop()
