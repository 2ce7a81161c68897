"""Time passes: a random walk, a build after each step; every build equals one from scratch, and tells the change."""

from __future__ import annotations

import random
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final

import polars as pl

from pipelines import build as steps
from tests import sites
from tests.ordeal import archives, states
from tests.ordeal.states import Tables
from tests.ordeal.steps import STEPS, World
from warehouse import lake, publish

LEG: Final = 25
"""Steps from one new world to the next: what goes wrong is found again in few steps."""

PART: Final = 3
"""Files in a part of a month."""

Step = tuple[str, int]
"""A step's name, and the seed of what it chooses."""

RARE: Final = ("configure", "change_rules", "touch_all", "mtimes_of_old", "read_all", "forget_scan", "archive_folder")


def legs(seed: int, count: int) -> Iterator[list[Step]]:
    """So many steps, in legs."""
    rng = random.Random(seed)
    names = sorted(STEPS)
    weights = [1 if name in RARE else 3 for name in names]
    left = count
    while left:
        length = min(LEG, left)
        yield [(rng.choices(names, weights)[0], rng.randrange(1 << 30)) for _ in range(length)]
        left -= length


@contextmanager
def turned_clock(by: timedelta) -> Iterator[None]:
    """The clock by which builds begin and end."""

    class Turned(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + by

    vars(steps)["datetime"] = Turned
    try:
        yield
    finally:
        vars(steps)["datetime"] = datetime


@contextmanager
def small_parts() -> Iterator[None]:
    """Make parts of some files, so that years of the walk outgrow one file, and months have several."""
    whole = lake.PART_FILES
    vars(lake)["PART_FILES"] = PART
    try:
        yield
    finally:
        vars(lake)["PART_FILES"] = whole


def told(files: pl.DataFrame) -> dict[str, str | None]:
    return dict(files.select("path", "content_hash").iter_rows())


def difference(old: dict[str, str | None], new: dict[str, str | None]) -> list[tuple[str, str, str | None]]:
    """What a build has to record, worked out plainly: change, path and old path."""
    found: list[tuple[str, str, str | None]] = [
        ("edited", path, None) for path in old.keys() & new.keys() if old[path] != new[path]
    ]
    gone: dict[str | None, list[str]] = defaultdict(list)
    for path in sorted(old.keys() - new.keys()):
        gone[old[path]].append(path)
    for path in sorted(new.keys() - old.keys()):
        same = gone[new[path]] if new[path] is not None else []
        found.append(("moved", path, same.pop(0)) if same else ("added", path, None))
    found += [("removed", path, None) for left in gone.values() for path in left]
    return sorted(found, key=lambda change: change[1])


def walk(folder: Path, leg: list[Step], say: Callable[[str], None] = lambda _: None) -> Counter[str]:
    """Make the leg's steps in a new world, a build after each; what they were."""
    shutil.rmtree(folder, ignore_errors=True)
    site = sites.write(folder / "site", {"_config.yml": sites.CONFIG, "backfile.toml": "", "_posts/.keep": ""})
    sites.write(folder, {"outside.md": sites.post("Outside")})
    world = World(site, folder / "warehouse", random.Random(0))
    for _ in range(5):
        world.new()
    done: Counter[str] = Counter()
    with small_parts():
        archives.build(site, world.warehouse, now=world.now)
    for name, seed in leg:
        world.rng = random.Random(seed)
        STEPS[name](world)
        built = one_build(world, folder / "scratch")
        done[name] += 1
        say(f"{name}: {'published' if built else 'nothing due'}")
    return done


def one_build(world: World, scratch: Path) -> bool:
    """Build, and compare; whether anything was published."""
    before = told(sites.rows(world.warehouse, "files"))
    with turned_clock(world.clock), small_parts():
        begun = archives.build(world.site, world.warehouse, audited=False, now=world.now, full=world.full)
    world.full = False
    expected: Tables = states.scratch(world.site, scratch, now=world.now)
    found = states.published(world.warehouse)
    states.assert_same(found, expected)
    due = difference(before, told(expected["files"]))
    if begun is None:
        assert due == [], f"nothing was published, though {due}"
        return False
    changes = sites.rows(world.warehouse, "changes").filter(build_id=begun.build_id).sort("path")
    assert list(changes.select("change", "path", "old_path").iter_rows()) == due
    assert publish.current(world.warehouse) == begun.folder
    return True


def shortened(folder: Path, leg: list[Step]) -> list[Step]:
    """The fewest of the leg's steps, found by leaving out one after the other, that still go wrong."""
    at = len(leg) - 1
    while at >= 0:
        fewer = leg[:at] + leg[at + 1 :]
        try:
            walk(folder, fewer)
        except Exception:
            leg = fewer
        at = min(at, len(leg)) - 1
    return leg


def time_passes(folder: Path, seed: int, count: int, say: Callable[[str], None]) -> dict[str, int]:
    """So many random steps, a build after each."""
    done: Counter[str] = Counter()
    for number, leg in enumerate(legs(seed, count)):
        try:
            done += walk(folder / "world", leg, say)
        except Exception as error:
            few = shortened(folder / "world", leg)
            error.add_note(f"in leg {number} of seed {seed}, where this is enough: {few}")
            raise
        say(f"{done.total()} of {count} steps")
    return {"steps": done.total(), **dict(sorted(done.items()))}
