"""`backfile search`: posts by words. What is found, and in which order, is said in `warehouse.search`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from pipelines import terminal
from pipelines.commands.errors import clear_errors, leave
from pipelines.commands.published import asking, find_build, find_warehouse, warehouse_options

MADE_WITH_IT: Final = "FROM duckdb_functions() WHERE function_name = 'search' AND function_type = 'table_macro'"
FOUND: Final = """
    SELECT score, published_on, state, title, url, path, occurrences, snippet FROM search($words) LIMIT $limit
"""
MARKED: Final = r"""
    SELECT published_on, state, path,
        regexp_replace(coalesce(title, path), pattern, marked, 'g') AS title,
        regexp_replace(snippet, pattern, marked, 'g') AS snippet
    FROM (FROM search($words) LIMIT $limit),
        (SELECT stored.search_marks($words) AS pattern, chr(2) || '\0' || chr(3) AS marked)
"""
"""The same with what was found between \\x02 and \\x03."""

INDENT: Final = 12
"""Columns to the left of all but the title: as wide as its date."""


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("words", nargs=-1)
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="So many posts at most.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array of objects, one a line.")
@warehouse_options
def search(words: tuple[str, ...], limit: int, as_json: bool, site: Path | None, warehouse: Path | None) -> None:
    """Search the posts of the published build for WORDS, best first.

    Every word must occur, in title, excerpt or text; -WORD excludes, "TWO WORDS" in quotes are a phrase. Case does not
    matter, nor width, nor traditional or simplified Chinese. The same from SQL: FROM search('words').
    """
    sought = " ".join(map(_quoted, words))
    if not any(word.strip('"- ') and not word.startswith("-") for word in words):
        leave("which words? name at least one that is to occur")
    with clear_errors():
        build = find_build(find_warehouse(site, warehouse))
    from warehouse.connection import confine

    with asking(build) as connection:
        confine(connection, build)
        if not connection.execute(MADE_WITH_IT).fetchall():
            leave(f"{build.name} was made by an earlier Backfile, which knew no search; backfile build makes it anew")
        from pipelines import formats

        asked = {"words": sought, "limit": limit + (not as_json)}
        result = connection.execute(FOUND if as_json else MARKED, asked)
        names = formats.names(result)
        if as_json:
            formats.write_json(names, formats.rows(result), sys.stdout)
            return
        posts = [dict(zip(names, row, strict=True)) for row in formats.rows(result)]
    _show(posts, limit)


def _quoted(word: str) -> str:
    """An argument as it is meant: one of several words was quoted for the shell, so it is a phrase."""
    if word.startswith("--"):
        leave(f"there is no option {word}; to search for it, write '\"{word}\"'")
    if '"' in word or not word[1:].strip().count(" "):
        return word
    return f'-"{word[1:]}"' if word.startswith("-") else f'"{word}"'


def _show(posts: list[dict[str, object]], limit: int) -> None:
    """Each post in a line, its path and what was found; on a terminal the words that were sought are bold."""
    for post in posts[:limit]:
        state = "" if post["state"] == "published" else f"  {post['state']}"
        terminal.say(f"{post['published_on']}  ", *marked(post["title"]), (state, "dim"))
        terminal.say((str(post["path"]), "dim"), indent=INDENT)
        if post["snippet"]:
            terminal.say(*marked(post["snippet"]), indent=INDENT)
    if not posts:
        terminal.say("no post has all these words", file=sys.stderr)
    if len(posts) > limit:
        terminal.say(f"… and more; --limit {limit * 5} shows up to {limit * 5}", file=sys.stderr)


def marked(value: object) -> list[terminal.Piece]:
    """Return the text with the words between marks in bold."""
    shown: list[terminal.Piece] = []
    for piece in str(value).split("\x02"):
        found, _, rest = piece.rpartition("\x03")
        shown += [(found, "bold"), rest]
    return shown
