"""The report's pages, written: the first page, the posts, and one for each of the largest topics."""

from __future__ import annotations

import base64
import hashlib
import shutil
from pathlib import Path
from typing import Any, Final

import duckdb
import jinja2
from markupsafe import Markup

from warehouse.connection import connect
from warehouse.publish import DATABASE
from warehouse.report import tables, topics
from warehouse.report.overview import overview
from warehouse.report.results import Result
from warehouse.report.tables import Links
from warehouse.report.topic_page import archive_months, topic_page
from warehouse.report.topics import Post
from warehouse.report.words import Words, words

LISTED_POSTS: Final = 200
"""Posts that a list has at most."""

_FOLDER: Final = Path(__file__).parent
_SCRIPT_WORDS: Final = ("filter", "filter_rows", "no_match", "copy", "copied", "close", "sort", "behind_title")
_LISTS: Final = {
    "newest": "SELECT published_on, title, path, url, rendered, state\nFROM posts\n"
    "WHERE state = 'published'\nORDER BY published_at DESC, path",
    "waiting": "SELECT published_on, title, path, url, rendered, state\nFROM posts\n"
    "WHERE state <> 'published'\nORDER BY published_at DESC, path",
}
"""The lists of posts, with their statements."""

_templates: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


def _inlined(name: str) -> dict[str, str]:
    """A file of this folder to stand in the page, with the hash by which the page's policy lets it in."""
    text = (_FOLDER / f"report.{name}").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return {name: Markup(text), f"{name}_hash": f"sha256-{digest}"}  # noqa: S704  the program's own


def language(connection: duckdb.DuckDBPyConnection) -> str:
    """The language that most titles are written in, as far as their script tells it; else English."""
    row = connection.execute(
        """
        SELECT count(*) FILTER (regexp_matches(title, '[\\x{3041}-\\x{30FF}]')) AS japanese,
            count(*) FILTER (regexp_matches(title, '[\\x{AC00}-\\x{D7A3}]')) AS korean,
            count(*) FILTER (regexp_matches(title, '[\\x{4E00}-\\x{9FFF}]')) - japanese AS chinese,
            count(*)
        FROM posts
        """
    ).fetchall()[0]
    return next((name for name, number in zip(("ja", "ko", "zh"), row, strict=False) if 2 * number > row[-1]), "en")


def language_of(build: Path, lang: str) -> Words:
    """The words in which the build's report speaks; `lang` as for `write`."""
    with connect(build / DATABASE) as connection:
        return words(lang or language(connection))


def _named_posts(connection: duckdb.DuckDBPyConnection, results: list[Result]) -> dict[str, Post]:
    """The posts that rows name by path."""
    paths = {
        value
        for result in results
        for at, column in enumerate(result.columns)
        if tables.is_path(column)
        for value in (row[at] for row in result.rows)
        if isinstance(value, str)
    }
    found = connection.execute(
        "SELECT published_on, title, path, url, rendered, state FROM posts WHERE path IN (SELECT unnest(?))",
        [sorted(paths)],
    ).fetchall()
    return {row[2]: Post(*row) for row in found}


def _posts_page(connection: duckdb.DuckDBPyConnection, said: Words, links: Links) -> list[dict[str, Any]]:
    """The lists of `posts.html`."""
    lists = []
    for name, sql in _LISTS.items():
        posts = [Post(*row) for row in connection.execute(f"{sql} LIMIT {LISTED_POSTS}").fetchall()]
        count = connection.execute(f"SELECT count(*) FROM ({sql})").fetchall()[0][0]
        if posts:
            note = tables.counted(len(posts), count, said)
            table = tables.of_posts(posts, said[name], note, said, links, state=name == "waiting")
            lists.append({"name": name, "title": said[name], "table": table, "sql": sql})
    return lists


def write(build: Path, results: list[Result], *, site: str, lang: str, url: str = "", baseurl: str = "") -> Path:
    """Write the build's report anew; returns the path of its first page. Everything that comes from posts is escaped.

    Args:
        results: the models' answers, as `results` gives them.
        site: the site's name.
        lang: its language, as titles show it if empty; zh… makes the report Chinese, any other English.
        url: its address, to which the posts' pages are linked; without one their paths are shown.
        baseurl: the folder below that address.
    """
    folder = build / "report"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with connect(build / DATABASE) as connection:
        lang = lang or language(connection)
        said = words(lang)
        largest = topics.largest(connection)
        links = Links(
            frozenset(topic.page for topic in largest), tables.site_url(url, baseurl), _named_posts(connection, results)
        )
        index = overview(connection, results, largest, said, links)
        lists = _posts_page(connection, said, links)
        months = connection.execute(
            "SELECT strftime(published_on, '%Y-%m'), count(*) FROM posts WHERE state = 'published' GROUP BY ALL"
        ).fetchall()
        last = connection.execute(
            "SELECT build_id, finished_at FROM builds ORDER BY started_at DESC LIMIT 1"
        ).fetchone()
    build_id, finished_at = last or ("", None)
    shared = {
        "words": said,
        "site": site,
        "site_lang": lang,
        "build": said.say("build", build=build_id, finished=f"{said.value(None, '', finished_at)} UTC"),
        "script_words": {name: said[name] for name in _SCRIPT_WORDS},
        **_inlined("css"),
        **_inlined("js"),
    }

    def page(template: str, name: str, values: dict[str, Any]) -> Path:
        path = folder / name
        path.write_text(_templates.get_template(template).render(shared | values), "utf-8")
        return path

    page("posts.html", "posts.html", {"lists": lists})
    over, posts = archive_months([month for month, _ in months]), sum(count for _, count in months)
    for topic in largest:
        page("topic.html", topic.page, topic_page(topic, over, posts, said, links))
    return page("index.html", "index.html", index)
