"""Horizontal rules and end-of-block markers. Source: kramdown 2.4's `parser/kramdown/{horizontal_rule,eob}.rb`."""

from __future__ import annotations

from pipelines.markdown.blocks.state import BlockState
from pipelines.markdown.patterns import EOB, RULE


def horizontal_rule(state: BlockState) -> bool:
    """Read `* * *`."""
    found = RULE.match(state.text, state.at)
    if not found:
        return False
    state.add("hr")
    state.at = found.end()
    return True


def end_of_block(state: BlockState) -> bool:
    """Read `^`, which ends a block and shows nothing."""
    found = EOB.match(state.text, state.at)
    if not found:
        return False
    state.add("eob")
    state.at = found.end()
    return True
