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
        last.raw_text += ("  \n" if state.text.startswith("  \n", start - 3) else "\n") + words
    else:
        state.add("p", at=start).raw_text = words.lstrip(STRIPPED)
    return True
