"""`python -m benchmarks [POSTS] [--runs N]`: what a build costs, beside the floor and the loop anybody would write.

Prints one Markdown table; every case is measured in each run, and the medians are shown. The archive is written once,
by `archive`; peers are in `peers`, how a command is measured in `measure`. docs/performance.md explains the table.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import duckdb

from benchmarks import archive, measure, peers
from benchmarks.measure import Cost
from warehouse import queries

BACKFILE: Final = [str(Path(sys.executable).with_name("backfile"))]
NOW: Final = "2024-06-01T00:00:00Z"
IMPORTS: Final = [sys.executable, "-c", "import dagster, polars, duckdb"]
JOB: Final = "imports, and an empty job"
RULES: Final = '[[rules.publishers]]\nname = "local"\ncontains = "本报讯"\ntext = "(本报)讯"\n'
ENTITY: Final = """[[rules.entities]]
name = "picture"
kind = "picture"
hosts = ["img.example"]
url = "/([^/]+)/[^/]+$"
"""
NEAR: Final = "[rules.duplicates]\nnear = 0.8\n"


class Case(NamedTuple):
    """One measurement: the posts that it is about, its cost, and whether starting up is taken off."""

    name: str
    posts: int
    cost: Cost
    apart: bool = False


def _build(site: Path, warehouse: Path) -> Cost:
    return measure.run([*BACKFILE, "build", str(site), "--warehouse", str(warehouse)], {"BACKFILE_NOW": NOW})


def _peer(which: str, site: Path) -> Cost:
    """The seconds of its work, without its start."""
    cost = measure.run([sys.executable, "-m", "benchmarks.peers", which, str(site)], {})
    wall, cpu = map(float, cost.output.split())
    return cost._replace(wall=wall, cpu=cpu)


def _cold(which: str, site: Path) -> Cost:
    peers.forget(site)
    return _peer(which, site)


def _others(site: Path, folder: Path) -> Iterator[Case]:
    """What Jekyll and Hugo need to read the posts; nothing is made of them."""
    posts = peers.sound(site, folder)
    for peer, name in (("jekyll", "Jekyll's read"), ("hugo", "Hugo's list all")):
        command = peers.command(peer, folder)
        if command is None:
            print(f"{name}: skipped, {peer} is not installed", file=sys.stderr)
        else:
            yield Case(name, posts, measure.run(command, {}))


def _slowest_report(warehouse: Path) -> Case:
    """The report that takes longest, of those that people ask."""
    slowest = Case("", 1, Cost(0, 0, 0, ""))
    with duckdb.connect(str(warehouse / "warehouse.duckdb"), read_only=True) as connection:
        for model in queries.models():
            wall, cpu = time.perf_counter(), time.process_time()
            connection.execute(f"FROM reports.{model.name}").fetchall()
            cost = Cost(time.perf_counter() - wall, time.process_time() - cpu, 0, "")
            if cost.wall > slowest.cost.wall:
                slowest = Case(f"slowest report: {model.name}", 1, cost)
    return slowest


def _edit(chosen: list[Path]) -> None:
    for path in chosen:
        with path.open("ab") as file:
            file.write("\n更正。\n".encode())


def _touch(chosen: list[Path]) -> None:
    for path in chosen:
        path.touch()


def _chosen(site: Path, number: int, months: int) -> list[Path]:
    """Files of so many months, spread evenly."""
    by_month: dict[str, list[Path]] = {}
    for path in sorted((site / "old_post").iterdir()):
        by_month.setdefault(path.name[:7], []).append(path)
    picked = sorted(by_month)[:: max(1, len(by_month) // months)][:months]
    chance = random.Random(archive.SEED)  # noqa: S311 - nothing secret
    each = number // months
    return [path for month in picked for path in chance.sample(by_month[month], min(each, len(by_month[month])))]


def _cases(site: Path, posts: int, folder: Path) -> Iterator[Case]:
    """Each case once, on a copy of the archive, which it edits."""
    warehouse = folder / "warehouse"
    _peer("floor", site)  # the system has what it keeps of the files from here on
    yield Case("floor", posts, _peer("floor", site))
    yield Case("plain loop", posts, _peer("loop", site))
    yield from _others(site, folder / "others")
    yield Case("cold files, one after the other", posts, _cold("floor", site))
    yield Case("cold files, opened ahead", posts, _cold("ahead", site))
    yield Case("imports: dagster, polars, duckdb", 1, measure.run(IMPORTS, {}))
    yield Case(JOB, 1, measure.run([sys.executable, "-m", "benchmarks.job"], {}))
    yield Case("full build", posts, _build(site, warehouse))
    yield _slowest_report(warehouse)
    yield Case("nothing changed", posts, _build(site, warehouse), apart=True)
    every = max(24, posts // 200)
    changes: list[tuple[str, Callable[[], None]]] = [
        (f"{every:,} files touched", lambda: _touch(_chosen(site, every, 24))),
        (f"{every:,} files changed in 2 months", lambda: _edit(_chosen(site, every, 2))),
        (f"{every:,} files changed in 24 months", lambda: _edit(_chosen(site, every, 24))),
        ("200 files changed in 12 months", lambda: _edit(_chosen(site, 200, 12))),
        ("rules changed", lambda: _add(site / "backfile.toml", RULES)),
        ("rules changed: what links point at", lambda: _add(site / "backfile.toml", ENTITY)),
        ("rules changed: near duplicates", lambda: _add(site / "backfile.toml", NEAR)),
    ]
    for name, change in changes:
        change()
        yield Case(name, posts, _build(site, warehouse), apart=True)


def _add(file: Path, text: str) -> None:
    file.write_text(f"{file.read_text('utf-8')}{text}", "utf-8")


def table(runs: list[list[Case]]) -> str:
    """The medians of all runs, as a Markdown table."""
    lines = [
        "| case | wall s | CPU s | posts/s | CPU µs a post | CPU × floor | posts/s × loop | % of full, apart | MiB |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for number, first in enumerate(runs[0]):
        rows = []
        for run in runs:
            cost = {case.name: case.cost for case in run}
            case = run[number]
            start = cost[JOB].cpu
            rows.append(
                (
                    case.cost.wall,
                    case.cost.cpu,
                    case.posts / case.cost.wall,
                    case.cost.cpu / case.posts * 1e6,
                    case.cost.cpu / cost["floor"].cpu,
                    cost["plain loop"].wall / case.cost.wall,
                    (case.cost.cpu - start) / (cost["full build"].cpu - start) * 100,
                    case.cost.memory / 2**20,
                )
            )
        wall, cpu, speed, each, floors, loops, apart, memory = map(statistics.median, zip(*rows, strict=True))
        shown = [f"{wall:.2f}", f"{cpu:.2f}"]
        if first.name == "floor":
            shown = ["", f"{cpu:.2f}", "", f"{each:.1f}", "1", "", "", ""]
        elif first.posts == 1:
            shown += ["", "", "", "", "", f"{memory:.0f}"]
        elif first.apart:
            shown += ["", "", "", "", f"{apart:.1f}", f"{memory:.0f}"]
        else:
            shown += [f"{speed:,.0f}", f"{each:.0f}", f"{floors:.1f}", f"{loops:.2f}", "", f"{memory:.0f}"]
        lines.append(f"| {first.name} | {' | '.join(shown)} |")
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").partition("\n")[0])
    options.add_argument("posts", nargs="?", type=int, default=20_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "backfile-bench")
    given = options.parse_args()
    runs = []
    for number in range(given.runs):
        site = archive.write(given.folder, given.posts)
        print(f"run {number + 1} of {given.runs}: {site}", file=sys.stderr)
        with tempfile.TemporaryDirectory(dir=given.folder, prefix="run-") as folder:
            copy = Path(folder) / "site"
            shutil.copytree(site, copy)
            runs.append(list(_cases(copy, given.posts, Path(folder))))
    print(table(runs))


if __name__ == "__main__":
    main()
