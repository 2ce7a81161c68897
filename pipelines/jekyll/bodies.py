"""From bodies to what their pages say: the tables `post_bodies`, `post_headings`, `post_code_blocks`, `post_links_raw`.

A body is read once. Elsewhere: Liquid (`liquid`), Markdown (`markdown`), what a page says (`html.page`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from pipelines import limits
from pipelines.html import page
from pipelines.html.page import Page
from pipelines.liquid.tokens import holding_liquid, taken_out
from pipelines.markdown import Options, parse
from pipelines.markdown.render import to_html
from warehouse import contracts

Cut = int | None
"""The place in a body at which its excerpt ends; None if the front matter has the excerpt."""

_LINK_COLUMNS: Final = (
    *("element", "attribute", "url", "in_code", "anchor", "anchor_start", "anchor_end", "in_item", "after_heading"),
)
_HEADING_COLUMNS: Final = ("level", "anchor_id", "text")
_CODE_COLUMNS: Final = ("language", "lines", "characters")


def read(
    posts: pl.DataFrame, bodies: Sequence[str], cuts: Sequence[Cut], markdown: Sequence[bool], options: Options
) -> tuple[dict[str, pl.DataFrame], pl.Series]:
    """Return the tables of these posts, and a series of the code of each.

    Args:
        posts: `path` and `month` of each.
        bodies: what follows the front matter of each.
        cuts: where the excerpt of each ends.
        markdown: True for Markdown, False for HTML.
        options: the site's options of kramdown.
    """
    written = pl.Series("body", bodies, pl.String)
    liquid = set(holding_liquid(written))
    pages = [
        (read_liquid if number in liquid else read_body)(body, cut, is_markdown, options)
        for number, (body, cut, is_markdown) in enumerate(zip(bodies, cuts, markdown, strict=True))
    ]
    keys = posts.select("path", "month")
    text = pl.Series("text", [one.text for one in pages], pl.String)
    excerpts = [None if cut is None else one.excerpt_characters for one, cut in zip(pages, cuts, strict=True)]
    tables = {
        "post_bodies": keys.with_columns(written, text, pl.Series("excerpt_characters", excerpts, pl.Int64)),
        "post_headings": _rows("post_headings", keys, [one.headings for one in pages], _HEADING_COLUMNS),
        "post_code_blocks": _rows(
            "post_code_blocks",
            keys,
            [[(block.language, block.lines, block.end - block.start) for block in one.code_blocks] for one in pages],
            _CODE_COLUMNS,
        ),
        "post_links_raw": _rows("post_links_raw", keys, [one.links[: limits.LINKS] for one in pages], _LINK_COLUMNS),
    }
    code = ["\n".join(one.text[block.start : block.end] for block in one.code_blocks) for one in pages]
    return tables, pl.Series("code", code, pl.String)


def read_body(body: str, cut: Cut, is_markdown: bool, options: Options) -> Page:
    """Return what the page of a body without Liquid says."""
    cuts = cut is not None and cut < len(body)
    if is_markdown:
        return page.read(to_html(parse(body, options, cut if cut is not None and cuts else -1)))
    whole = page.read(body)
    return whole._replace(excerpt_characters=_shared(whole.text, page.read(body[:cut]).text)) if cuts else whole


def read_liquid(body: str, cut: Cut, is_markdown: bool, options: Options) -> Page:
    """Return what the page of a body says, without what its Liquid prints."""
    taken = taken_out(body, -1 if cut is None else cut)
    cuts = cut is not None and taken.cut < len(taken.text)
    if is_markdown:
        html = to_html(parse(taken.text, options, taken.cut if cuts else -1))
        return page.read(html, taken.shown, taken.written)
    whole = page.read(taken.text, taken.shown, taken.written)
    if not cuts:
        return whole
    head = page.read(taken.text[: taken.cut], taken.shown)
    return whole._replace(excerpt_characters=_shared(whole.text, head.text))


def _shared(text: str, head: str) -> int:
    """Return how many characters at the start of both are equal: of HTML cut in two, the head may end in half a tag."""
    if text.startswith(head):
        return len(head)
    return next((at for at, (one, other) in enumerate(zip(text, head, strict=False)) if one != other), len(text))


def _rows(
    table: str, keys: pl.DataFrame, rows: Sequence[Sequence[tuple[object, ...]]], columns: Sequence[str]
) -> pl.DataFrame:
    """Return a table of rows that each post has in order."""
    schema = contracts.polars_schema(table)
    flat = [row for of_post in rows for row in of_post]
    values = list(zip(*flat, strict=True)) if flat else [()] * len(columns)
    counts = pl.Series([len(of_post) for of_post in rows], dtype=pl.Int64)
    numbered = keys.with_columns(position=pl.int_ranges(1, counts + 1, dtype=pl.Int32)).filter(counts > 0)
    series = [pl.Series(name, list(value), schema[name]) for name, value in zip(columns, values, strict=False)]
    return numbered.explode("position").with_columns(series).select(list(schema))
