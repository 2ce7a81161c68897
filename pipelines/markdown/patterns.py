"""Patterns that several kinds of blocks share.

They are anchored at the place they are tried, as kramdown's are. What belongs elsewhere: patterns of one kind of
block, which stand beside it. Source: kramdown 2.4's `parser/kramdown/*.rb` and kramdown-parser-gfm.
"""

from __future__ import annotations

import re
from typing import Final

from pipelines.normalise.markdown_attributes import ATTRIBUTES
from pipelines.normalise.markdown_html import BLANK, NAME, SPAN_ELEMENTS

WHITE: Final = " \t\n\r\f\v"
"""What Ruby's `\\s` matches; its `strip` takes NUL as well."""
STRIPPED: Final = WHITE + "\0"
INK: Final = r"[^ \t\n\r\f\v]"
ID: Final = r"[A-Za-z0-9_][A-Za-z0-9_\-]*"
TAIL: Final = r"([\t| ][^\n]*\n)"

_NO_SPAN = rf"(?!(?:{'|'.join(sorted(SPAN_ELEMENTS))}|script)\b)"
HTML_START: Final = rf"<{_NO_SPAN}{NAME}"
HTML_STOP: Final = rf"</{_NO_SPAN}{NAME}{BLANK}*>"
IAL: Final = rf"\{{:(?![:/]){ATTRIBUTES}\}}{BLANK}*?\n"
LAZY_END: Final = rf"{BLANK}*\n| {{0,3}}{IAL}|\^{BLANK}*?\n| {{0,3}}{HTML_STOP}| {{0,3}}{HTML_START}|\Z"
"""What ends the lines that need no mark of their own."""

_UL = rf"( {{0,3}}[+*\-]){TAIL}"
_OL = rf"( {{0,3}}[0-9]+\.){TAIL}"
UNORDERED: Final = re.compile(_UL)
ORDERED: Final = re.compile(_OL)
LIST: Final = re.compile(rf"{_UL}|{_OL}")
BLANK_LINES: Final = re.compile(rf"{BLANK}*\n")
EOB: Final = re.compile(rf"\^{BLANK}*?\n")
RULE: Final = re.compile(r" {0,3}(\*|-|_)[ \t]*\1[ \t]*\1(?:\1|[ \t])*\n")
BOUNDARY: Final = re.compile(rf"{BLANK}*\n|\^{BLANK}*?\n| {{0,3}}{IAL}|\Z")
INDENTS: Final = re.compile(r"^(?:\t| {4})", re.MULTILINE)
CODE_BLOCK: Final = (
    rf"(?:(?:{BLANK}*\n)?(?:(?:\t| {{4}})[ \t]*{INK}[^\n]*\n)+"
    rf"(?:(?! {{0,3}}{IAL}|\^{BLANK}*?\n| {{0,3}}{HTML_STOP}| {{0,3}}{HTML_START})[ \t]*{INK}[^\n]*\n)*)*"
)
