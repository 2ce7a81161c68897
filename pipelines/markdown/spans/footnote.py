"""Footnote markers. Source: kramdown 2.4's `parser/kramdown/footnote.rb:parse_footnote_marker`."""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.document import Node
from pipelines.markdown.spans.state import SpanState

_MARKER: Final = re.compile(r"\[\^([A-Za-z0-9_][A-Za-z0-9_\-]*)\]")


def footnote_marker(state: SpanState) -> bool:
    """Read `[^name]`; without a definition it is text."""
    found = _MARKER.match(state.text, state.at)
    if not found:
        return False
    if found[1] not in state.document.footnotes:
        return state.take(found.end() - state.at)
    return state.add(Node("footnote", found[1], block=False), found.end())
