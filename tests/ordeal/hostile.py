"""Mutated files: each has one outcome, none stops the build, takes long or makes it large; nothing outside is read.

The files are mutations of real and odd posts, made from a seed; each batch is a site of its own, with links, pipes and
sockets among its files, and is read and normalised as a build does it.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import polars as pl

from pipelines import chunks
from pipelines import settings as options
from pipelines.build import open_site
from pipelines.jekyll.scan import scan
from pipelines.normalise.posts import SiteFacts
from tests import parity, sites
from tests.ordeal import processes
from tests.sites import CONFIG, NOW
from warehouse import contracts, lake

BATCH: Final = 150
WHOLE: Final = 20_000
"""Of so many files one batch goes all the way: tables, database, audits, report."""
SLOWEST: Final = 2.0
"""CPU seconds that one file may take."""
LARGEST: Final = 1_500_000_000
"""Bytes of memory that the process may come to hold, Python and Polars included."""

ROOT: Final = Path(__file__).parents[2]
SAMPLES: Final = (ROOT / "pipelines" / "sample", ROOT / "tests" / "archives")

WORDS: Final = [
    b"---\n", b"---", b"\n", b"\r\n", b"\r", b"\0", b"\x1b[31m", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe2\x80\xae",
    b"\xed\xa0\x80", b"title: ", b"date: ", b"categories: ", b"tags: [", b"]", b"permalink: ", b"published: false\n",
    b"&a [*a]\n", b"<<: *a\n", b"!!python/object/apply:os.system ['touch hacked']\n", b"{% include x %}", b"{{ '",
    b"{% raw %}", b"{% post_url ../../x %}", b"<a href=\"javascript:alert(1)\">", b"</script><script>", b"<!--",
    b"-->", b"<![CDATA[", b"![](", b"](", b"[a][b]\n\n[b]: ", b"```\n", b"~~~", b"|a|b|\n|-|-|\n", b"* ", b"> ",
    b"$$", b"&#x0;", b"&lt;", b"{::options /}", b"{: .a #b}\n", b"^[1]", b"[^1]: ", b"https://", b"//", b"mailto:",
    b"data:text/html,", b"=cmd|' /C calc'!A0", b"%00", b"%zz", b"\\", b"`", b"'", b'"', b":", b"#", b"2022-02-30",
    b"9999999999-01-01", b"0000-00-00", b"25:61:61", b"+99:99", b"1e999", b".inf", b"0o777", b"12:30:45.999999999999",
    "文章来源：".encode(), "（".encode(), "　".encode(), "\u202e\u0301\u200d".encode(), "𝒳".encode(),
]  # fmt: skip
REPEATED: Final = [
    b"[", b"(", b"<", b"{", b"*", b"_", b"`", b"&", b"#", b">", b"- ", b"  ", b"\t", b"\n", b"a", b"<a ", b"[a](",
    b"![", b"{{", b"{%", b"<!--", b"&#", b"|", b"**a ", b"[[", b"1. ", b"]: ", b"<b>", "（".encode(), b"://", b"{: ",
]  # fmt: skip
NAMES: Final = [
    "{n}", "2022-04-15-{n}.md", "2022-04-15-{n}.markdown", "2022-13-45-{n}.md", "-rf-{n}.md", "2022-4-5-{n}.html",
    "2022-04-15-.md", "2022-04-15-{n}\n.md", "2022-04-15-'{n}\".md", "2022-04-15-$(touch hacked{n}).md",
    "2022-04-15-%2e%2e{n}.md", "9999-12-31-{n}.md", "2022-04-15-=cmd{n}.md", "2022-04-15-<b>{n}.md",
    "2022-04-15-\x1b[2J{n}.md", "2022-04-15-文{n}.md", "2022-04-15-{n}" + "x" * 200 + ".md", "0000-00-00-{n}.md",
    "2022-04-15-{n}.md~", ".2022-04-15-{n}.md", "#{n}.md", "2022-04-15-{n}.md\udcff",
]  # fmt: skip


def seeds(folder: Path) -> list[bytes]:
    """The files that are mutated: the sample's, the tests' and, where it is at hand, the site of odd rules."""
    material = parity.shared()
    odd = parity.sites(material, folder, "edge") if material else iter(())
    folders = [*SAMPLES, *(site for _, site, _ in odd)]
    files = [path for one in folders for path in sorted(one.rglob("*")) if path.is_file() and not path.is_symlink()]
    return [path.read_bytes() for path in files if path.stat().st_size < 100_000]


def mutate(content: bytes, others: list[bytes], dice: random.Random) -> bytes:
    """The content after a few random changes."""
    mutable = bytearray(content)
    for _ in range(dice.choice([1, 1, 2, 3, 8])):
        at = dice.randint(0, min(len(mutable), dice.choice([20, 200, len(mutable) + 1])))
        match dice.randrange(8):
            case 0:
                mutable[at:at] = dice.choice(WORDS)
            case 1:
                mutable[at:at] = dice.choice(REPEATED) * dice.choice([2, 2, 9, 9, 50, 50, 300, 300, 2000, 2000, 40_000])
            case 2:
                del mutable[at : at + dice.choice([1, 3, 30, 3_000])]
            case 3:
                mutable[at : at + 1] = bytes([dice.randrange(256)])
            case 4:
                other = dice.choice(others)
                start = dice.randint(0, len(other))
                mutable[at:at] = other[start : start + dice.choice([10, 200, 5_000])]
            case 5:
                mutable[at:at] = bytes(mutable[at : at + 200]) * dice.choice([2, 2, 9, 20, 200])
            case 6:
                mutable[at:at] = dice.choice(WORDS) * dice.choice([1, 1, 5, 5, 300])
            case _:
                mutable = mutable[at:] if dice.random() < 0.2 else mutable
    return bytes(mutable[:2_000_000])


def write_batch(site: Path, first: int, count: int, sources: list[bytes], dice: random.Random) -> None:
    """A site of so many mutated files, and some that are none."""
    posts = site / "_posts"
    posts.mkdir(parents=True)
    (site / "_config.yml").write_text(CONFIG, "utf-8")
    for n in range(first, first + count):
        name = dice.choice(NAMES[1:3]) if dice.random() < 0.8 else dice.choice(NAMES)
        (posts / name.replace("{n}", str(n))).write_bytes(mutate(dice.choice(sources), sources, dice))
    (posts / "2022-04-15-outside.md").symlink_to("/etc/passwd")
    (posts / "2022-04-15-up.md").symlink_to("../../../../../../etc/hostname")
    (posts / "2022-04-15-device.md").symlink_to("/dev/zero")
    (posts / "2022-04-15-loop.md").symlink_to("2022-04-15-loop.md")
    os.mkfifo(posts / "2022-04-15-pipe.md")
    here = Path.cwd()
    os.chdir(posts)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("2022-04-15-socket.md")
    os.chdir(here)


_watched: list[Callable[[str, tuple[Any, ...]], None]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    for watch in _watched:
        watch(event, arguments)


@cache
def _hook_once() -> None:
    """An audit hook cannot be taken away again."""
    sys.addaudithook(_hook)


@contextmanager
def confined(*allowed: Path) -> Iterator[list[str]]:
    """What was opened outside these folders and Python's own, and what was run, while the block ran."""
    within = tuple(str(path) for path in (*allowed, ROOT, Path(sys.prefix), Path(sys.base_prefix)))
    seen: list[str] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("os.system", "subprocess.Popen", "os.exec", "os.posix_spawn", "socket.connect"):
            seen.append(f"{event} {arguments}")
        elif event == "open" and isinstance(arguments[0], (str, bytes)):
            path = os.path.abspath(os.fsdecode(arguments[0]))  # noqa: PTH100  nothing is to be resolved
            if not path.startswith((*within, "/usr/share/zoneinfo", "/usr/lib", "/proc/self")):
                seen.append(path)

    _hook_once()
    _watched.append(watch)
    try:
        yield seen
    finally:
        _watched.remove(watch)


