"""Mathematics as a block: `$$…$$`. Source: kramdown 2.4's `parser/kramdown/math.rb`."""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.blocks.state import BlockState
from pipelines.markdown.patterns import REST_BLANK, STRIPPED

_OPENING: Final = re.compile(r" {0,3}(\\)?\$\$")


def block_math(state: BlockState) -> bool:
    """Read mathematics that stands alone. Skip the backslash of an escaped one, which then is a paragraph's text."""
    if not state.after_boundary():
        return False
    opening = _OPENING.match(state.text, state.at)
    closing = state.find("$$", opening.end()) if opening else -1
    if not opening or closing < 0:
        return False
    rest = REST_BLANK.match(state.text, closing + 2)
    if opening[1]:
        if rest:
            state.at = opening.end(1)
        return False
    start = state.at
    state.at = rest.end() if rest else closing + 2
    if not state.before_boundary():
        state.at = start
        return False
    state.add("math", state.text[opening.end() : closing].strip(STRIPPED), start)
    return True
