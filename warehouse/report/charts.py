"""Charts of a model's rows. Which columns are drawn, and how, stands in the model's header (`chart`); here stands what
becomes of odd rows: too few, too many, periods without posts, dates centuries apart, two terms with one name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

from warehouse.queries import Query
from warehouse.report.periods import PERIODS, together
from warehouse.report.pictures import COLOURS, INK, WIDTH, drawn, safe, specification

RANKED: Final = 12
"""Bars of a rank at most."""
SERIES: Final = 6
"""Lines or colours at most: those with the largest sums."""
STACKED: Final = 96
"""Bars of several colours at most: thinner ones show none."""
REST: Final = "…"
"""The colour of all that has none of its own."""
FEWEST: Final = 3
"""Fewer points are read faster from a table."""
SPARSE: Final = 0.2
"""So few of the periods with a number are read faster from a table, too."""
TICKS: Final = 6
WIDEST: Final = 32
"""Width of a bar at most."""

Label = Callable[[str, Any], str]
"""How a column's value is shown."""
Spec = dict[str, Any]


@dataclass(frozen=True)
class Point:
    """What is drawn of a row. The group of a heat map's cell is its place on the vertical axis."""

    x: Any
    group: Any
    number: float


@dataclass(frozen=True)
class Drawing:
    """The points of a chart, with the columns that they come from."""

    points: list[Point]
    x: str
    group: str | None
    number: str
    label: Label

    def of_x(self, value: Any) -> str:
        return safe(self.label(self.x, value))

    def of_group(self, value: Any) -> str | None:
        return value if self.group is None or value == REST else safe(self.label(self.group, value))

    def of_number(self, value: float) -> str:
        return safe(self.label(self.number, int(value) if float(value).is_integer() else value))

    def said(self, x: str, group: Any, number: float) -> str:
        """What is said of one point."""
        return ", ".join(filter(None, [x, self.of_group(group)])) + ": " + self.of_number(number)


def svg(
    model: Query, columns: Iterable[str], rows: Iterable[Sequence[Any]], *, title: str = "", label: Label | None = None
) -> str | None:
    """The model's rows as a chart; None where it has none, or where the rows are too few for one.

    Args:
        columns: names of the rows' values, those of the chart among them.
        rows: what is to be drawn; what is more than can be seen is left out.
        title: what a screen reader says; without it the model's title.
        label: how a column's value is shown; without it as it stands.
    """
    chart = model.chart
    if chart is None:
        return None
    group, number = (chart.y, chart.series or "") if chart.mark == "heat" else (chart.series, chart.y)
    names = list(columns)
    x_at, group_at, number_at = names.index(chart.x), names.index(group or chart.x), names.index(number)
    points = [
        Point(row[x_at], row[group_at] if group else None, row[number_at])
        for row in rows
        if None not in (row[x_at], row[group_at], row[number_at]) and math.isfinite(row[number_at])
    ]
    spec = _DRAW[chart.mark](Drawing(points, chart.x, group, number, label or (lambda _, value: str(value))))
    return drawn(spec, title or model.title) if spec else None


def _axis(drawing: Drawing) -> tuple[list[str], dict[Any, str]]:
    """The places along the horizontal axis, in order, and which x stands at which."""
    values = list(dict.fromkeys(point.x for point in drawing.points))
    period = PERIODS.get(drawing.x)
    if period is None:
        shown = {value: drawing.of_x(value) for value in values}
        return list(dict.fromkeys(shown.values())), shown
    indices = {value: index for value in values if (index := period.index(str(value))) is not None}
    span = together(period, set(indices.values())) if indices else range(0)
    return [*map(period.name, span)], {value: period.name(index) for value, index in indices.items() if index in span}


def _sums(drawing: Drawing, at: dict[Any, str], groups: Sequence[Any] = ()) -> dict[tuple[str, Any], float]:
    """The numbers by place and group; with `groups`, all others together."""
    sums: dict[tuple[str, Any], float] = {}
    for point in drawing.points:
        if point.x in at:
            key = at[point.x], point.group if not groups or point.group in groups else REST
            sums[key] = sums.get(key, 0) + float(point.number)
    return sums