def outcomes(site: Path, build: Path, only: list[str] | None = None) -> tuple[pl.DataFrame, float]:
    """The rows of `files` of the site's batch, or of some paths of it, and the CPU seconds that they took."""
    opened, rules = open_site(options.load(site=site, warehouse=build))
    entries = scan(opened).entries.with_columns(fresh=pl.lit(True))
    if only is not None:
        entries = entries.filter(pl.col("path").is_in(only))
    facts = SiteFacts(opened.url, opened.baseurl)
    began = time.process_time()
    for chunk in chunks.split(lake.parted(entries), build, None):
        chunks.settle([chunks.read(chunk, opened, NOW)])
        chunks.settle([chunks.normalise(chunk, facts, rules)])
    took = time.process_time() - began
    return lake.scan(build, "files").collect(), took


def slow(site: Path, build: Path, paths: list[str]) -> Iterator[tuple[str, float]]:
    """The files that alone take longer than one may, found by halving what takes longer together.

    The last word has a process of its own, as a build's workers are: in one that has read tens of thousands of files
    the C library may give memory back and take it again at every step, which costs three times as much.
    """
    shutil.rmtree(build, ignore_errors=True)
    took = outcomes(site, build, paths)[1]
    if took > SLOWEST and len(paths) == 1:
        shutil.rmtree(build)
        command = [sys.executable, "-m", "tests.ordeal.hostile", str(site), str(build), paths[0]]
        took = float(subprocess.run(command, env=processes.environment(), capture_output=True, check=True).stdout)
        if took > SLOWEST:
            yield paths[0], took
    elif took > SLOWEST:
        half = len(paths) // 2
        yield from slow(site, build, paths[:half])
        yield from slow(site, build, paths[half:])


