"""Runs of the job, as files and records of them say: which one lives, and which need not be kept.

What Dagster knows of runs, and how it is made to forget them: `automation`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from warehouse.lock import BusyError, lock

PUBLISHED: Final = "backfile/published"
"""The tag of a run that published: the build's id."""

ASKED_SECONDS: Final = 5
"""For so long a run waits where another process just asks whether it lives."""


def _sign_of_life(instance: Path, run_id: str) -> Path:
    return instance / "running" / run_id


@contextmanager
def living(instance: Path, run_id: str) -> Iterator[None]:
    """While the block runs others can see that the run's process lives: by a lock in the instance's folder, which dies
    with the process."""
    sign = _sign_of_life(instance, run_id)
    try:
        with lock(sign, wait=ASKED_SECONDS):
            yield
    finally:
        shutil.rmtree(sign, ignore_errors=True)


def alive(instance: Path, run_id: str) -> bool:
    """Whether the run's process lives; asked by another process."""
    sign = _sign_of_life(instance, run_id)
    if not sign.exists():
        return False
    try:
        with lock(sign):
            return False
    except BusyError:
        return True


def forget(instance: Path, run_id: str) -> None:
    """Remove what a run that was killed has left to show that it lived."""
    shutil.rmtree(_sign_of_life(instance, run_id), ignore_errors=True)


class Ended(NamedTuple):
    """A run that has ended: the day on which it was asked for (UTC), and what became of it."""

    run_id: str
    day: date
    outcome: str


def superfluous(ended: Iterable[Ended], today: date, newest: int, days: int) -> list[str]:
    """The ids of those runs that need not be kept, oldest first.

    Kept are the `newest`; and of each of the last `days` the last run of each outcome.

    Args:
        ended: newest first.
        today: of UTC.
    """
    since = today - timedelta(days=days)
    kept = set()
    gone = []
    for place, run in enumerate(ended):
        kind = (run.day, run.outcome)
        if place >= newest and (run.day <= since or kind in kept):
            gone.append(run.run_id)
        kept.add(kind)
    return gone[::-1]


def not_kept(error: Exception) -> str | None:
    """What the disk or the database said, where an instance could not keep something; None of any other error."""
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415  a code location has no need of it

    if isinstance(error, DBAPIError):
        return str(error.orig)
    return str(error) if isinstance(error, OSError) else None
