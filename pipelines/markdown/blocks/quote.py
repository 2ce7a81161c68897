"""Block quotes. Source: kramdown 2.4's `parser/kramdown/blockquote.rb`."""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.blocks.state import BlockState
from pipelines.markdown.patterns import LAZY_END

_LINES: Final = re.compile(rf"[^\n]*\n(?:(?!{LAZY_END})[^\n]*\n)*")
_MARKS: Final = re.compile(r"^ {0,3}> ?", re.MULTILINE)


def quote(state: BlockState) -> bool:
    """Read quoted lines and the lazy lines after them."""
    start = state.at
    found = _LINES.match(state.text, start)
    end = found.end() if found else state.end
    node = state.add("blockquote")
    state.at = end
    state.nested(_MARKS.sub("", state.text[start:end]), node)
    return True