def _groups(drawing: Drawing) -> list[Any]:
    """The groups, that with the largest sum first; none where there is no such column."""
    sums: dict[Any, float] = {}
    for point in drawing.points if drawing.group else ():
        sums[point.group] = sums.get(point.group, 0) + float(point.number)
    return sorted(sums, key=lambda group: (-sums[group], str(group)))


def _ticks(column: str, places: list[str]) -> Spec:
    """Which places of the axis are named, and how: years where there are many, else months or days."""
    if column not in PERIODS:
        return {"labelOverlap": True, "labelLimit": 90}
    a_year = PERIODS[column].a_year

    def first(length: int) -> list[str]:
        """The first place of each year or month that begins on the axis."""
        found = [next(some) for _, some in groupby(places, key=lambda place: place[:length])]
        return found if set(places[0][length:]) <= set("-01") else found[1:]

    if column != "year" and len(places) > 3 * a_year:
        values, shown = first(4), "slice(datum.value,0,4)"
    elif column in ("day", "week") and len(places) > a_year / 5:
        values, shown = first(7), "slice(datum.value,0,7)"
    else:
        values, shown = places, "slice(datum.value,5)" if column in ("day", "week") else "datum.value"
    return {"values": values[:: math.ceil(len(values) / TICKS)], "labelExpr": shown}


def _format(column: str) -> str:
    """d3's format of the column's numbers on an axis."""
    return ".0%" if "share" in column.split("_") else ",~r"


def _over_x(
    mark: Spec, drawing: Drawing, places: list[str], sums: dict[tuple[str, Any], float], groups: list[Any]
) -> Spec:
    """Bars or lines over x, a colour for each group."""
    order = {place: at for at, place in enumerate(places)}
    values = [
        {
            "x": place,
            "number": number,
            "group": drawing.of_group(group),
            "order": groups.index(group) if groups else 0,
            "said": drawing.said(place, group, number) if mark["type"] == "bar" else drawing.of_group(group) or place,
        }
        for (place, group), number in sorted(sums.items(), key=lambda item: order[item[0][0]])
    ]
    whole = all(number.is_integer() for number in sums.values())
    names = [drawing.of_group(group) for group in groups]
    colour = {"field": "group", "type": "nominal", "scale": {"domain": names, "range": list(COLOURS)}}
    return specification(
        values,
        mark=mark,
        encoding={
            "x": {
                "field": "x",
                "type": "ordinal",
                "scale": {"domain": places},
                "axis": _ticks(drawing.x, places),
            },
            "y": {
                "field": "number",
                "type": "quantitative",
                "scale": {"nice": 4},
                "axis": {
                    "tickCount": 4,
                    "tickMinStep": 1 if whole else 0,
                    "format": _format(drawing.number),
                    "domain": False,
                },
            },
            "color": colour if groups else {"value": COLOURS[0]},
            "order": {"field": "order" if mark["type"] == "bar" else "x", "type": "ordinal"},
            "description": {"field": "said"},
        },
    )


def _coarser(drawing: Drawing) -> Drawing:
    """The same by year instead of month, by month instead of week or day: numbers that are stacked can be added."""
    column, length = ("year", 4) if drawing.x == "month" else ("month", 7)
    points = [replace(point, x=str(point.x)[:length]) for point in drawing.points]
    return replace(drawing, x=column, points=points)


def _bars(drawing: Drawing) -> Spec | None:
    """Vertical bars over x, one on the other where there are groups."""
    places, at = _axis(drawing)
    while drawing.group and len(places) > STACKED and drawing.x in ("month", "week", "day"):
        drawing = _coarser(drawing)
        places, at = _axis(drawing)
    groups = _groups(drawing)
    if len(groups) > SERIES:
        groups = [*groups[: SERIES - 1], REST]
    sums = _sums(drawing, at, groups)
    filled = len({place for (place, _), number in sums.items() if number})
    if filled < FEWEST or filled < SPARSE * len(places):
        return None
    width = min(0.8 if len(places) < 100 else 1, WIDEST * len(places) / WIDTH)
    return _over_x({"type": "bar", "width": {"band": width}}, drawing, places, sums, groups)


