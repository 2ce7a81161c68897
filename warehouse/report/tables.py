"""Tables of the report: what a cell shows and where it leads."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from warehouse.queries import Query
from warehouse.report import topics
from warehouse.report.results import Result
from warehouse.report.topics import Post
from warehouse.report.words import Words

BEHIND: Final[dict[str, dict[str, str]]] = tomllib.loads((Path(__file__).parent / "behind.toml").read_text("utf-8"))
"""By model and column, what tells the posts behind a number; the row's values are `$names`."""

_NAMES: Final = re.compile(r"\$([a-z_]+)")
_HREF: Final = re.compile(r"https?://[^/\s]+", re.ASCII)


@dataclass(frozen=True)
class Column:
    label: str
    about: str = ""
    style: str = ""
    """How its cells look: number, fixed (dates and codes, in one line), name or wide (long texts)."""


@dataclass(frozen=True)
class Cell:
    text: str
    href: str = ""
    behind: bool = False
    """Whether the link leads to the statement that lists the posts."""
    path: str = ""
    """A path below the text, small."""


@dataclass(frozen=True)
class Row:
    cells: list[Cell]
    key: list[Any] = field(default_factory=list)
    """The values of the table's keys."""


@dataclass(frozen=True)
class Table:
    caption: str
    note: str
    columns: list[Column]
    rows: list[Row]
    keys: list[str] = field(default_factory=list)
    """Columns whose values the statement behind a row asks for."""


@dataclass(frozen=True)
class Ranked:
    """An entry of a ranking; `percent` is the length of its bar."""

    name: str
    number: str
    percent: float
    href: str


@dataclass(frozen=True)
class Links:
    """Where cells can lead: the pages of the largest topics, and the site's own pages of its posts."""

    pages: frozenset[str]
    """The names of the topics' pages."""
    site: str
    """The site's url with its baseurl, without a slash at the end; empty if it has none."""
    posts: dict[str, Post] = field(default_factory=dict)
    """The posts that cells name, by path."""

    def topic(self, kind: str, topic: Any) -> str:
        page = topics.page(kind, str(topic)) if topic is not None else ""
        return page if page in self.pages else ""

    def post(self, post: Post | None) -> str:
        """The post's page at the site, where the site has one."""
        return f"{self.site}/{post.url.lstrip('/')}" if post and post.rendered and self.site else ""


def site_url(url: str, baseurl: str) -> str:
    """What stands before the posts' urls; empty unless it is an address of the web."""
    return f"{url.rstrip('/')}/{baseurl.strip('/')}".rstrip("/") if _HREF.match(url) else ""


def is_path(column: str) -> bool:
    """Whether the column names posts by path."""
    return column in ("path", "paths", "example") or column.endswith("_path")


def is_hidden(column: str, columns: Iterable[str]) -> bool:
    """Whether the column is there for statements only: ids beside a name, bounds beside their bucket."""
    return (
        column.endswith("_id")
        or column in ("id", "from_words", "to_words")
        or (column == "weekday" and "name" in columns)
    )


def behind(model: Query) -> dict[str, str]:
    """By column, the statement that lists the posts behind a row's number."""
    return {
        column: told
        if told.startswith("SELECT")
        else f"SELECT published_on, title, path\nFROM posts\nWHERE {told}\nORDER BY published_at DESC"
        for column, told in BEHIND.get(model.name, {}).items()
    }


_TOPIC_COLUMNS: Final[dict[str, Callable[[dict[str, Any]], tuple[str, Any]]]] = {
    "category": lambda row: ("category", row.get("category_id")),
    "tag": lambda row: ("tag", row.get("tag_id")),
    "publisher": lambda row: ("publisher", row["publisher"]),
    "origin": lambda row: ("publisher", row["origin"]),
    "carrier": lambda row: ("publisher", row["carrier"]),
    "other_name": lambda row: (row["kind"], row.get("other_id")),
    "code": lambda row: ("entity", f"security:{row.get('security_id')}"),
    "name": lambda row: (
        ("entity", f"security:{row['security_id']}")
        if "security_id" in row
        else (row["kind"], row["id"])
        if row.get("kind") in ("category", "tag") and "links" not in row
        else ("entity", f"{row.get('kind')}:{row.get('id')}")
    ),
}
"""Columns that name a topic: its kind and id, from the row."""


def _style(column: str, kind: str, *, is_first: bool) -> str:
    if kind.endswith("[]") or kind == "VARCHAR":
        if column in ("month", "year", "code"):
            return "fixed"
        if column in ("title", "detail", "url", "urls", "outlets") or is_path(column):
            return "wide"
        return "" if column in ("market", "kind", "direction", "counted") else "name"
    return "fixed" if is_first or kind.startswith(("DATE", "TIMESTAMP")) else "number"


def counted(shown: int, count: int, words: Words) -> str:
    """How many rows a table shows, of how many."""
    rows = words.count("rows", count)
    return words.say("rows_shown", shown=words.number(shown), rows=rows) if count > shown else rows


def of_result(result: Result, words: Words, links: Links) -> Table:
    """The first rows of a model."""
    model = result.model
    shown = [column for column in result.columns if not is_hidden(column, result.columns)]
    keys = list(dict.fromkeys(name for statement in behind(model).values() for name in _NAMES.findall(statement)))
    columns = [
        Column(
            words.column(model, column),
            model.columns.get(column, "") if words["lang"] == "en" else column,
            _style(column, result.columns[column], is_first=not at),
        )
        for at, column in enumerate(shown)
    ]
    rows = []
    for values in result.rows:
        row = dict(zip(result.columns, values, strict=True))
        key = [value.isoformat() if isinstance(value := row[name], date) else value for name in keys]
        rows.append(Row([_cell(model, column, row, words, links) for column in shown], key))
    return Table(words.title(model), counted(len(rows), result.count, words), columns, rows, keys)


def _cell(model: Query, column: str, row: dict[str, Any], words: Words, links: Links) -> Cell:
    value = row[column]
    text = words.value(model, column, value)
    if value is None:
        return Cell(text)
    if value and column in BEHIND.get(model.name, {}):
        return Cell(text, f"#behind-{model.name}-{column}", behind=True)
    if is_path(column) and isinstance(value, str):
        return Cell(text, links.post(links.posts.get(value)))
    if column in _TOPIC_COLUMNS:
        return Cell(text, links.topic(*_TOPIC_COLUMNS[column](row)))
    return Cell(text)


def of_posts(posts: list[Post], caption: str, note: str, words: Words, links: Links, *, state: bool = False) -> Table:
    """A list of posts; with their state where it is asked for."""
    columns = [Column(words["date"], style="fixed"), Column(words["title"], style="wide")]
    if state:
        columns.append(Column(words["state"]))
    rows = []
    for post in posts:
        title = words.value(None, "title", post.title or "") or post.path
        cells = [
            Cell(post.published_on.isoformat()),
            Cell(title, links.post(post), path=post.path if title != post.path else ""),
        ]
        rows.append(Row([*cells, Cell(words.value(None, "state", post.state))] if state else cells))
    return Table(caption, note, columns, rows)


def ranked(entries: list[tuple[str, int, str]], words: Words, of: int = 0) -> list[Ranked]:
    """Names, numbers and links as a ranking; the bars are shares of `of`, which are named then, else of the largest."""
    most = of or max((number for _, number, _ in entries), default=1)
    return [
        Ranked(
            name,
            words.number(number) + (f" · {words.share(number / of)}" if of else ""),
            round(100 * number / most, 1),
            href,
        )
        for name, number, href in entries
    ]
