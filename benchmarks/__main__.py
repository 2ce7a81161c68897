"""Measure builds beside a floor, a plain loop, Jekyll and Hugo: `python -m benchmarks [POSTS] [--runs N] [--site S]`.

Prints two Markdown tables: all cases, and the targets. Each run measures each case; the tables show the medians.
Elsewhere: the archives (`archive`), the peers (`peers`), how a command is measured (`measure`). docs/performance.md
explains the tables.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import duckdb
import polars as pl

from benchmarks import archive, measure, peers
from benchmarks.measure import Cost
from warehouse import queries

BACKFILE: Final = [str(Path(sys.executable).with_name("backfile"))]
NOW: Final = "2024-06-01T00:00:00Z"
IMPORTS: Final = [sys.executable, "-c", "import dagster, polars, duckdb"]
IMPORTING: Final = "imports: dagster, polars, duckdb"
JOB: Final = "imports, and an empty job"
RULES: Final = '[[rules.publishers]]\nname = "local"\ncontains = "本报讯"\ntext = "(本报)讯"\n'
LOOP: Final = "plain loop"
HUGO: Final = "Hugo's list all"
STEPS: Final = "read and normalise, one process"
FULL: Final = "full build"
NOTHING: Final = "nothing changed"
TWO_MONTHS: Final = "files changed in 2 months"
BLOG: Final = "blog of 2,058 posts, full build"
OWN: Final = "own site, full build"
JEKYLL: Final = "own site, Jekyll's read"
WEIGHED_FILES: Final = frozenset((".parquet", ".duckdb"))
WEIGHED: Final = "5,000 posts of 5 KB, full build"
LARGE_POSTS: Final = 5_000
"""Posts of 5 KB whose lake and database are weighed."""


class Case(NamedTuple):
    """A measurement: the number of posts, the cost, and True in `apart` if the cost of starting is to be taken off."""

    name: str
    posts: int
    cost: Cost
    apart: bool = False


Run = Mapping[str, Case]
"""The cases of one run by their names."""


class Target(NamedTuple):
    """A number that a run gives (None if a peer is missing), and what it is to be at most; at least, if `least`."""

    name: str
    wanted: float
    value: Callable[[Run], float | None]
    least: bool = False


def _each(run: Run, case: str) -> float | None:
    """CPU microseconds per post."""
    return run[case].cost.cpu / run[case].posts * 1e6 if case in run else None


def _against(case: str, other: str) -> Callable[[Run], float | None]:
    """How many times the CPU time per post of another case."""

    def value(run: Run) -> float | None:
        mine, others = _each(run, case), _each(run, other)
        return mine / others if mine and others else None

    return value


def _part(case: str) -> Callable[[Run], float]:
    """Per cent of a full build, both without their start."""

    def value(run: Run) -> float:
        start = run[JOB].cost.cpu
        found = next(run[name] for name in run if name.endswith(case))
        return (found.cost.cpu - start) / (run[FULL].cost.cpu - start) * 100

    return value


def _without_start(run: Run) -> float:
    return (run[FULL].cost.cpu - run[IMPORTING].cost.cpu) / run[LOOP].cost.cpu


TARGETS: Final = (
    Target("read + normalise, one process: CPU µs per post", 120, lambda run: _each(run, STEPS)),
    Target("full build: CPU per post, × plain loop", 1.0, _against(FULL, LOOP)),
    Target("full build: CPU per post, × Hugo's list all", 1.0, _against(FULL, HUGO)),
    Target("full build: posts/s, × plain loop", 1.7, lambda run: run[LOOP].cost.wall / run[FULL].cost.wall, least=True),
    Target("full build less imports: CPU, × plain loop", 3.0, _without_start),
    Target("own site: posts per CPU second, × Jekyll's read", 1.3, _against(JEKYLL, OWN), least=True),
    Target("files changed in 2 months: % of full, apart", 15, _part(TWO_MONTHS)),
    Target("nothing changed: % of full, apart", 8, _part(NOTHING)),
    Target("blog of 2,058 posts: CPU, × imports", 6.5, lambda run: run[BLOG].cost.cpu / run[IMPORTING].cost.cpu),
    Target("blog of 2,058 posts: Parquet files", 350, lambda run: float(run[BLOG].cost.output)),
    Target("lake and database, 50,000 posts of 5 KB: MB", 170, lambda run: float(run[WEIGHED].cost.output)),
)


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
    for peer, name in (("jekyll", "Jekyll's read"), ("hugo", HUGO)):
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
    yield Case(LOOP, posts, _peer("loop", site))
    yield from _others(site, folder / "others")
    yield Case("cold files, one after the other", posts, _cold("floor", site))
    yield Case("cold files, opened ahead", posts, _cold("ahead", site))
    yield Case(IMPORTING, 1, measure.run(IMPORTS, {}))
    yield Case(JOB, 1, measure.run([sys.executable, "-m", "benchmarks.job"], {}))
    yield Case(STEPS, posts, _peer("steps", site))
    yield Case(FULL, posts, _build(site, warehouse))
    yield _slowest_report(warehouse)
    yield Case(NOTHING, posts, _build(site, warehouse), apart=True)
    every = max(24, posts // 200)
    changes: list[tuple[str, Callable[[], None]]] = [
        (f"{every:,} files touched", lambda: _touch(_chosen(site, every, 24))),
        (f"{every:,} {TWO_MONTHS}", lambda: _edit(_chosen(site, every, 2))),
        (f"{every:,} files changed in 24 months", lambda: _edit(_chosen(site, every, 24))),
        ("200 files changed in 12 months", lambda: _edit(_chosen(site, 200, 12))),
        ("rules changed", lambda: _add(site / "backfile.toml", RULES)),
    ]
    for name, change in changes:
        change()
        yield Case(name, posts, _build(site, warehouse), apart=True)


def _others_sites(folder: Path, own: Path | None) -> Iterator[Case]:
    """Yield the builds of a blog, of posts of 5 KB and of the site that the user names.

    Outputs: the number of the blog's Parquet files; the MB of lake and database of ten times as many posts of 5 KB.
    """
    built = folder / "blog"
    cost = _build(archive.write_blog(folder.parent), built)
    files = sum(1 for _ in (built / "current" / "lake").rglob("*.parquet"))
    yield Case(BLOG, archive.BLOG_POSTS, cost._replace(output=str(files)))
    built = folder / "large"
    cost = _build(archive.write(folder.parent, LARGE_POSTS, flashes=0), built)
    size = sum(path.stat().st_size for path in (built / "current").resolve().rglob("*") if path.suffix in WEIGHED_FILES)
    yield Case(WEIGHED, LARGE_POSTS, cost._replace(output=str(size * 10 / 1e6)))
    if own:
        cost = _build(own, folder / "own")
        posts = pl.read_parquet(folder / "own" / "current" / "lake" / "posts" / "**" / "*.parquet").height
        yield Case(OWN, posts, cost)
        yield Case(JEKYLL, posts, measure.run(["ruby", "-e", peers.JEKYLL, str(own)], {}))


def _add(file: Path, text: str) -> None:
    file.write_text(f"{file.read_text('utf-8')}{text}", "utf-8")


def targets(runs: Sequence[Run]) -> str:
    """Return the targets as a Markdown table: the medians of all runs beside what they are to be."""
    lines = ["| target | wanted | measured | |", "|---|--:|--:|---|"]
    for target in TARGETS:
        wanted = f"{'≥' if target.least else '≤'} {target.wanted:g}"
        values = [value for value in map(target.value, runs) if value is not None]
        if values:
            value = statistics.median(values)
            met = value >= target.wanted if target.least else value <= target.wanted
            lines.append(f"| {target.name} | {wanted} | {value:.3g} | {'met' if met else 'missed'} |")
        else:
            lines.append(f"| {target.name} | {wanted} | | not measured |")
    return "\n".join(lines)


def table(runs: Sequence[Run]) -> str:
    """Return the medians of all runs as a Markdown table."""
    lines = [
        "| case | wall s | CPU s | posts/s | CPU µs per post | CPU × floor | posts/s × loop | % of full, apart | MiB |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, first in runs[0].items():
        rows = []
        for run in runs:
            cost = {case.name: case.cost for case in run.values()}
            case = run[name]
            start = cost[JOB].cpu
            rows.append(
                (
                    case.cost.wall,
                    case.cost.cpu,
                    case.posts / case.cost.wall,
                    case.cost.cpu / case.posts * 1e6,
                    case.cost.cpu / cost["floor"].cpu,
                    cost[LOOP].wall / case.cost.wall,
                    (case.cost.cpu - start) / (cost[FULL].cpu - start) * 100,
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
    options.add_argument("--site", type=Path, help="a site of your own, built and read by Jekyll")
    options.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "backfile-bench")
    given = options.parse_args()
    runs = []
    for number in range(given.runs):
        site = archive.write(given.folder, given.posts)
        print(f"run {number + 1} of {given.runs}: {site}", file=sys.stderr)
        with tempfile.TemporaryDirectory(dir=given.folder, prefix="run-") as folder:
            copy = Path(folder) / "site"
            shutil.copytree(site, copy)
            cases = (*_cases(copy, given.posts, Path(folder)), *_others_sites(Path(folder), given.site))
            runs.append({case.name: case for case in cases})
    print(table(runs), targets(runs), sep="\n\n")


if __name__ == "__main__":
    main()