def mutated_files(folder: Path, seed: int, count: int, say: Callable[[str], object]) -> dict[str, int | float]:
    """Mutated files: one outcome each, no crash, none slow, nothing outside the site read, nothing run."""
    dice = random.Random(f"{seed}")
    sources = seeds(folder / "edge")
    kinds: dict[str, int] = {}
    tallest = 0.0
    done = 0
    while done < count:
        number = min(BATCH, count - done)
        site, build = folder / f"site-{done}", folder / f"build-{done}"
        write_batch(site, done, number, sources, dice)
        entries = len(list((site / "_posts").iterdir()))
        with confined(folder) as opened:
            files, took = outcomes(site, build)
        assert opened == [], f"opened or run: {opened[:3]}"
        assert files.height == entries == files.get_column("path").n_unique(), f"{files.height} outcomes of {entries}"
        assert not list(folder.rglob("hacked*")), "something of a post was run"
        if took > SLOWEST:
            late = list(slow(site, folder / "alone", files.get_column("path").to_list()))
            assert not late, f"too many CPU seconds: {late} of {site}"
        tallest = max(tallest, took)
        if done % WHOLE == 0:
            sites.build(site, folder / f"warehouse-{done}")
        for outcome, rows in files.group_by("outcome").len().iter_rows():
            kinds[outcome] = kinds.get(outcome, 0) + rows
        done += number
        shutil.rmtree(site)
        shutil.rmtree(build)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        assert memory < LARGEST, f"{memory:,} bytes of memory after {done:,} files"
        say(f"{done:,} files")
    assert kinds.keys() <= contracts.OUTCOMES.keys()
    return {"files": done, "CPU ms of the slowest batch": round(tallest * 1000), "MB": memory // 1_000_000, **kinds}


if __name__ == "__main__":
    print(outcomes(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])[1])
