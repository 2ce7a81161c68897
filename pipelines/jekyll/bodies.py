"""From bodies to what their pages say: the tables `post_bodies`, `post_headings`, `post_code_blocks`, `post_links_raw`.

A body is read once: by expressions if it is plain (`markdown.plain`), else by the parser of its markup. Elsewhere:
Liquid (`liquid`), Markdown (`markdown`), what a page says (`html.page`).
"""

from __future__ import annotations

from typing import Final

import polars as pl

from pipelines.columns.fallback import Answer, FastPath, Tables, framed
from pipelines.html import page
from pipelines.html.page import Page
from pipelines.liquid.tokens import holding_liquid, taken_out
from pipelines.markdown import Options, parse, plain, render
from pipelines.markup import is_markdown, to_html
from warehouse import contracts

Cut = int | None
"""The place in a body at which its excerpt ends; None if the front matter has the excerpt."""

_LINK_COLUMNS: Final = (
    *("element", "attribute", "url", "in_code", "anchor", "anchor_start", "anchor_end", "in_item", "after_heading"),
)
"""The columns of `post_links_raw` for the fields of `html.page.Link`, in their order."""


def read(posts: pl.DataFrame, options: Options) -> tuple[dict[str, pl.DataFrame], pl.Series]:
    """Return the tables of these posts, and a series of the code of each.

    Args:
        posts: path, month, body (what follows the front matter), cut (where its excerpt ends) and markup
            (`markup.markup_of`).
        options: the site's options of kramdown.
    """
    posts = posts.select("path", "month", "body", "cut", "markup", row=pl.int_range(pl.len(), dtype=pl.Int32))
    liquid = pl.Series(holding_liquid(posts["body"]), dtype=pl.Int32)
    pages = BODIES.read(options, posts.with_columns(has_liquid=pl.col("row").is_in(liquid.implode())))
    texts = pages["texts"]
    excerpt = pl.when(pl.col("cut").is_not_null()).then(texts["excerpt_characters"])
    tables = {
        "post_bodies": posts.select("path", "month", "body", texts["text"], excerpt_characters=excerpt),
        **{table: _numbered(table, posts, pages[table]) for table in BODIES.tables if table != "texts"},
    }
    return tables, texts["code"]


def _fast(options: Options, bodies: pl.DataFrame) -> Tables:
    markdown = pl.Series([is_markdown(markup) for markup in bodies["markup"]], dtype=pl.Boolean)
    may_be_plain = markdown & ~bodies["has_liquid"] & plain.applies(options)
    known = plain.read(bodies.select(pl.when(may_be_plain).then("body")).to_series(), bodies["cut"].to_list())
    return {
        "texts": known.texts.with_columns(pl.col("excerpt_characters").cast(pl.Int64)),
        "post_headings": known.headings,
        "post_code_blocks": known.code_blocks,
        "post_links_raw": framed({"row": pl.Int32(), **BODIES.tables["post_links_raw"]}, known.links),
    }


def _slow(options: Options, body: str, cut: Cut, markup: str, has_liquid: bool) -> Answer:
    one = (read_liquid if has_liquid else read_body)(body, cut, markup, options)
    return {
        "texts": [(one.text, one.excerpt_characters, "\n".join(one.text[at.start : at.end] for at in one.code_blocks))],
        "post_headings": one.headings,
        "post_code_blocks": [(at.language, at.lines, at.end - at.start) for at in one.code_blocks],
        "post_links_raw": one.links,
    }


_LINKS: Final = contracts.polars_schema("post_links_raw")
BODIES: Final = FastPath[Options](
    "bodies",
    ("body", "cut", "markup", "has_liquid"),
    {
        "texts": {"text": pl.String(), "excerpt_characters": pl.Int64(), "code": pl.String()},
        "post_headings": {"level": pl.Int32(), "anchor_id": pl.String(), "text": pl.String()},
        "post_code_blocks": {"language": pl.String(), "lines": pl.Int32(), "characters": pl.Int64()},
        "post_links_raw": {column: _LINKS[column] for column in _LINK_COLUMNS},
    },
    _fast,
    _slow,
)


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


def _numbered(table: str, posts: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return a table of what each post has in order."""
    numbered = rows.with_columns(position=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("row"))
    return numbered.join(posts, on="row", maintain_order="left").select(list(contracts.polars_schema(table)))
