"""The report's page: headline numbers, a chart of the volume, every model as a table with its SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import jinja2

from warehouse import database
from warehouse.publish import DATABASE
from warehouse.report.results import results

SHOWN_ROWS: Final = 50
CHART_MONTHS: Final = 120

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Bar:
    """One month of the chart; `height` is a share of the tallest, 0 to 1."""

    month: str
    posts: int
    height: float


def _shown(value: Any) -> str:
    """A value as people read it: thousands apart, shares short, lists joined, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, (float, Decimal)):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    if isinstance(value, date):
        return value.isoformat()[:16].replace("T", " ")
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return str(value)


def _headline(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    row = connection.execute(
        """
        SELECT
            (SELECT count(*) FROM posts WHERE state = 'published') AS "published posts",
            (SELECT count(*) FROM posts WHERE state <> 'published') AS "other posts",
            (SELECT count(*) FROM files WHERE outcome = 'rejected') AS "rejected files",
            (SELECT sum(words) FROM posts WHERE state = 'published') AS words,
            (SELECT count(*) FROM categories) AS categories,
            (SELECT count(*) FROM tags) AS tags,
            (SELECT count(*) FROM post_links) AS links,
            (SELECT count(*) FROM hosts) AS hosts,
            (SELECT min(published_on) FROM posts WHERE state = 'published') AS "first post",
            (SELECT max(published_on) FROM posts WHERE state = 'published') AS "last post"
        """
    )
    names = [column[0] for column in row.description or []]
    values = row.fetchone() or ()
    return [(name, _shown(value)) for name, value in zip(names, values, strict=True)]


def _bars(connection: duckdb.DuckDBPyConnection) -> list[Bar]:
    """The last months, those without posts too."""
    rows = connection.execute(
        """
        WITH counted AS (
            SELECT date_trunc('month', day) AS month, sum(posts) AS posts FROM reports.volume_by_day GROUP BY month
        ),
        months AS (
            SELECT unnest(generate_series(min(month), max(month), INTERVAL 1 MONTH)) AS month FROM counted
        )
        SELECT strftime(month, '%Y-%m'), CAST(coalesce(posts, 0) AS BIGINT)
        FROM months LEFT JOIN counted USING (month)
        ORDER BY month DESC LIMIT ?
        """,
        [CHART_MONTHS],
    ).fetchall()
    most = max((posts for _, posts in rows), default=1)
    return [Bar(month, posts, posts / most) for month, posts in reversed(rows)]


def write(build: Path, *, site: str, lang: str) -> Path:
    """Write `report/index.html` of the build; returns its path. Everything that comes from posts is escaped."""
    with database.connect(build / DATABASE) as connection:
        headline, bars = _headline(connection), _bars(connection)
        last = connection.execute(
            "SELECT build_id, finished_at FROM builds ORDER BY started_at DESC LIMIT 1"
        ).fetchone()
    tables = [
        {
            "name": result.model.name,
            "title": result.model.name.replace("_", " ").capitalize(),
            "purpose": result.model.header["purpose"],
            "sql": result.model.sql,
            "count": result.count,
            "columns": [
                (name, result.model.columns.get(name, ""), kind not in ("VARCHAR", "DATE"))
                for name, kind in result.columns.items()
            ],
            "rows": [[_shown(value) for value in row] for row in result.rows],
        }
        for result in results(build, SHOWN_ROWS)
    ]
    text = _templates.get_template("page.html").render(
        site=site,
        lang=lang,
        headline=headline,
        bars=bars,
        most=max((bar.posts for bar in bars), default=0),
        tables=tables,
        build_id=last[0] if last else "",
        finished_at=_shown(last[1]) if last else "",
    )
    path = build / "report" / "index.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path
