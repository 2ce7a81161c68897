"""Liquid in a body: taken out before the body is read as Markdown or HTML, put back into what was found.

Jekyll runs Liquid before kramdown, so the blanks and quotes inside a tag are no Markdown, and what stands in
`{% highlight %}` and `{% comment %}` holds no links; in `{% raw %}` only Liquid means nothing. Nothing is executed.
What belongs elsewhere: what a tag in a url stands for (`liquid`).
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

_START = re.compile(r"\{\{|\{%-?[ \t\n\r\f\v]*(\w*)")
_SIGN: Final = "\ue000"
URL_SIGN: Final = "\ue002"
URL_TOKEN: Final = f"{URL_SIGN}[0-9]{{1,9}}\ue001"
"""An output that is a url by its name, where only a url makes sense: `<{{ page.url }}>`."""
_TOKEN = re.compile(f"[{_SIGN}{URL_SIGN}]([0-9]{{1,9}})\ue001")
_URL_OUTPUT = re.compile(r"\{\{[^<>]*(?:ur[li]|link|href)[^<>]*\}\}", re.IGNORECASE)
_REST_OF_URL = re.compile(r"[^\s<>]*>")
_HIGHLIGHTED = '<figure class="highlight"><pre><code></code></pre></figure>'
"""What Jekyll makes of a highlighted block (its tags/highlight.rb), its code left out."""
_BLOCKS: Final = {"comment": "", "highlight": _HIGHLIGHTED, "raw": ""}
"""Blocks in which Liquid means nothing, and what stands for them; for `raw` what it holds."""
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
    """Whether there may be Liquid."""
    return "{{" in text or "{%" in text


def holding_liquid(texts: pl.Series) -> pl.Series:
    """The numbers of the texts in which there may be Liquid."""
    return texts.str.contains(r"\{[{%]").arg_true()


def taken_out(body: str) -> tuple[str, list[str]]:
    """The body with one opaque word for each piece of Liquid, and the pieces."""
    parts: list[str] = []
    pieces: list[str] = []
    unclosed: set[str] = set()
    begins = True  # a line
    at, end = 0, len(body)
    while at < end:
        found = _START.search(body, at)
        if not found:
            break
        start = found.start()
        parts.append(body[at:start])
        if body.startswith("-", start + 2):
            parts[-1] = parts[-1].rstrip()
        begins = _begins_line(parts[-1], begins)
        name = found[1]
        stop = -1 if (mark := "}}" if name is None else "%}") in unclosed else body.find(mark, found.end())
        if stop < 0:
            unclosed.add(mark)
            parts.append(body[start : start + 2])
            begins = False
            at = start + 2
            continue
        at = stop + 2
        if name in _BLOCKS and name not in unclosed:
            closing = re.compile(rf"\{{%-?[ \t\n\r\f\v]*end{name}[ \t\n\r\f\v]*-?%\}}").search(body, at)
            if closing:
                parts.append(body[at : closing.start()] if name == "raw" else _BLOCKS[name])
                begins = _begins_line(parts[-1], begins)
                at = closing.end()
                continue
            unclosed.add(name)
        piece = body[start:at]
        if body.startswith("-", at - 3):
            while at < end and body[at].isspace():
                at += 1
        if name in _SILENT and begins:
            continue
        is_url = parts[-1].endswith("<") and _REST_OF_URL.match(body, at) and _URL_OUTPUT.fullmatch(piece)
        parts.append(f"{URL_SIGN if is_url else _SIGN}{len(pieces)}\ue001")
        pieces.append(piece)
        begins = False
    parts.append(body[at:])
    return "".join(parts), pieces


def _begins_line(part: str, before: bool) -> bool:
    """Whether nothing stands on the line in which this part ends, given whether nothing stood before it."""
    _, newline, last = part.rpartition("\n")
    return not last.strip() and (before or newline != "")


def put_back(text: str, pieces: list[str]) -> str:
    """The text with its Liquid as it was written."""
    if "\ue001" not in text:
        return text
    return _TOKEN.sub(lambda found: pieces[int(found[1])] if int(found[1]) < len(pieces) else found[0], text)


def without_tokens(text: str) -> str:
    """Return the text without what stands for Liquid."""
    return _TOKEN.sub("", text) if "\ue001" in text else text
