"""Each ordeal in a small form, seeded; `make ordeal` runs the full counts."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ordeal import __main__ as ordeals
from tests.ordeal import crash, faults, moving, readers, together, walk
from tests.ordeal.crash import Victim
from tests.ordeal.processes import ROOT
from tests.ordeal.steps import FOLDERS, STEPS, World

SEED = 1

linux = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked up in /proc")


def quiet(line: str) -> None:
    """Nobody looks on."""


@linux
class TestCrash:
    def test_at_the_telling_steps_of_a_build(self, tmp_path: Path) -> None:
        did = crash.telling_steps(tmp_path)
        assert did["kills"] == len(crash.TELLING)
        assert did["before"] and did["after"]

    def test_a_worker_and_a_build_with_workers(self, tmp_path: Path) -> None:
        assert faults.killed_worker(tmp_path, SEED, 2, quiet).keys() == {"builds killed", "workers killed"}


@linux
class TestFaults:
    def test_a_full_disk(self, tmp_path: Path) -> None:
        try:
            faults.full_disk(tmp_path, SEED, 1, quiet)
        except faults.ImpossibleError as error:
            pytest.skip(str(error))

    def test_builds_that_can_no_longer_be_written(self, tmp_path: Path) -> None:
        try:
            faults.read_only(tmp_path, SEED, 1, quiet)
        except faults.ImpossibleError as error:
            pytest.skip(str(error))


def test_readers_while_builds_run(tmp_path: Path) -> None:
    assert readers.under_readers(tmp_path, SEED, 2, quiet, readers=2)["reads"] > 0


@linux
def test_a_command_at_work_and_then_killed(tmp_path: Path) -> None:
    together.after_a_kill(Victim(tmp_path))


def test_time_passes(tmp_path: Path) -> None:
    assert walk.time_passes(tmp_path, SEED, 4, quiet)["steps"] == 4


@pytest.mark.parametrize(
    "meddle",
    [moving.truncated, moving.rewritten, moving.into_folder],
    ids=lambda meddle: meddle.__name__,
)
def test_a_file_changes_before_it_is_read(meddle: Callable[[Path], None], tmp_path: Path) -> None:
    moving.meddled(tmp_path, meddle)


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv: root may look into every folder")
def test_a_folder_is_closed_before_it_is_read(tmp_path: Path) -> None:
    assert moving.closed_in_the_middle(tmp_path) == "rejected (unreadable)"


class TestGuarantees:
    """docs/guarantees.md names what tries each promise: names that are there."""

    TEXT = (ROOT / "docs" / "guarantees.md").read_text("utf-8")

    def test_every_named_test_is_there(self) -> None:
        named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?(?:::(\w+))?`", self.TEXT)
        assert named
        for file, *names in named:
            text = (ROOT / file).read_text("utf-8")
            for name in filter(None, names):
                assert re.search(rf"^ *(def|class) {name}\b", text, re.MULTILINE), f"{file}::{name}"

    def test_every_named_ordeal_is_there_and_every_ordeal_is_named(self) -> None:
        assert set(re.findall(r"`make ordeal` (\w[\w-]*)", self.TEXT)) == ordeals.ORDEALS.keys()


def test_the_walk_is_the_same_for_a_seed() -> None:
    assert list(walk.legs(3, 60)) == list(walk.legs(3, 60))


def test_a_failing_walk_is_shortened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the one step that does it."""

    def fail_once_empty(world: World, scratch: Path) -> bool:
        assert world.files()
        return True

    def clear(world: World) -> None:
        shutil.rmtree(world.site / "_posts")
        for folder in FOLDERS:
            shutil.rmtree(world.site / folder, ignore_errors=True)

    monkeypatch.setattr(walk, "one_build", fail_once_empty)
    monkeypatch.setitem(STEPS, "clear", clear)
    assert walk.shortened(tmp_path / "world", [("nothing", 1), ("clear", 0), ("nothing", 2)]) == [("clear", 0)]
