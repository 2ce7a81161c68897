"""The links of bodies so plain that no parser is needed: most of a news archive, and of many a blog.

A body is plain where each line, taken by itself, is text that no rule of kramdown reads differently, with nothing in
it but whole links, code and a few inline elements; or where it is paragraphs of HTML, or fenced code. That is a
regular language: one pattern says of a body whether it is plain, another takes out of it the pieces that may hold
links, both in Polars' engine, in time linear in the text. Whatever is not surely plain is left to the parser: the two
agree, this one is only faster. What belongs elsewhere: the rules themselves (`markdown_blocks`, `markdown_spans`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import polars as pl

from pipelines.normalise.link_page import Link, Page
from pipelines.normalise.markdown_html import attributes
from pipelines.normalise.memory import remembered

_TELLING = r"<\[`\\|{\t\n\f\v\r$~"
"""What may be a link, code, an escape, a table, an attribute list, indentation, mathematics or struck out."""

_GIVEN = r'(?: [a-zA-Z][a-zA-Z-]*="[^"<>\n\r{\[`]*")*'
_URL = r"<https?://[^\s\x00-\x20<>`\\|{]+>"
_WORD = r"[0-9A-Za-z](?:_[0-9A-Za-z])+"
_LABEL = rf"(?:[^\[\]<`\\|{{\t\n\r*_$~^]|{_WORD})(?:[^\[\]<`\\|{{\t\n\r*_$~]|{_WORD})*"
_PLACE = r"""[^\s\x00-\x20()<>"'`\\|{\[\]]"""
_LINK = rf"""\[{_LABEL}\]\((?:{_PLACE}|\({_PLACE}*\))+(?: "[^"\n\r<`\\|{{\[\]()]*")?\)"""
_CODE = r"`[^ `|\t\n\f\v\r][^`|\n\r]*`"
"""Code in a line: between single marks, with no pipe, which may part a table's cells."""


def _elements(words: str) -> str:
    """Inline elements around such words."""
    bare = "|".join(f"<{name}>{words}</{name}>" for name in ("strong", "b", "em", "i", "small", "sub", "sup"))
    return rf"<a{_GIVEN}>{words}</a>|<span{_GIVEN}>{words}</span>|{bare}|<(?:br|img{_GIVEN}) ?/?>"


_IN_LINE = _elements(r"[^<\[`\\|{\t\n\r*_$~]*")
_IN_PARAGRAPHS = _elements(r"[^<{`\r\[]*")
_WHOLE = rf"(?:{_URL}|{_LINK}|{_CODE}|{_IN_LINE})"
_ESCAPE = r"\\[0-9A-Za-z#*_.&+=>'\",:;/%@ -]"
_NUMBER = r"[0-9]+\.?"
_START = (
    rf"""(?:[A-Za-z\x80-\x{{10ffff}}("'%&@,.;?!/)}}]|#+[^ #{_TELLING}]|[0-9]+(?:[^0-9.{_TELLING}]|\.[^ {_TELLING}])"""
    rf"""|(?:\*\*?|__?)[^ *_{_TELLING}]|(?:\*\*|__?)?{_WHOLE}|{_ESCAPE})"""
)
"""What starts no block: not a mark, not a number that is one."""
_REST = rf"(?:[$~]?(?:[^{_TELLING}]|{_WHOLE}|{_ESCAPE}))*[$~]?"
_HEADER = rf"\#{{1,6}} +(?:[^ {_TELLING}]|{_WHOLE})"
_MARK = r"(?:> ?|[-*+] {1,3}|[0-9]+\. {1,3})"
"""At most one of a quote or an item."""

_LINE = rf"(?: {{0,3}}{_START}{_REST}|{_HEADER}{_REST}|{_NUMBER}|-{{3,}}| +)"
_MARKED = rf"{_MARK}(?:{_START}{_REST}|{_NUMBER})"
_EITHER = rf"(?: {{0,3}}{_MARK}?{_START}{_REST}|{_HEADER}{_REST}|{_MARK}?{_NUMBER}|-{{3,}}| +)"
_PARAGRAPHS = rf"(?:<p{_GIVEN}>(?:[^<{{`\r\]]|\][^<{{`\r(]|{_IN_PARAGRAPHS})*\]?</p>)+ *"
"""The bulk of an article in HTML. What would be a link in Markdown is none here, hence no `](`."""
_CODE_LINE = r"(?: {0,3}(?:`{0,2}[^`\n\r ][^\n\r]*|`{1,2} [^\n\r]*|`{0,2})| {4}[^\n\r]*)"
_FENCED = rf"```[^ \t\n\f\v\r`]*\n(?:{_CODE_LINE}\n)* {{0,3}}```"
_END = r"(?:\n|\z)"
_PLAIN: Final = (
    rf"\A(?:\n|(?:{_LINE}|{_PARAGRAPHS}|{_FENCED}`*[ \t]*){_END}"
    rf"|{_MARKED}{_END}(?:(?:{_EITHER}|{_PARAGRAPHS}){_END})*{_END})*\z"
)
"""A plain body. After a mark, and until an empty line, a fence may be part of what is marked."""
_PIECE: Final = rf"{_FENCED}|{_CODE}|{_URL}|<a(?: [^<>]*)?>[^<]*</a>|<[a-z]+ [a-zA-Z][^<>]*>|!?{_LINK}"
"""What in a plain body may hold a link; and code, in which nothing is one."""
_MARKDOWN_IN_HTML: Final = r"<[a-z][^<>]*markdown"
_SIGNS: Final = r"[<\[{]"

_TAG: Final = re.compile(r"<([a-z]+)((?: [^<>]*)?)>(?:([^<]*)</a>)?")


def pieces(texts: pl.Series) -> list[list[str] | None]:
    """Of each Markdown text without Liquid the pieces that may hold a link, in order; None where it is not plain."""
    plain = texts.str.contains(_PLAIN) & ~texts.str.contains(_MARKDOWN_IN_HTML)
    known = pl.select(pl.when(plain | ~texts.str.contains(_SIGNS)).then(texts)).to_series()
    return known.str.extract_all(_PIECE).to_list()


def links(taken: Iterable[str]) -> list[Link]:
    """The links that these pieces are."""
    found: list[Link] = []
    for piece in taken:
        if piece.startswith("`"):  # code
            continue
        if piece.startswith("<http") and "&" not in piece:
            found.append(Link("a", "href", piece[1:-1], False, piece[1:-1], False))
        else:
            found += _links(piece)
    return found


@remembered(1 << 14)
def _links(piece: str) -> list[Link]:
    page = Page()
    if tag := _TAG.fullmatch(piece):
        name, given, words = tag.groups()
        page.open(name, attributes(given, True))
        page.text(words or "")
    elif piece[0] == "<":
        page.add("a", "href", piece[1:-1], piece[1:-1])
    else:
        label, _, url = piece[:-1].partition("](")
        image = label[0] == "!"
        page.add(*(("img", "src") if image else ("a", "href")), url.partition(" ")[0], label[2 if image else 1 :])
    return page.links()
