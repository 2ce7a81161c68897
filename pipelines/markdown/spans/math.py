"""Mathematics in a line: `$$…$$`. Source: kramdown 2.4's `parser/kramdown/math.rb:parse_inline_math`."""

from __future__ import annotations

from pipelines.markdown.document import Node
from pipelines.markdown.patterns import STRIPPED
from pipelines.markdown.spans.state import SpanState


def inline_math(state: SpanState) -> bool:
    """Read mathematics, in which nothing else is read."""
    start = state.at
    closing = state.find("$$", start + 2) if state.text.startswith("$$", start) else -1
    if closing < 0:
        return False
    return state.add(Node("math", state.text[start + 2 : closing].strip(STRIPPED), block=False), closing + 2)
