"""What the report's first page shows: headline numbers, the largest topics, every model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import duckdb
from markupsafe import Markup

from warehouse.report import charts, tables
from warehouse.report.results import Result
from warehouse.report.tables import Links
from warehouse.report.topics import LARGEST, Topic
from warehouse.report.words import Words

SECTIONS: Final = {
    "time": (
        "volume_by_month", "volume_by_day", "volume_by_weekday_and_hour", "volume_by_hour", "volume_by_weekday",
        "lengths", "lengths_by_month", "gaps",
    ),
    "topics": ("rising_terms", "categories_by_month", "tags_by_month", "code_languages_by_year", "suspect_terms"),
    "sources": ("publishers", "sources", "syndication"),
    "links": ("securities", "securities_by_week", "link_domains", "linked_entities", "linked_posts"),
    "quality": (
        "data_quality", "rejected_files", "data_quality_by_month", "date_surprises_by_month", "url_collisions",
        "images_without_alt", "late_edits",
    ),
    "more": (),
}  # fmt: skip
"""Where a model stands; one that is not named here stands last."""

LISTS: Final = {"category": "post_categories", "tag": "post_tags"}
"""Kinds of topics listed on the first page, with their tables; the others' reports do so."""

NUMBERS: Final = {
    "posts": ("SELECT count(*) FROM posts WHERE state = 'published'", "posts.html"),
    "words": ("SELECT sum(words) FROM posts WHERE state = 'published'", "#lengths"),
    "categories": ("SELECT count(*) FROM categories", "#category"),
    "tags": ("SELECT count(*) FROM tags", "#tag"),
    "publishers": ("SELECT count(*) FROM reports.publishers", "#publishers"),
    "securities": ("SELECT count(*) FROM reports.securities", "#securities"),
    "links": ("SELECT count(*) FROM post_links", "#link_domains"),
    "hosts": ("SELECT count(*) FROM reports.link_domains", "#link_domains"),
    "waiting": ("SELECT count(*) FROM posts WHERE state <> 'published'", "posts.html#waiting"),
    "rejected": ("SELECT count(*) FROM files WHERE outcome = 'rejected'", "#rejected_files"),
}
"""The headline: each number's statement, and where it leads."""

NUMBERS_SQL: Final = "SELECT\n" + ",\n".join(f"    ({sql}) AS {name}" for name, (sql, _) in NUMBERS.items())
OUTCOMES: Final = ("draft", "future", "hidden", "rejected")
"""What becomes of files that are no published posts, where none is."""


@dataclass(frozen=True)
class Number:
    """A headline number, and where it leads."""

    name: str
    number: str
    href: str = ""


def _list(kind: str, topics: list[Topic], words: Words) -> dict[str, Any]:
    """The largest topics of a kind, with bars."""
    of_kind = [topic for topic in topics if topic.kind == kind]
    sql = (
        f"SELECT {kind}_id, count(DISTINCT path) AS posts\nFROM {LISTS[kind]} JOIN posts USING (path)\n"
        f"WHERE state = 'published' AND {kind}_id IS NOT NULL\nGROUP BY ALL\nORDER BY posts DESC, {kind}_id\n"
        f"LIMIT {LARGEST}"
    )
    return {
        "name": kind,
        "title": words[f"largest_{kind}"],
        "entries": tables.ranked([(topic.name, topic.posts, topic.page) for topic in of_kind], words),
        "sql": sql,
    }


def picture(result: Result, words: Words) -> str | None:
    """A model's chart as SVG; None where it has none, or too few rows for one."""
    model = result.model
    return charts.svg(model, result.columns, result.points, title=words.title(model), label=partial(words.value, model))


def _report(result: Result, words: Words, links: Links) -> dict[str, Any]:
    """One model: its title, chart, table and statements."""
    model = result.model
    chart = picture(result, words)
    return {
        "name": model.name,
        "title": words.title(model),
        "purpose": words.purpose(model),
        "chart": Markup(chart) if chart else "",  # noqa: S704  nothing but known elements and escaped text
        "mark": model.chart.mark if model.chart else "",
        "table": tables.of_result(result, words, links),
        "sql": f"-- reports.{model.name}\n{model.sql}",
        "behind": [
            (column, words.say("sql_behind", column=words.column(model, column)), statement)
            for column, statement in tables.behind(model).items()
        ],
    }


def _sections(results: list[Result], topics: list[Topic], words: Words, links: Links) -> list[dict[str, Any]]:
    """The sections that have anything to show."""
    known = {name for names in SECTIONS.values() for name in names}
    by_name = {result.model.name: result for result in results if result.count}
    found = []
    for section, names in SECTIONS.items():
        chosen = names if section != "more" else tuple(name for name in by_name if name not in known)
        reports = [_report(by_name[name], words, links) for name in chosen if name in by_name]
        kinds = [kind for kind in LISTS if section == "topics" and any(topic.kind == kind for topic in topics)]
        if reports or kinds:
            lists = [_list(kind, topics, words) for kind in kinds]
            found.append({"name": section, "title": words[f"section_{section}"], "lists": lists, "reports": reports})
    return found


def _hints(connection: duckdb.DuckDBPyConnection, words: Words) -> list[tuple[str, str]]:
    """What there is instead of published posts, and how it would become so."""
    counted = dict(connection.execute("SELECT outcome, count(*) FROM files GROUP BY outcome").fetchall())
    found = [(words.count(name, counted[name]), words[f"none_{name}"]) for name in OUTCOMES if counted.get(name)]
    return found or [("", words["none_files"])]


def overview(
    connection: duckdb.DuckDBPyConnection, results: list[Result], topics: list[Topic], words: Words, links: Links
) -> dict[str, Any]:
    """The values of `index.html`."""
    numbers = dict(zip(NUMBERS, connection.execute(NUMBERS_SQL).fetchall()[0], strict=True))
    sections = _sections(results, topics, words, links)
    anchors = {f"#{part['name']}" for section in sections for part in (*section["lists"], *section["reports"])}
    span = connection.execute(
        "SELECT min(published_on), max(published_on) FROM posts WHERE state = 'published'"
    ).fetchall()[0]
    posts = words.count("posts", numbers["posts"])
    shown = [
        Number(words[f"number_{name}"], words.number(number), href if href[0] != "#" or href in anchors else "")
        for name, number in numbers.items()
        if number and (href := NUMBERS[name][1])
    ]
    has_posts = bool(numbers["posts"])
    return {
        "lede": words.say("lede", posts=posts, first=words.date(span[0]), last=words.date(span[1]))
        if has_posts
        else words["lede_none"],
        "hints": [] if has_posts else _hints(connection, words),
        "numbers": shown,
        "numbers_sql": NUMBERS_SQL,
        "sections": sections,
        "missing": [
            (words.title(result.model), words.empty(result.model))
            for section in SECTIONS.values()
            for name in section
            for result in results
            if has_posts and not result.count and result.model.name == name
        ],
    }
