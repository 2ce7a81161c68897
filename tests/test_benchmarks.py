"""The benchmark's archive and table, and the one ratio that is held: what a post costs beside reading its bytes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import polars as pl
import pytest

from benchmarks import archive, peers
from benchmarks.__main__ import JOB, Case, table
from benchmarks.measure import Cost
from pipelines import build as steps
from pipelines import settings as options
from warehouse.lock import lock

POSTS: Final = 6_000
AT_MOST: Final = 70
"""Times the floor that reading and normalising may cost; measured: 35 to 50, of so few posts."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive.write(tmp_path_factory.mktemp("benchmark"), POSTS)


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of it."""
    began = time.process_time()
    work()
    return time.process_time() - began


def test_reading_and_normalising_cost_so_many_floors(site: Path, tmp_path: Path) -> None:
    settings = options.load(site=site, warehouse=tmp_path / "warehouse", workers=1)
    with lock(settings.warehouse_folder):
        begun = steps.begin(settings, "run")
    assert begun is not None

    def work() -> None:
        steps.read(begun)
        steps.normalise(begun)

    floor = peers.floor(site)
    assert any(cpu(work) < AT_MOST * cpu(floor) for _ in range(3))  # of a round each: the machine has its moods


def test_the_archive_has_its_shape(site: Path, tmp_path: Path) -> None:
    names = [path.name for folder in peers.FOLDERS for path in (site / folder).iterdir()]
    sizes = pl.Series([path.stat().st_size for folder in peers.FOLDERS for path in (site / folder).iterdir()])
    assert len(names) == POSTS
    assert len({name[:7] for name in names}) == 24
    assert (sizes < 1_500).mean() == pytest.approx(2 / 3, abs=0.05)
    assert sizes.max() < 12_000  # type: ignore[operator]
    assert POSTS - peers.sound(site, tmp_path / "sound") == pytest.approx(0.015 * POSTS, abs=20)


def test_the_table_shows_medians() -> None:
    def run(full: float) -> dict[str, Case]:
        cases = [
            Case("floor", 100, Cost(1, 1, 0, "")),
            Case("plain loop", 100, Cost(40, 40, 0, "")),
            Case(JOB, 1, Cost(2, 2, 0, "")),
            Case("full build", 100, Cost(full / 2, full, 3 << 20, "")),
            Case("nothing changed", 100, Cost(3, 3, 1 << 20, ""), apart=True),
        ]
        return {case.name: case for case in cases}

    lines = table([run(12), run(22), run(102)]).splitlines()
    assert lines[5] == "| full build | 11.00 | 22.00 | 9 | 220000 | 22.0 | 3.64 |  | 3 |"
    assert lines[6] == "| nothing changed | 3.00 | 3.00 |  |  |  |  | 5.0 | 1 |"
