"""Markup of posts: which one a file has, and HTML of bodies in languages other than Markdown.

reStructuredText is docutils' work. AsciiDoc, Org and Textile have no Python package that stays linear in its input, so
they are read here: blocks line by line into a `writer.Writer`, spans by one pattern of tokens each. Jekyll shows a
body as it is written where no plugin converts it; here it reads as its author meant it.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Final

from pipelines.html.page import CUT
from pipelines.markup.kinds import extensions, is_markdown, markup_of
from pipelines.markup.writer import URL, Tokens

__all__ = ["extensions", "is_markdown", "markup_of", "to_html"]

_READ_HERE: Final = frozenset(("asciidoc", "org", "rst", "textile"))
"""Markups with a module of their own, which is imported with the first body."""

MAX_CHARACTERS: Final = 400_000
"""Of a larger body only addresses are found: a body takes one to two microseconds per character."""

_CUTS: Final = re.compile(rf"\n\n{CUT}\n\n|{CUT}")
_ADDRESSES: Final = Tokens(URL)


def to_html(body: str, markup: str, cut_at: int = -1) -> str:
    """Return the HTML of a body without Liquid that isn't in Markdown.

    Args:
        cut_at: a place in the body between two paragraphs. A comment (`page.CUT`) stands there.
    """
    comment = f"<!--{CUT}-->"
    if markup == "html":
        return body if cut_at < 0 else body[:cut_at] + comment + body[cut_at:]
    text = body.replace("\r\n", "\n").replace("\r", "\n")
    if cut_at >= 0:
        before = body[:cut_at].replace("\r\n", "\n").replace("\r", "\n")
        text = f"{before}\n\n{CUT}\n\n{text[len(before) :]}"
    is_read = markup in _READ_HERE and len(text) <= MAX_CHARACTERS
    html = import_module(f"pipelines.markup.{markup}").to_html(text) if is_read else plain(text)
    return _CUTS.sub(comment, html) if cut_at >= 0 else html


def plain(text: str) -> str:
    """Return the HTML of a text in an unknown language: its paragraphs, with addresses as links."""
    return "".join(
        f"<p>{_ADDRESSES.html(paragraph).replace(chr(10), '<br>')}</p>\n"
        for paragraph in text.split("\n\n")
        if paragraph.strip()
    )
