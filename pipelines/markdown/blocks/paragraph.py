"""Paragraphs. Source: kramdown 2.4's `parser/kramdown/paragraph.rb`, kramdown-parser-gfm's `paragraph_end`."""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.blocks.state import BlockState
from pipelines.markdown.patterns import PARAGRAPH_END, PARAGRAPH_END_GFM, STRIPPED

_LINES: Final = {
    quirk: re.compile(rf"[^\n]*\n(?:(?!{end})[^\n]*\n)*")
    for quirk, end in ((True, PARAGRAPH_END_GFM), (False, PARAGRAPH_END))
}


def paragraph(state: BlockState) -> bool:
    """Read a paragraph, or more lines of the paragraph before."""
    start = state.at
    found = _LINES[state.document.options.paragraph_end].match(state.text, start)
    state.at = found.end() if found else state.end
    words = state.text[start : state.at].rstrip(STRIPPED)
    last = state.tree.last()
    if last is not None and last.kind == "p" and last.raw_text is not None:
        joiner = "  \n" if state.text.endswith("  \n", 0, start) else "\n"
        last.raw_text += joiner + words
    else:
        stripped = words.lstrip(STRIPPED)
        state.add("p", at=start + len(words) - len(stripped)).raw_text = stripped
    return True
