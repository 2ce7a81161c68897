"""The command's process: its exit code, what it has written, and what is called at its end."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

RUN = "import sys; from pipelines.__main__ import run; {}; sys.exit(run())"


def ended(*arguments: str, before: str = "pass", **to: Any) -> subprocess.CompletedProcess[str]:
    """The command, called as its script calls it."""
    call = [sys.executable, "-c", RUN.format(before), *arguments]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | to
    return subprocess.run(call, **streams, env=buffered, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--version"], 0), (["build", "/nowhere"], 2)], ids=["done", "a wrong setting"]
)
def test_the_exit_code_is_the_commands(arguments: list[str], code: int) -> None:
    assert ended(*arguments).returncode == code


def test_an_error_nobody_expected_is_told_and_is_a_failure() -> None:
    process = ended(before="import pipelines.cli; pipelines.cli.main = None")
    assert (process.returncode, "TypeError" in process.stderr) == (1, True)


def test_all_that_it_says_is_written() -> None:
    process = ended(before="import pipelines.cli; pipelines.cli.main = lambda **_: print('x' * 99_999)")
    assert len(process.stdout) == 100_000


def test_what_is_to_be_called_at_the_end_is_called() -> None:
    registers = "import atexit, pipelines.cli; pipelines.cli.main = lambda **_: atexit.register(print, 'at the end')"
    assert ended(before=registers).stdout == "at the end\n"


def test_who_reads_it_may_go() -> None:
    read, write = os.pipe()
    os.close(read)
    process = ended("--help", stdout=write)
    os.close(write)
    assert process.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize(
    "before",
    ["pass", "import pipelines.cli; pipelines.cli.main = lambda **_: print('kept until the end')"],
    ids=["at once", "at the end"],
)
def test_output_that_cannot_be_written_is_one_line_and_a_failure(before: str) -> None:
    with Path("/dev/full").open("w") as full:
        process = ended("--help", before=before, stdout=full)
    assert process.returncode == 1
    assert process.stderr.splitlines() == [
        "backfile: No space left on device; look at the disk, and at where the output goes"
    ]


@pytest.mark.parametrize(
    "closing", ["sys.stdout.close()", "sys.stdout = None"], ids=["closed", "none from the beginning"]
)
def test_a_process_without_output_ends_quietly(closing: str) -> None:
    process = ended(before=f"import pipelines.cli; pipelines.cli.main = lambda **_: None; {closing}")
    assert (process.returncode, process.stderr) == (0, "")


def test_an_interrupt_before_the_command_began_is_a_death_by_it() -> None:
    interrupts = "import pipelines.cli, signal; pipelines.cli.main = lambda **_: signal.raise_signal(signal.SIGINT)"
    assert ended(before=interrupts).returncode == -signal.SIGINT
