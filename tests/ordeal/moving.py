"""Files that change, vanish or are replaced while a build reads: what is published is of one moment, and the next build
has it right."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import polars as pl
import xxhash

from pipelines import build as steps
from pipelines import settings as options
from tests import sites
from tests.ordeal import archives, processes, states
from warehouse import contracts, lake
from warehouse.lock import lock

POST: Final = "_posts/2022-01-10-post.md"
LONG: Final = sites.post("Long", "Line of text. " * 4000)


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def grown(path: Path) -> None:
    with path.open("a") as stream:
        stream.write("More. " * 1000)


def rewritten(path: Path) -> None:
    """Same size, same mtime."""
    stat = path.stat()
    path.write_bytes(path.read_bytes().replace(b"Text", b"Next").replace(b"text", b"next"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def replaced(path: Path) -> None:
    new = path.with_name(".new")
    new.write_text(sites.post("Replaced"))
    new.replace(path)


def removed(path: Path) -> None:
    path.unlink()


def folder_removed(path: Path) -> None:
    """The whole posts folder, for another to come."""
    path.parent.rename(path.parent.with_name("aside"))
    sites.write(path.parent.parent, {POST: sites.post("Come instead")})


def into_folder(path: Path) -> None:
    path.unlink()
    sites.write(path.parent.parent, {f"{POST}/2022-01-11-inside.md": sites.post("Inside")})


def into_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


def into_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def closed(path: Path) -> None:
    """The folder may no longer be looked into; binds root too where the process has laid down its privileges."""
    path.parent.chmod(0)


def reopened(path: Path) -> None:
    path.parent.chmod(0o755)


MEANWHILE: Final = (
    *(
        truncated,
        emptied,
        grown,
        rewritten,
        replaced,
        removed,
        folder_removed,
        into_folder,
        into_link,
        into_pipe,
        closed,
    ),
)


def meddled(folder: Path, meddle: Callable[[Path], None]) -> str:
    """A build with this between scan and reading, then one in peace; the file's outcome in the first."""
    site, warehouse = archives.make(folder / "site"), folder / "warehouse"
    sites.write(site, {POST: LONG})
    archives.build(site, warehouse)
    sites.write(site, {POST: LONG.replace("Line", "Word")}, age=5)
    settings = options.load(site=site, warehouse=warehouse, now=sites.NOW)
    with lock(warehouse):
        begun = steps.begin(settings, "run", full=True)
        assert begun is not None
        meddle(site / POST)
        archives.finish(begun)
    outcome = assert_of_one_moment(sites.current(warehouse))
    if meddle is closed:
        reopened(site / POST)
    archives.build(site, warehouse)
    states.assert_same(states.published(warehouse), states.scratch(site, folder / "scratch"))
    assert archives.build(site, warehouse) is None, "two builds in peace, and the second had something to do"
    return outcome


def assert_of_one_moment(build: Path) -> str:
    """The size, the hash and the body of every post fit together; the outcome of the one that was meddled with."""
    rows = lake.scan(build, "files").join(lake.scan(build, "post_bodies"), on="path", how="left").collect()
    for row in rows.iter_rows(named=True):
        if row["body"] is None:
            assert row["outcome"] not in contracts.STATES
            continue
        assert row["content_hash"] is not None
        body = row["body"].encode()
        if row["size_bytes"] == len(body):  # no front matter was left of it
            assert row["content_hash"] == xxhash.xxh3_128_hexdigest(body)
        assert len(body) <= row["size_bytes"]
    found = rows.filter(pl.col("path") == POST).select("outcome", "reason")
    outcome, reason = found.row(0)
    return f"{outcome} ({reason})" if reason else str(outcome)


PRIVILEGES: Final = "-dac_override,-dac_read_search"


def closed_in_the_middle(folder: Path) -> str:
    """As `meddled` by `closed`, in a process that permissions bind."""
    command = [sys.executable, "-m", "tests.ordeal.moving", str(folder)]
    if os.geteuid() == 0:
        command = ["setpriv", f"--bounding-set={PRIVILEGES}", f"--inh-caps={PRIVILEGES}", *command]
    ended = subprocess.run(command, env=processes.environment(), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def while_it_is_read(folder: Path, seed: int, count: int, say: Callable[[str], None]) -> dict[str, int]:
    """Each of these, so often, in random order."""
    rng = random.Random(seed)
    done = 0
    for turn in range(count):
        for meddle in rng.sample(MEANWHILE, len(MEANWHILE)):
            where = folder / f"{turn}-{meddle.__name__}"
            where.mkdir()
            say(f"{meddle.__name__}: {closed_in_the_middle(where) if meddle is closed else meddled(where, meddle)}")
            done += 1
    return {"files": done}


if __name__ == "__main__":
    print(meddled(Path(sys.argv[1]), closed))
