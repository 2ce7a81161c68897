"""The machine fails, not the program: a full disk, a folder made read-only, a worker that is killed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests import sites
from tests.ordeal import processes
from tests.ordeal.crash import Victim
from tests.ordeal.processes import running

DISK: Final = 64 * 1024 * 1024


class ImpossibleError(Exception):
    """This machine does not let the fault be made. The message says what is missing."""


def system(*command: object) -> None:
    """Run a program of the system.

    Raises:
        ImpossibleError: it is not there, or not allowed.
    """
    words = [str(part) for part in command]
    try:
        subprocess.run(words, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise ImpossibleError(f"there is no {words[0]}") from None
    except subprocess.CalledProcessError as error:
        raise ImpossibleError(f"{' '.join(words)}: {error.stderr.strip()}") from None


@contextmanager
def mounted(folder: Path, *options: object) -> Iterator[Path]:
    """Something mounted on the folder, gone after."""
    folder.mkdir(exist_ok=True)
    system("mount", *options, folder)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def disk(folder: Path) -> Iterator[Path]:
    """A small disk of its own."""
    with mounted(folder, "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs"):
        yield folder


def command(victim: Victim) -> tuple[object, ...]:
    return (processes.BACKFILE, "build", victim.site, "--warehouse", victim.warehouse, "--as-of", sites.NOW)


def refusal(victim: Victim, moment: str) -> str | None:
    """The one clear line with which the command leaves; None if it has built.

    Raises:
        AssertionError: it says more, or less.
    """
    with running(*command(victim)) as child:
        ended = child.ended()
    if ended.returncode == 0:
        return None
    lines = ended.stderr.splitlines()
    assert (ended.returncode in (1, 2), ended.stdout, len(lines)) == (True, "", 1), f"{moment}: {ended}"
    assert lines[0].startswith("backfile: "), f"{moment}: {ended}"
    return lines[0]


def full_disk(folder: Path, seed: int, count: int, say: Callable[[str], None]) -> dict[str, int]:
    """`backfile build` on a disk with more and more room left, but never enough, until it is enough."""
    rng = random.Random(seed)
    found: Counter[str] = Counter()
    with disk(folder / "disk") as room:
        victim = Victim(room)
        for number in range(count):
            victim.await_changes()
            left = int(rng.uniform(0, 1) ** 2 * 4_000_000)
            fill(room, left)
            said = refusal(victim, f"{left} bytes left")
            (room / "filler").unlink()
            which = victim.outlived(f"a disk with {left} bytes left: {said}")
            found["builds refused" if said else "builds that had room"] += 1
            say(f"{number + 1} of {count}: {left:,} bytes left: {said or 'published'}: the state {which}")
    return dict(found)


def fill(room: Path, left: int) -> None:
    """Let the disk have so many bytes left."""
    free = shutil.disk_usage(room).free
    with (room / "filler").open("wb") as filler:
        os.posix_fallocate(filler.fileno(), 0, max(free - left, 4096))


def read_only(folder: Path, seed: int, count: int, say: Callable[[str], None]) -> dict[str, int]:
    """`backfile build` where the warehouse, its builds, or Dagster's folder can no longer be written."""
    victim = Victim(folder)
    places = ("builds", "", "dagster")[: count or None]
    for place in places:
        victim.await_changes()
        where = victim.warehouse / place
        with mounted(where, "--bind", where), remounted_read_only(where):
            said = refusal(victim, f"{place or 'the warehouse'} read-only")
            assert said, f"{place or 'the warehouse'} read-only, and all the same it was built"
            say(said)
        victim.outlived(f"{place or 'the warehouse'} made read-only")
    return {"folders": len(places)}


@contextmanager
def remounted_read_only(folder: Path) -> Iterator[None]:
    system("mount", "-o", "remount,bind,ro", folder)
    yield


def killed_worker(folder: Path, seed: int, count: int, say: Callable[[str], None]) -> dict[str, int]:
    """A build with worker processes: one of them is killed, or the build itself, which leaves no worker behind."""
    rng = random.Random(seed)
    victim = Victim(folder)
    found: Counter[str] = Counter()
    for number in range(count):
        victim.await_changes()
        with running(sys.executable, "-m", "tests.ordeal.workers", victim.site, victim.warehouse) as child:
            assert processes.until(lambda child=child: workers(child)), child.ended()  # type: ignore[misc]
            time.sleep(rng.uniform(0, 1.0))
            alive = workers(child)
            parent = number % 2 == 0 or not alive
            if parent:
                child.kill()
                assert processes.until(lambda child=child: not child.descendants(), 60), "workers outlive their build"  # type: ignore[misc]
            else:
                os.kill(rng.choice(alive), signal.SIGKILL)
                ended = child.ended()
                assert ended.returncode == 0, ended.stderr
        which = victim.outlived("a build with workers" if parent else "a worker")
        found["builds killed" if parent else "workers killed"] += 1
        say(f"{number + 1} of {count}: {'the build' if parent else 'a worker'} killed: the state {which}")
    return dict(found)


def workers(child: processes.Child) -> list[int]:
    """The worker processes of a build; not the process that watches over what they share."""
    found = []
    for pid in child.descendants():
        try:
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
        except OSError:
            continue
    return found
