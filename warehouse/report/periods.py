"""Columns that are time: how their values are counted, and which periods are drawn together."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

YEARS_APART: Final = 20
"""Periods further apart are not drawn on one axis: a post of the year 198 would leave the others no room."""


@dataclass(frozen=True)
class Period:
    """A column that is time: how its values are counted, so that periods without rows have their place."""

    index: Callable[[str], int | None]
    name: Callable[[int], str]
    a_year: int
    most: int
    """Periods drawn at most: the latest."""


def _month(value: str) -> int | None:
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])(-01)?", value)
    return int(found[1]) * 12 + int(found[2]) - 1 if found else None


def _day(value: str) -> int | None:
    try:
        return date.fromisoformat(value).toordinal()
    except ValueError:
        return None


def _week(value: str) -> int | None:
    day = _day(value)
    return None if day is None else (day - 1) // 7  # day 1 was a Monday


PERIODS: Final = {
    "year": Period(lambda value: int(value) if value.isdecimal() else None, "{:04}".format, 1, 200),
    "month": Period(_month, lambda index: f"{index // 12:04}-{index % 12 + 1:02}", 12, 360),
    "week": Period(_week, lambda index: date.fromordinal(index * 7 + 1).isoformat(), 52, 260),
    "day": Period(_day, lambda index: date.fromordinal(index).isoformat(), 365, 366),
}


def together(period: Period, indices: set[int]) -> range:
    """The periods to draw: of parts that lie far apart the one with most periods, of that the latest."""
    parts: list[list[int]] = []
    for index in sorted(indices):
        if not parts or index - parts[-1][-1] > YEARS_APART * period.a_year:
            parts.append([])
        parts[-1].append(index)
    part = max(parts, key=len)
    return range(max(part[0], part[-1] - period.most + 1), part[-1] + 1)
