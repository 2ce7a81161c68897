"""Block rules, and the loop that applies them.

Each rule is a function of a module of its own: it reads at the state's place, adds nodes to the state's tree, moves the
place and returns True; or it changes nothing and returns False. `RULES` is kramdown's order of rules
(`parser/kramdown.rb`), with the replacements of kramdown-parser-gfm.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from pipelines.markdown.blocks.abbreviation import abbreviation
from pipelines.markdown.blocks.code import fenced_code, indented_code
from pipelines.markdown.blocks.extension import block_extension
from pipelines.markdown.blocks.footnote import footnote_definition
from pipelines.markdown.blocks.heading import atx_heading, setext_heading
from pipelines.markdown.blocks.html import EndTag, block_html
from pipelines.markdown.blocks.link_definition import link_definition
from pipelines.markdown.blocks.lists import any_list, definition_list
from pipelines.markdown.blocks.math import block_math
from pipelines.markdown.blocks.paragraph import paragraph
from pipelines.markdown.blocks.quote import quote
from pipelines.markdown.blocks.rule import end_of_block, horizontal_rule
from pipelines.markdown.blocks.state import BlockState
from pipelines.markdown.blocks.table import table
from pipelines.markdown.patterns import BLANK_LINES, LINE, WHITE

Rule = Callable[[BlockState], bool]


class _Entry(NamedTuple):
    rule: Rule
    starts: str
    """The first characters of its line after up to three blanks; empty for any character."""


RULES: Final = (
    _Entry(fenced_code, "~`"),
    _Entry(quote, ">"),
    _Entry(atx_heading, "#"),
    _Entry(horizontal_rule, "*-_"),
    _Entry(any_list, "*-+0123456789"),
    _Entry(definition_list, ":"),
    _Entry(block_html, "<"),
    _Entry(setext_heading, ""),
    _Entry(block_math, "$\\"),
    _Entry(table, ""),
    _Entry(footnote_definition, "["),
    _Entry(link_definition, "["),
    _Entry(abbreviation, "*"),
    _Entry(block_extension, "{"),
    _Entry(end_of_block, "^"),
    _Entry(paragraph, ""),
)
"""Rules for lines that are neither blank nor indented by four."""

_BY_START: Final = {
    start: tuple(entry.rule for entry in RULES if not entry.starts or start in entry.starts)
    for start in "".join(entry.starts for entry in RULES)
}
_ANY: Final = tuple(entry.rule for entry in RULES if not entry.starts)


def parse_blocks(state: BlockState) -> bool:
    """Read blocks into the state's tree up to its end tag or the end of the text. Return True at the end tag."""
    text, end = state.text, state.end
    while state.at < end:
        at = state.at
        first = text[at]
        if first in WHITE:
            blank = BLANK_LINES.match(text, at)
            if blank:
                state.at = blank.end()
                last = state.tree.last()
                if last is not None and last.kind == "blank":
                    last.value += blank[0]
                else:
                    state.add("blank", blank[0], at)
                continue
            if (first == "\t" or text.startswith("    ", at)) and indented_code(state):
                continue
            ink = at
            while text[ink] == " ":
                ink += 1
            if ink - at > 3 or text[ink] == "\t":
                line = LINE.match(text, at)
                state.at = line.end() if line else end
                state.tree.add_text(text[at : state.at], "raw_text")
                continue
            first = text[ink]
        try:
            for rule in _BY_START.get(first, _ANY):
                if rule(state):
                    break
        except EndTag:
            return True
    return False
