"""Definitions of footnotes. Source: kramdown 2.4's `parser/kramdown/footnote.rb`."""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.blocks.state import BlockState
from pipelines.markdown.document import Node
from pipelines.markdown.patterns import CODE_BLOCK, ID, INDENTS
from pipelines.markdown.tags import BLANK

_DEFINITION: Final = re.compile(rf" {{0,3}}\[\^({ID})\]:{BLANK}*?([^\n]*\n{CODE_BLOCK})")


def footnote_definition(state: BlockState) -> bool:
    """Read `[^name]: …` with the indented lines after it."""
    found = _DEFINITION.match(state.text, state.at)
    if not found:
        return False
    content = Node("footnote_definition")
    state.nested(INDENTS.sub("", found[2]), content)
    state.document.footnotes[found[1]] = content
    state.add("eob", "footnote")
    state.at = found.end()
    return True
