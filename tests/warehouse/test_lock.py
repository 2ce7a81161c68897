"""One process holds a lock, and it dies with it."""

import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.lock import BusyError, lock

HOLD = """
import sys, time
from pathlib import Path
from warehouse.lock import lock
with lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_told(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as other:
        assert other.stdout and other.stdout.readline()
        with pytest.raises(BusyError, match="already running"), lock(tmp_path):
            pass
        other.kill()


def test_a_dead_process_leaves_none(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as other:
        assert other.stdout and other.stdout.readline()
        other.kill()
    with lock(tmp_path):
        assert (tmp_path / "lock").exists()


def test_a_process_may_take_it_again(tmp_path: Path) -> None:
    with lock(tmp_path), lock(tmp_path):
        assert (tmp_path / "lock").exists()
