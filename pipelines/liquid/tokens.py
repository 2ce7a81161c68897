"""Liquid in a body: taken out before the body is read as Markdown or HTML, put back into what was found.

Jekyll runs Liquid before kramdown. So a tag's blanks and quotes are not Markdown, `{% comment %}` shows nothing, and
`{% highlight %}` and Octopress's `{% codeblock %}` are blocks of code. In `{% raw %}` Liquid is text. Nothing is
executed: the output of a tag is unknown, and shows nothing.

Source: Jekyll 4.3's `tags/highlight.rb`, Liquid 4's `block_body.rb` and `tokenizer.rb`, Octopress's `code_block.rb`.
"""

from __future__ import annotations

import re
from html import escape
from typing import Final, NamedTuple

import polars as pl

_START = re.compile(r"\{\{|\{%-?[ \t\n\r\f\v]*(\w*)")
_SIGN: Final = "\ue000"
URL_SIGN: Final = "\ue002"
URL_TOKEN: Final = f"{URL_SIGN}[0-9]{{1,9}}\ue001"
"""An output that is a url by its name, where only a url makes sense: `<{{ page.url }}>`."""
_TOKEN = re.compile(f"[{_SIGN}{URL_SIGN}]([0-9]{{1,9}})\ue001")
_URL_OUTPUT = re.compile(r"\{\{[^<>]*(?:ur[li]|link|href)[^<>]*\}\}", re.IGNORECASE)
_REST_OF_URL = re.compile(r"[^\s<>]*>")
_BLOCKS: Final = frozenset(("comment", "highlight", "codeblock", "raw"))
"""Blocks in which Liquid means nothing. (In `highlight` it does; but what it prints is unknown.)"""
_LANGUAGE: Final = re.compile(r"(?:highlight[ \t\n]+|[ \t]lang:)([\w.+#-]+)")
_SILENT: Final = frozenset(
    (
        "assign",
        "break",
        "capture",
        "case",
        "continue",
        "decrement",
        "else",
        "elsif",
        "endcapture",
        "endcase",
        "endfor",
        "endif",
        "endtablerow",
        "endunless",
        "for",
        "if",
        "tablerow",
        "unless",
        "when",
    )
)
"""Tags that print nothing by themselves: what follows them begins the line."""


def holds_liquid(text: str) -> bool:
    """Return True if there may be Liquid."""
    return "{{" in text or "{%" in text


def holding_liquid(texts: pl.Series) -> pl.Series:
    """Return the numbers of the texts in which there may be Liquid."""
    return texts.str.contains(r"\{[{%]").arg_true()


class Taken(NamedTuple):
    """A body without its Liquid."""

    text: str
    """The body with an opaque word for each piece of Liquid."""
    pieces: list[tuple[str, str]]
    """Each piece as written, and as far as it is known what the page shows of it."""
    cut: int
    """The given place, in the text."""

    def shown(self, text: str) -> str:
        """Return a text as the page shows it: with code, without other Liquid."""
        return self._put_back(text, 1)

    def written(self, text: str) -> str:
        """Return a text with its Liquid as written."""
        return self._put_back(text, 0)

    def _put_back(self, text: str, which: int) -> str:
        if "\ue001" not in text:
            return text
        pieces = self.pieces
        return _TOKEN.sub(lambda found: pieces[int(found[1])][which] if int(found[1]) < len(pieces) else found[0], text)


def taken_out(body: str, cut: int = -1) -> Taken:
    """Take the Liquid out of a body.

    Args:
        cut: a place in the body. Inside Liquid it becomes the place of what stands for the Liquid.
    """
    return _Taking(body, cut).all()


class _Taking:
    def __init__(self, body: str, cut: int) -> None:
        self.body = body
        self.cut = cut
        self.new_cut = -1
        self.parts: list[str] = []
        self.length = 0
        self.pieces: list[tuple[str, str]] = []
        self.unclosed: set[str] = set()
        self.begins_line = True

    def add(self, part: str, start: int, end: int) -> None:
        """Add what stands for the body from `start` to `end`."""
        if self.new_cut < 0 <= self.cut < end:
            self.new_cut = self.length + min(max(0, self.cut - start), len(part))
        self.parts.append(part)
        self.length += len(part)
        _, newline, last = part.rpartition("\n")
        self.begins_line = not last.strip() and (self.begins_line or newline != "")

    def token(self, written: str, shown: str = "", sign: str = _SIGN) -> str:
        self.pieces.append((written, shown))
        return f"{sign}{len(self.pieces) - 1}\ue001"

    def all(self) -> Taken:
        body, at, end = self.body, 0, len(self.body)
        while at < end and (found := _START.search(body, at)):
            start = found.start()
            before = body[at:start]
            self.add(before.rstrip() if body.startswith("-", start + 2) else before, at, start)
            at = self.piece(found, start)
        self.add(body[at:], at, end + 1)
        return Taken("".join(self.parts), self.pieces, self.new_cut)

    def piece(self, found: re.Match[str], start: int) -> int:
        """Take out the tag or output that starts there, with its block; return the place after it."""
        body, name = self.body, found[1]
        mark = "}}" if name is None else "%}"
        stop = -1 if mark in self.unclosed else body.find(mark, found.end())
        if stop < 0:
            self.unclosed.add(mark)
            self.add(body[start : start + 2], start, start + 2)
            return start + 2
        at = stop + 2
        if name in _BLOCKS and name not in self.unclosed:
            closing = re.compile(rf"\{{%-?[ \t\n\r\f\v]*end{name}[ \t\n\r\f\v]*-?%\}}").search(body, at)
            if closing:
                self.block(name, body[start:at], body[at : closing.start()], at if name == "raw" else start, closing)
                return closing.end()
            self.unclosed.add(name)
        piece = body[start:at]
        if body.startswith("-", at - 3):
            while at < len(body) and body[at].isspace():
                at += 1
        if name in _SILENT and self.begins_line:
            return at
        before = self.parts[-1]
        is_url = before.endswith("<") and _REST_OF_URL.match(body, at) and _URL_OUTPUT.fullmatch(piece)
        self.add(self.token(piece, sign=URL_SIGN if is_url else _SIGN), start, at)
        return at

    def block(self, name: str, tag: str, content: str, start: int, closing: re.Match[str]) -> None:
        if name == "raw":
            self.add(content, start, closing.end())
        elif name == "comment":
            self.add("", start, closing.end())
        else:
            code = content.strip("\n\r")
            language = _LANGUAGE.search(tag)
            named = f' class="language-{escape(language[1])}"' if language else ""
            token = self.token(f"{tag}{content}{closing[0]}", code)
            html = f'<figure class="highlight"><pre><code{named}>{token}</code></pre></figure>'
            self.add(html, start, closing.end())


def without_tokens(text: str) -> str:
    """Return the text without what stands for Liquid."""
    return _TOKEN.sub("", text) if "\ue001" in text else text
