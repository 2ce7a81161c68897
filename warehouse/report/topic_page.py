"""What the page of a topic shows: its numbers, its volume, what it comes with, its newest posts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from warehouse.report import tables
from warehouse.report.charts import FEWEST
from warehouse.report.overview import Number
from warehouse.report.periods import PERIODS, together
from warehouse.report.tables import Cell, Column, Links, Row, Table
from warehouse.report.topics import KINDS, Topic
from warehouse.report.words import Words

MONTHS_LISTED = 24
"""A topic that spans more months is listed by year."""


@dataclass(frozen=True)
class Volume:
    """Posts by month as a path of bars, `width` months wide and 100 high. Drawn by hand: a hundred pages have one."""

    path: str
    width: int
    first: str
    last: str
    most: str
    said: str


def archive_months(months: list[str]) -> range:
    """The months that every topic's bars stand over, so that pages can be compared."""
    month = PERIODS["month"]
    indices = {index for name in months if (index := month.index(name)) is not None}
    return together(month, indices) if indices else range(0)


def _volume(topic: Topic, over: range, words: Words) -> Volume | None:
    month = PERIODS["month"]
    posts = {index: topic.months.get(month.name(index), 0) for index in over}
    most = max(posts.values(), default=0)
    if len(over) < FEWEST or not most:
        return None
    bar = min(0.8, 0.06 * len(over)) if len(over) <= 100 else 1
    path = "".join(
        f"M{at + (1 - bar) / 2:.4g} 100V{100 - max(1, round(100 * number / most))}h{bar:.4g}V100"
        for at, number in enumerate(posts.values())
        if number
    )
    first, last = month.name(over[0]), month.name(over[-1])
    shown = words.say("most", posts=words.count("posts", most))
    return Volume(path, len(over), first, last, shown, f"{words['volume']}, {first} – {last}: {shown}")


def _periods(topic: Topic, words: Words) -> Table:
    """Its posts by month, or by year where there are many months."""
    by_year = len(topic.months) > MONTHS_LISTED
    counted: dict[str, int] = {}
    for month, posts in sorted(topic.months.items(), reverse=True):
        period = month[:4] if by_year else month
        counted[period] = counted.get(period, 0) + posts
    rows = [
        Row([Cell(period), Cell(words.number(posts)), Cell(words.share(posts / topic.posts))])
        for period, posts in counted.items()
    ]
    columns = [
        Column(words["year" if by_year else "period"], style="fixed"),
        Column(words["posts"], style="number"),
        Column(words["share"], style="number"),
    ]
    return Table(words["volume"], words.count("rows", len(rows)), columns, rows)


def topic_page(topic: Topic, over: range, posts: int, words: Words, links: Links) -> dict[str, Any]:
    """The values of `topic.html`; `posts` are the archive's published posts."""
    kind = words[f"kind_{topic.kind}"]
    if topic.kind == "entity":
        kind = words.value(None, "kind", topic.id.partition(":")[0])
    counted = words.count("posts", topic.posts)
    others = [variant for variant in topic.variants if variant != topic.name]
    listed = words.say("newest_note", shown=words.number(len(topic.newest)), posts=counted)
    return {
        "topic": topic,
        "kind": kind,
        "lede": words.say(
            "topic_lede",
            posts=counted,
            share=words.share(topic.posts / posts),
            first=words.date(topic.first_on),
            last=words.date(topic.last_on),
        ),
        "variants": words.say("also_written", names=words.value(None, "variants", others)) if others else "",
        "numbers": [
            Number(words["posts"], words.number(topic.posts), "#newest"),
            Number(words["place"], words.say("of", place=topic.place, count=words.number(topic.topics))),
            Number(words["median_words"], words.number(topic.median_words)),
        ],
        "volume": _volume(topic, over, words),
        "periods": _periods(topic, words),
        "companions": [
            (
                words[f"with_{other}"],
                tables.ranked(
                    [(one.name, one.posts, links.topic(one.kind, one.id)) for one in topic.companions[other]],
                    words,
                    of=topic.posts,
                ),
            )
            for other in KINDS
            if topic.companions.get(other)
        ],
        "newest": tables.of_posts(topic.newest, words["newest"], listed, words, links),
    }
