"""Definitions of abbreviations, which show nothing. Source: kramdown 2.4's `parser/kramdown/abbreviation.rb`."""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.blocks.state import BlockState

_DEFINITION: Final = re.compile(r" {0,3}\*\[[^\n]+?\]:[^\n]*\n")


def abbreviation(state: BlockState) -> bool:
    """Read `*[W3C]: World Wide Web Consortium`."""
    found = _DEFINITION.match(state.text, state.at)
    if not found:
        return False
    state.add("eob", "abbreviation")
    state.at = found.end()
    return True
