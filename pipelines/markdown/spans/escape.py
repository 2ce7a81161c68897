"""Escaped characters. Source: kramdown-parser-gfm's `ESCAPED_CHARS_GFM`, kramdown 2.4's `line_break.rb`."""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.spans.state import SpanState

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
    state.at += 1
    return state.take(1)
