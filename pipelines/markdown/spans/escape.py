"""Escaped characters. Source: kramdown-parser-gfm's `ESCAPED_CHARS_GFM`, kramdown 2.4's `line_break.rb`."""

from __future__ import annotations

import re
from typing import Final

from pipelines.html.references import escaped
from pipelines.markdown.document import Node
from pipelines.markdown.spans.state import SpanState

_TYPOGRAPHIC: Final = frozenset("-.'\"")
"""Characters that may be typography, of which a heading's id has none. Escaped, they are in it."""
_ESCAPE: Final = re.compile(r"""\\([\\.*_+`<>()\[\]{}#!:|"'$=\-~])""")


def escaped_character(state: SpanState) -> bool:
    """Read a backslash with the character that it escapes, two that break a line, or one before guillemets."""
    text, at = state.text, state.at
    if text.startswith("\\\\\n", at) and not state.document.options.hard_wrap:
        state.tree.add_text("  ")  # as two blanks do
        state.at += 2
        return True
    if text.startswith(("<<", ">>"), at + 1):
        state.at += 1
        return state.take(2)
    if not _ESCAPE.match(text, at):
        return False
    if text[at + 1] in _TYPOGRAPHIC:
        return state.add(Node("entity", escaped(text[at + 1]), block=False), at + 2)
    state.at += 1
    return state.take(1)
