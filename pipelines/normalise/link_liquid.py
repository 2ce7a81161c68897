"""Liquid in a body: taken out before the body is read as Markdown or HTML, put back into what was found.

Jekyll runs Liquid before kramdown, so the blanks and quotes inside a tag are no Markdown, and what stands in
`{% highlight %}`, `{% raw %}` and `{% comment %}` holds no links. Nothing is executed. What belongs elsewhere: what
a tag in a url stands for (`liquid`).
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

_START = re.compile(r"\{\{|\{%-?[ \t\n\r\f\v]*(\w*)")
_TOKEN = re.compile("\ue000([0-9]{1,9})\ue001")
_HIGHLIGHTED = '<figure class="highlight"><pre><code></code></pre></figure>'
"""What Jekyll makes of a highlighted block (its tags/highlight.rb), its code left out."""
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
"""Tags that print nothing by themselves: alone on a line, they leave it blank."""


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
    at, end = 0, len(body)
    while at < end:
        found = _START.search(body, at)
        if not found:
            break
        start = found.start()
        parts.append(body[at:start])
        name = found[1]
        stop = -1 if (mark := "}}" if name is None else "%}") in unclosed else body.find(mark, found.end())
        if stop < 0:
            unclosed.add(mark)
            parts.append(body[start : start + 2])
            at = start + 2
            continue
        at = stop + 2
        if name in ("comment", "highlight", "raw") and name not in unclosed:
            closing = re.compile(rf"\{{%-?[ \t\n\r\f\v]*end{name}[ \t\n\r\f\v]*-?%\}}").search(body, at)
            if closing:
                at = closing.end()
                if name != "raw":
                    parts.append(_HIGHLIGHTED if name == "highlight" else "")
                    continue
            else:
                unclosed.add(name)
        if name in _SILENT and _stands_alone(body, start, at):
            continue
        parts.append(f"\ue000{len(pieces)}\ue001")
        pieces.append(body[start:at])
    parts.append(body[at:])
    return "".join(parts), pieces


def put_back(text: str, pieces: list[str]) -> str:
    """The text with its Liquid as it was written."""
    if "\ue000" not in text:
        return text
    return _TOKEN.sub(lambda found: pieces[int(found[1])] if int(found[1]) < len(pieces) else found[0], text)


def _stands_alone(body: str, start: int, end: int) -> bool:
    before = body[body.rfind("\n", 0, start) + 1 : start]
    newline = body.find("\n", end)
    after = body[end : newline if newline >= 0 else len(body)]
    return not before.strip() and not after.strip()
