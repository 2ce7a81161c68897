"""`python -m benchmarks [POSTS] [--runs N]`: what a build costs, beside the floor and the loop anybody would write.

Prints one Markdown table; every case is measured in each run, and the medians are shown. The archive is written once,
by `archive`; peers are in `peers`, how a command is measured in `measure`.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks import archive, measure
from benchmarks.measure import Cost

BACKFILE: Final = [str(Path(sys.executable).with_name("backfile"))]
NOW: Final = "2024-06-01T00:00:00Z"
IMPORTS: Final = [sys.executable, "-c", "import dagster, polars, duckdb"]


class Case(NamedTuple):
    """One measurement: the posts that it is about, its cost, and whether starting up is taken off."""

    name: str
    posts: int
    cost: Cost
    apart: bool = False


def _build(site: Path, warehouse: Path) -> Cost:
    return measure.run([*BACKFILE, "build", str(site), "--warehouse", str(warehouse)], {"BACKFILE_NOW": NOW})


def _peer(which: str, site: Path) -> Cost:
    cost = measure.run([sys.executable, "-m", "benchmarks.peers", which, str(site)], {})
    return cost._replace(cpu=float(cost.output)) if which == "floor" else cost


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


def _cases(site: Path, posts: int, warehouse: Path) -> Iterator[Case]:
    """Each case once, on a copy of the archive, which it edits."""
    yield Case("floor", posts, _peer("floor", site))
    yield Case("plain loop", posts, _peer("loop", site))
    yield Case("imports: dagster, polars, duckdb", 1, measure.run(IMPORTS, {}))
    yield Case("full build", posts, _build(site, warehouse))
    yield Case("nothing changed", posts, _build(site, warehouse), apart=True)
    every = max(24, posts // 200)
    changes: list[tuple[str, Callable[[], None]]] = [
        (f"{every:,} files touched", lambda: _touch(_chosen(site, every, 24))),
        (f"{every:,} files changed in 2 months", lambda: _edit(_chosen(site, every, 2))),
        (f"{every:,} files changed in 24 months", lambda: _edit(_chosen(site, every, 24))),
        ("200 files changed in 12 months", lambda: _edit(_chosen(site, 200, 12))),
    ]
    for name, change in changes:
        change()
        yield Case(name, posts, _build(site, warehouse), apart=True)


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
            start = cost["imports: dagster, polars, duckdb"].cpu
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
            runs.append(list(_cases(copy, given.posts, Path(folder) / "warehouse")))
    print(table(runs))


if __name__ == "__main__":
    main()
