"""Patterns that several rules share.

Each is matched at the place where a rule stands, as kramdown's are. Ruby's `\\s` is ASCII, so the classes are explicit.
Source: kramdown 2.4's `parser/kramdown/{paragraph,codeblock,extensions,list}.rb` and kramdown-parser-gfm.
"""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.attributes import ATTRIBUTES
from pipelines.markdown.tags import BLANK, NAME, SPAN_ELEMENTS

WHITE: Final = " \t\n\r\f\v"
"""The characters that Ruby's `\\s` matches."""
STRIPPED: Final = WHITE + "\0"
"""The characters that Ruby's `strip` removes."""
INK: Final = r"[^ \t\n\r\f\v]"
ID: Final = r"[A-Za-z0-9_][A-Za-z0-9_\-]*"
TAIL: Final = r"([\t| ][^\n]*\n)"

_NO_SPAN = rf"(?!(?:{'|'.join(sorted(SPAN_ELEMENTS))}|script)\b)"
HTML_START: Final = rf"<{_NO_SPAN}{NAME}"
HTML_STOP: Final = rf"</{_NO_SPAN}{NAME}{BLANK}*>"
IAL: Final = rf"\{{:(?![:/])(?=[^}}]{{0,400}}\}}){ATTRIBUTES}\}}{BLANK}*?\n"
"""A closing brace is looked for first: it is the cheapest way to tell that there is no list."""
LAZY_END: Final = rf"{BLANK}*\n| {{0,3}}{IAL}|\^{BLANK}*?\n| {{0,3}}{HTML_STOP}| {{0,3}}{HTML_START}|\Z"
"""The start of a line that does not continue the block before it."""
PARAGRAPH_END: Final = rf"{LAZY_END}| {{0,3}}:[\t| ]"
PARAGRAPH_END_GFM: Final = (
    rf"{LAZY_END}| {{0,3}}(?:[+*\-]|[0-9]+\.|:)[\t| ]|\#{{1,6}}[\t ]|(?: {{0,3}})>| {{0,3}}[~`]{{3}}"
)

_UL = rf"( {{0,3}}[+*\-]){TAIL}"
_OL = rf"( {{0,3}}[0-9]+\.){TAIL}"
UNORDERED: Final = re.compile(_UL)
ORDERED: Final = re.compile(_OL)
LIST: Final = re.compile(rf"{_UL}|{_OL}")
BLANK_LINES: Final = re.compile(rf"(?:{BLANK}*\n)")
EOB: Final = re.compile(rf"\^{BLANK}*?\n")
RULE: Final = re.compile(r" {0,3}(\*|-|_)[ \t]*\1[ \t]*\1(?:\1|[ \t])*\n")
BOUNDARY: Final = re.compile(rf"{BLANK}*\n|\^{BLANK}*?\n| {{0,3}}{IAL}|\Z")
LINE: Final = re.compile(r"[^\n]*\n?")
REST_BLANK: Final = re.compile(rf"{BLANK}*?\n")
INDENTS: Final = re.compile(r"^(?:\t| {4})", re.MULTILINE)
CODE_BLOCK: Final = (
    rf"(?:(?:{BLANK}*\n)?(?:(?:\t| {{4}})[ \t]*{INK}[^\n]*\n)+"
    rf"(?:(?! {{0,3}}{IAL}|\^{BLANK}*?\n| {{0,3}}{HTML_STOP}| {{0,3}}{HTML_START})[ \t]*{INK}[^\n]*\n)*)*"
)
EXTENSION: Final = (
    rf"\{{::([A-Za-z0-9_]+)(?:{BLANK}((?:[^}}/]|/(?!\}})){{0,500}}))?(/)?\}}|\{{:/([A-Za-z0-9_][A-Za-z0-9_\-]*)?\}}"
)
