"""Readers while builds run: no error, no lock, one build a read; and old builds go only when they may."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests import sites
from tests.ordeal import archives, states
from tests.ordeal.processes import running
from warehouse import publish

READERS = 8
UNDER_READERS = 6
"""So many of the newest builds count as superseded within the hour, the others as hours old."""


def under_readers(
    folder: Path, seed: int, count: int, say: Callable[[str], None], *, readers: int = READERS
) -> dict[str, int | float]:
    """So many builds with changes while the readers query; each build's time, and the promise about old builds."""
    site, warehouse, stop = archives.make(folder / "site"), folder / "warehouse", folder / "stop"
    archives.build(site, warehouse)
    alone = timed(site, warehouse, 1)
    times = []
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                running(sys.executable, "-m", "tests.ordeal.reader", warehouse, stop, seed * 1000 + number)
            )
            for number in range(readers)
        ]
        for number in range(2, count + 2):
            before = {build.name for build in publish.kept(warehouse)}
            archives.age(warehouse, but=UNDER_READERS)
            times.append(timed(site, warehouse, number))
            kept = [build.name for build in publish.kept(warehouse)]
            gone = before - set(kept)
            assert not gone & set(sorted(before)[-UNDER_READERS:]), f"{gone} went though newer than an hour"
            assert len(kept) <= UNDER_READERS + 2, kept
            assert [child.process.poll() for child in started] == [None] * readers
            say(
                f"{number - 1} of {count}: {times[-1]:.1f} s, {len(kept)} builds kept, gone {', '.join(gone) or 'none'}"
            )
        stop.touch()
        told = [json.loads(child.ended().stdout) for child in started]
    wrong = [line for one in told for line in one["wrong"]]
    assert wrong == [], "\n".join(wrong[:10])
    states.assert_same(states.published(warehouse), states.scratch(site, folder / "scratch"))
    done: Counter[str] = sum((Counter(one["done"]) for one in told), Counter())
    return {
        "builds": count,
        "readers": readers,
        "reads": done.total(),
        **{f"reads of {name}": reads for name, reads in done.items()},
        "builds that readers saw": len({build for one in told for build in one["builds"]}),
        "a build alone, s": round(alone, 1),
        "longest build under readers, s": round(max(times), 1),
        "longest read, s": round(max(one["longest"] for one in told), 1),
    }


def timed(site: Path, warehouse: Path, number: int) -> float:
    """Change the site and build it; how long that took."""
    archives.change(site, number)
    began = time.monotonic()
    assert archives.build(site, warehouse, now=sites.NOW) is not None
    return time.monotonic() - began
