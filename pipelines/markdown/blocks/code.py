"""Code, indented and fenced. Source: kramdown 2.4's `parser/kramdown/codeblock.rb`, kramdown-parser-gfm."""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.blocks.state import BlockState
from pipelines.markdown.patterns import CODE_BLOCK, INDENTS, INK
from pipelines.markdown.tags import BLANK

_INDENTED: Final = re.compile(CODE_BLOCK)
_LAZY: Final = re.compile(rf"\n( {{0,3}}{INK})")
_OPENING: Final = re.compile(rf" {{0,3}}(~{{3,}}+|`{{3,}}+)(?:({INK}*){BLANK}*?|{BLANK}*?({INK}+){BLANK}*?)\n")
"""The fence is possessive: a shorter one fits no better, and trying them all takes quadratic time."""
_LONGEST_FENCE: Final = 9


def indented_code(state: BlockState) -> bool:
    """Read lines that are indented by four."""
    start = state.at
    found = _INDENTED.match(state.text, start)
    if not found or found.end() == start:
        return False
    code = INDENTS.sub("", _LAZY.sub(r" \1", found[0]))
    state.add("codeblock", code)
    state.at = found.end()
    return True


def fenced_code(state: BlockState) -> bool:
    """Read fenced code, with its language in `attributes["class"]` as `language-…`."""
    opening = _OPENING.match(state.text, state.at)
    if not opening:
        return False
    marks = opening[1]
    shorter = range(min(len(marks) - 1, _LONGEST_FENCE), 2, -1) if opening[2] is not None else ()
    for length in (len(marks), *shorter):
        # The rest of a longer fence can pass for the code's language, so that a shorter fence closes it.
        fence = marks[:length]
        if state.absent.get(fence, state.end + 1) <= opening.start():
            continue
        closing = re.compile(rf"^ {{0,3}}{fence}{marks[0]}*{BLANK}*?\n", re.MULTILINE)
        found = closing.search(state.text, opening.end())
        if found:
            code = state.add("codeblock", state.text[opening.end() : found.start()])
            language = marks[length:] + (opening[2] or opening[3] or "")
            if language:
                code.attributes["class"] = f"language-{language.partition('?')[0] or language}"
            state.at = found.end()
            return True
        state.absent[fence] = opening.start()
    return False
