"""Bounds on how HTML nests, so that its tree costs time and memory that grow with its length alone.

Each block looks through all open elements, and each takes over all formatting elements that nobody closed. Browsers
bound depth, too (Chromium to 512).
"""

from __future__ import annotations

import re
from typing import Final

DEEPEST: Final = 512
"""Open elements. The start tags of deeper ones become `<wbr>`, which holds nothing."""
TAKEN_OVER: Final = 20_000
"""How often blocks take over formatting elements. Beyond it all of them end, and no more start."""

_FEW: Final = 1000
"""So few tags cost little, however they nest."""
_TAG: Final = re.compile(r"<(?:!--|(/?)([A-Za-z][A-Za-z0-9-]*))")
_RAW: Final = frozenset(("script", "style", "textarea", "title", "iframe", "xmp", "noembed", "noframes"))
_FORMATTING: Final = frozenset(
    ("b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u")
)
_UNCOUNTED: Final = frozenset(
    (
        *(
            "area",
            "base",
            "br",
            "col",
            "embed",
            "hr",
            "img",
            "input",
            "link",
            "meta",
            "param",
            "source",
            "track",
            "wbr",
        ),
        *("p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "a", "html", "head", "body"),
    )
)
"""Elements that hold nothing, or that another of their kind ends."""


def bounded(html: str) -> str:
    """Return HTML that nests no deeper than the bounds allow: nearly always the same."""
    if html.count("<") <= _FEW:
        return html
    parts: list[str] = []
    written = skip = taken_over = formatting = 0
    opened: list[tuple[str, bool]] = []
    """Names of the open elements, and if their tags stay."""
    for tag in _TAG.finditer(html):
        start = tag.start()
        if start < skip:
            continue
        name = tag[2].lower() if tag[2] else ""
        if not name or (name in _RAW and not tag[1]):
            skip = html.find(f"</{name}" if name else "-->", tag.end())
            if skip < 0:
                break
            continue
        stays, is_formatting = True, name in _FORMATTING
        if tag[1]:
            if opened and opened[-1][0] == name:
                stays = opened.pop()[1]
                formatting -= is_formatting and stays
        elif is_formatting or name not in _UNCOUNTED:
            stays = len(opened) < DEEPEST and not (is_formatting and taken_over > TAKEN_OVER)
            opened.append((name, stays))
            formatting += is_formatting and stays
        if not is_formatting and not tag[1] and taken_over <= TAKEN_OVER:
            taken_over += formatting
            if taken_over > TAKEN_OVER:
                ends = (f"</{one}>" for one, kept in reversed(opened) if kept and one in _FORMATTING)
                parts += [html[written:start], *ends]
                written = start
        if not stays:
            parts += [html[written:start], f"<{tag[1]}wbr"]
            written = tag.end()
    return "".join([*parts, html[written:]]) if parts else html
