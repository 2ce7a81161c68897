"""Character references. Source: kramdown 2.4's `parser/kramdown/html_entity.rb`, `utils/entities.rb`."""

from __future__ import annotations

import re
from html.entities import name2codepoint
from typing import Final

from pipelines.markdown.document import Node
from pipelines.markdown.spans.state import SpanState

_REFERENCE: Final = re.compile(r"&(?:([\w:][\-\w.:]*)|#[0-9]+|#x[0-9a-fA-F]+);")
_NAMES: Final = frozenset((*name2codepoint, "apos", "vellip"))


def entity(state: SpanState) -> bool:
    """Read a reference that ends in a semicolon. With an unknown name its ampersand means itself."""
    found = _REFERENCE.match(state.text, state.at)
    if not found:
        return False
    if found[1] and found[1] not in _NAMES:
        return state.add(Node("entity", "&amp;", block=False), state.at + 1)
    return state.add(Node("entity", found[0], block=False), found.end())
