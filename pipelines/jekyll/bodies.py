"""From bodies to what their pages say: the tables `post_bodies`, `post_headings`, `post_code_blocks`, `post_links_raw`.

A body is read once: by expressions if it is plain (`markdown.plain`), else by the parser of its markup. Elsewhere:
Liquid (`liquid`), Markdown (`markdown`), what a page says (`html.page`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from pipelines.html import page
from pipelines.html.page import Page
from pipelines.liquid.tokens import holding_liquid, taken_out
from pipelines.markdown import Options, parse, plain, render
from pipelines.markup import is_markdown, to_html
from warehouse import contracts

Cut = int | None
"""The place in a body at which its excerpt ends; None if the front matter has the excerpt."""

_TEXTS: Final = pl.Schema(
    {"row": pl.Int32(), "text": pl.String(), "excerpt_characters": pl.Int64(), "code": pl.String()}
)
_LINK_COLUMNS: Final = {
    "element": "element",
    "attribute": "attribute",
    "value": "url",
    "code": "in_code",
    "anchor": "anchor",
    "start": "anchor_start",
    "end": "anchor_end",
    "in_item": "in_item",
    "after_heading": "after_heading",
}
"""The fields of `html.page.Link`, and their columns in `post_links_raw`."""


def read(
    posts: pl.DataFrame, bodies: Sequence[str], cuts: Sequence[Cut], markups: Sequence[str], options: Options
) -> tuple[dict[str, pl.DataFrame], pl.Series]:
    """Return the tables of these posts, and a series of the code of each.

    Args:
        posts: `path` and `month` of each.
        bodies: what follows the front matter of each.
        cuts: where the excerpt of each ends.
        markups: what each is written in (`markup.markup_of`).
        options: the site's options of kramdown.
    """
    keys = posts.select("path", "month").with_row_index("row").with_columns(pl.col("row").cast(pl.Int32))
    written = pl.Series("body", bodies, pl.String)
    liquid = set(holding_liquid(written))
    simple = [is_markdown(markup) and number not in liquid for number, markup in enumerate(markups)]
    may_be_plain = pl.Series(simple, dtype=pl.Boolean) & plain.applies(options)
    known = plain.read(pl.select(pl.when(may_be_plain).then(written)).to_series(), cuts)
    is_plain = set(known.texts["row"])
    pages = {
        row: (read_liquid if row in liquid else read_body)(body, cut, markup, options)
        for row, (body, cut, markup) in enumerate(zip(bodies, cuts, markups, strict=True))
        if row not in is_plain
    }
    texts = [(row, one.text, one.excerpt_characters, _code(one)) for row, one in pages.items()]
    texts_by_row = pl.concat([known.texts.cast(_TEXTS), pl.DataFrame(texts, _TEXTS, orient="row")]).sort("row")
    own_excerpts = pl.Series([cut is None for cut in cuts], dtype=pl.Boolean)
    headings = [(row, *heading) for row, one in pages.items() for heading in one.headings]
    blocks = [
        (row, block.language, block.lines, block.end - block.start)
        for row, one in pages.items()
        for block in one.code_blocks
    ]
    links = [*known.links, *((row, *link) for row, one in pages.items() for link in one.links)]
    tables = {
        "post_bodies": keys.select(
            "path",
            "month",
            written,
            texts_by_row["text"],
            excerpt_characters=pl.when(~own_excerpts).then(texts_by_row["excerpt_characters"]),
        ),
        "post_headings": _numbered("post_headings", keys, known.headings, headings),
        "post_code_blocks": _numbered("post_code_blocks", keys, known.code_blocks, blocks),
        "post_links_raw": _numbered("post_links_raw", keys, _linked(links), []),
    }
    return tables, texts_by_row["code"]


def read_body(body: str, cut: Cut, markup: str, options: Options) -> Page:
    """Return what the page of a body without Liquid says."""
    return _read(body, -1 if cut is None or cut >= len(body) else cut, markup, options, page.as_it_is, page.as_it_is)


def read_liquid(body: str, cut: Cut, markup: str, options: Options) -> Page:
    """Return what the page of a body says, without what its Liquid prints."""
    taken = taken_out(body, -1 if cut is None or cut >= len(body) else cut)
    return _read(taken.text, taken.cut, markup, options, taken.shown, taken.written)


def _read(text: str, cut: int, markup: str, options: Options, shown: page.Change, written: page.Change) -> Page:
    if is_markdown(markup):
        return page.read(render.to_html(parse(text, options, cut)), shown, written)
    if markup != "html":
        return page.read(to_html(text, markup, cut), shown, written)
    whole = page.read(text, shown, written)
    if cut < 0:
        return whole
    return whole._replace(excerpt_characters=_shared(whole.text, page.read(text[:cut], shown).text))


def _shared(text: str, head: str) -> int:
    """Return how many characters at the start of both are equal: of HTML cut in two, the head may end in half a tag."""
    if text.startswith(head):
        return len(head)
    return next((at for at, (one, other) in enumerate(zip(text, head, strict=False)) if one != other), len(text))


def _code(one: Page) -> str:
    return "\n".join(one.text[block.start : block.end] for block in one.code_blocks)


def _linked(links: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """Return links, each after its row, as a frame."""
    schema = contracts.polars_schema("post_links_raw")
    names = {"row": pl.Int32(), **{column: schema[column] for column in _LINK_COLUMNS.values()}}
    columns = list(zip(*links, strict=True)) if links else [()] * len(names)
    return pl.DataFrame(
        [pl.Series(name, list(values), dtype) for (name, dtype), values in zip(names.items(), columns, strict=True)]
    )


def _numbered(table: str, keys: pl.DataFrame, known: pl.DataFrame, rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """Return a table of what each post has in order: the rows of plain posts, and those of the others."""
    more = pl.DataFrame(rows, known.schema, orient="row")
    numbered = (
        pl.concat([known, more])
        .sort("row", maintain_order=True)
        .with_columns(position=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("row"))
    )
    return numbered.join(keys, on="row", maintain_order="left").select(list(contracts.polars_schema(table)))
