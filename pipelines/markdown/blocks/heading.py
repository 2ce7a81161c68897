"""Headings. Source: kramdown 2.4's `parser/kramdown/header.rb`, kramdown-parser-gfm's `parse_atx_header_gfm_quirk`."""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.blocks.state import BlockState
from pipelines.markdown.patterns import STRIPPED

_ATX: Final = re.compile(r"(\#{1,6})[\t ]+(?P<words>[^\n]*)\n")
_SETEXT: Final = re.compile(r" {0,3}(?P<words>[^ \t\n][^\n]*)\n(?P<rule>[-=])[-=]*[ \t\r\f\v]*\n")
_NAME_START = (
    "A-Z_a-z:\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_ID: Final = re.compile(rf"[\t ]\{{\#([{_NAME_START}][{_NAME_START}\-.0-9\u00b7\u0300-\u036f\u203f-\u2040]*)\}}\Z")
"""An XML name (REXML's `XMLTokens`)."""


def atx_heading(state: BlockState) -> bool:
    """Read `## Words ##`. By kramdown's own rules it follows no line of a paragraph or a heading."""
    if not (state.document.options.paragraph_end or state.after_boundary()):
        return False
    found = _ATX.match(state.text, state.at)
    return found is not None and _add(state, len(found[1]), found, closing=True)


def setext_heading(state: BlockState) -> bool:
    """Read words that are underlined by `=` or `-`."""
    if not state.after_boundary():
        return False
    found = _SETEXT.match(state.text, state.at)
    return found is not None and _add(state, 2 if found["rule"] == "-" else 1, found, closing=False)


def _add(state: BlockState, level: int, found: re.Match[str], *, closing: bool) -> bool:
    words = found["words"].rstrip(STRIPPED)
    given = _ID.search(words)
    if given:
        words = words[: given.start()].rstrip(STRIPPED)
    shorter = words.rstrip("#")
    if closing and shorter != words:
        if not state.document.options.paragraph_end:  # kramdown's own rule: only a backslash keeps one
            words = words[: len(shorter) + shorter.endswith("\\")].rstrip(STRIPPED)
        elif shorter[-1:] in ("\t", " "):
            words = shorter.rstrip(STRIPPED)
    if not words:
        return False
    node = state.add("header", at=found.start("words"))
    node.level = level
    node.raw_text = words
    if given:
        node.attributes["id"] = given[1]
    state.at = found.end()
    return True
