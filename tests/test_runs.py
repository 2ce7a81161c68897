"""Which runs need not be kept, and which lives."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines import runs
from pipelines.runs import Ended

TODAY = date(2026, 5, 20)


@pytest.mark.parametrize(
    "kept, days, gone",
    [(7, 0, []), (2, 0, "gfedc"), (2, 1, "gfed"), (2, 3, "gf"), (1, 9, "f")],
    ids=["all are among the newest", "two", "and those of today", "and of two days more", "of all days"],
)
def test_the_newest_stay_and_of_each_day_the_last_of_each_outcome(kept: int, days: int, gone: str) -> None:
    yesterday = TODAY - timedelta(days=1)
    ended = [
        Ended("a", TODAY, "published"),
        Ended("b", TODAY, "failed"),
        Ended("c", TODAY, "nothing to do"),
        Ended("d", yesterday, "published"),
        Ended("e", yesterday, "failed"),
        Ended("f", yesterday, "published"),
        Ended("g", TODAY - timedelta(days=3), "published"),
    ]
    assert runs.superfluous(ended, TODAY, kept, days) == list(gone)


def another_sees(instance: Path, run_id: str) -> bool:
    """Whether the run lives, as another process says."""
    asked = "import sys; from pathlib import Path; from pipelines import runs; "
    asked += "sys.exit(not runs.alive(Path(sys.argv[1]), sys.argv[2]))"
    return subprocess.run([sys.executable, "-c", asked, instance, run_id], check=False).returncode == 0


def test_a_run_lives_while_its_block_runs(tmp_path: Path) -> None:
    with runs.living(tmp_path, "one"):
        assert another_sees(tmp_path, "one")
        assert not another_sees(tmp_path, "another")
    assert not another_sees(tmp_path, "one")