def _lines(drawing: Drawing) -> Spec | None:
    """A line over x for each group. Where a group has no row, its count is nothing; other numbers have no gaps."""
    places, at = _axis(drawing)
    groups = _groups(drawing)[:SERIES]
    sums = {key: number for key, number in _sums(drawing, at).items() if not groups or key[1] in groups}
    if len({place for place, _ in sums}) < FEWEST:
        return None
    if drawing.number in ("posts", "links", "share"):
        sums = {(place, group): sums.get((place, group), 0) for group in groups or [None] for place in places}
    mark = {"type": "line", "strokeWidth": 1.75, "strokeJoin": "round", "point": len(places) <= 48 and {"size": 16}}
    return _over_x(mark, drawing, places, sums, groups)


def _rank(drawing: Drawing) -> Spec | None:
    """Horizontal bars of the first rows, with their numbers."""
    seen: dict[str, int] = {}
    values = []
    for point in drawing.points[:RANKED]:
        name, number = drawing.of_x(point.x), drawing.of_number(point.number)
        seen[name] = seen.get(name, -1) + 1
        place = name + "\u200b" * seen[name]  # two with one name have a bar each
        values.append({"x": place, "number": float(point.number), "shown": number, "said": f"{name}: {number}"})
    if len(values) < FEWEST or not any(value["number"] for value in values):
        return None
    return specification(
        values,
        width=WIDTH * 0.85,
        height=len(values) * 23 + 6,
        padding={"left": 12, "right": 8, "top": 2, "bottom": 2},
        encoding={
            "y": {"field": "x", "type": "ordinal", "sort": None, "axis": {"domain": False, "labelLimit": 170}},
            "x": {"field": "number", "type": "quantitative", "axis": None},
            "description": {"field": "said"},
        },
        layer=[
            {"mark": {"type": "bar", "color": COLOURS[0], "height": {"band": 0.6}}},
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "color": INK, "fontSize": 11, "aria": False},
                "encoding": {"text": {"field": "shown"}},
            },
        ],
    )


def _heat(drawing: Drawing) -> Spec | None:
    """A field of cells, the darker the more."""
    places, at = _axis(drawing)
    sums = _sums(drawing, at)
    groups = list(dict.fromkeys(point.group for point in drawing.points))
    most = max(sums.values(), default=0)
    if len([number for number in sums.values() if number]) < FEWEST:
        return None
    values = [
        {
            "x": place,
            "group": drawing.of_group(group),
            "number": sums.get((place, group), 0),
            "said": drawing.said(place, group, sums.get((place, group), 0)),
        }
        for place in places
        for group in groups
    ]
    names = [drawing.of_group(group) for group in groups]
    return specification(
        values,
        height=min(len(groups) * 26 + 60, 420),
        mark={"type": "rect", "color": COLOURS[0]},
        encoding={
            "x": {
                "field": "x",
                "type": "ordinal",
                "scale": {"domain": places, "paddingInner": 0.08},
                "axis": {"domain": False, **_ticks(drawing.x, places)},
            },
            "y": {
                "field": "group",
                "type": "ordinal",
                "scale": {"domain": names, "paddingInner": 0.08},
                "axis": {"domain": False, "grid": False, "labelLimit": 120},
            },
            "fillOpacity": {
                "field": "number",
                "type": "quantitative",
                "scale": {"domain": [0, most], "range": [0.06, 1]},
                "legend": None,
            },
            "description": {"field": "said"},
        },
    )


_DRAW: Final[dict[str, Callable[[Drawing], Spec | None]]] = {
    "bar": _bars,
    "line": _lines,
    "rank": _rank,
    "heat": _heat,
}
