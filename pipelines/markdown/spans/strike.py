"""Struck out words: `~~…~~`. Source: kramdown-parser-gfm's `parse_strikethrough_gfm`."""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.document import MAX_DEPTH, Node
from pipelines.markdown.spans.state import SpanState
from pipelines.markdown.tags import BLANK

_STRIKE: Final = re.compile(rf"~~(?!{BLANK}|~).*?[^ \t\n\r\f\v~]~~", re.DOTALL)


def strikethrough(state: SpanState) -> bool:
    """Read words between two double tildes. Their spans are read apart from the spans around them."""
    if state.flat or not state.text.startswith("~~", state.at):
        return False
    found = _STRIKE.match(state.text, state.at)
    if not found:
        state.spend(state.end - state.at)
        return False
    state.spend(found.end() - state.at)
    node = Node("html", "del", block=False)
    node.model = "span"
    words = found[0][2:-2]
    if state.depth < MAX_DEPTH:
        inner = SpanState(words, node, state.document, state.parse, state.steps)
        inner.depth = state.depth + 1
        state.parse(inner, None, "all")
        state.steps = inner.steps
    else:
        node.add_text(words)
    return state.add(node, found.end())
