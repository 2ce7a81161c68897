"""Span rules, and the loop that applies them.

Each rule is a function of a module of its own: it reads at the state's place, adds nodes to the state's tree, moves the
place and returns True; or it changes nothing and returns False. `RULES` is kramdown's order of rules
(`parser/kramdown.rb`), with the replacements of kramdown-parser-gfm. Quotes, dashes and dots stay as written, so the
rules that typeset them are not here.

Like kramdown the rules backtrack; unlike kramdown they do it within a budget (`SpanState.spend`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from pipelines.liquid.tokens import URL_SIGN
from pipelines.markdown.document import Document, Node
from pipelines.markdown.spans.autolink import autolink
from pipelines.markdown.spans.code import code_span
from pipelines.markdown.spans.emphasis import emphasis
from pipelines.markdown.spans.entity import entity
from pipelines.markdown.spans.escape import escaped_character
from pipelines.markdown.spans.extension import span_extension
from pipelines.markdown.spans.footnote import footnote_marker
from pipelines.markdown.spans.guillemets import guillemets
from pipelines.markdown.spans.html import span_html
from pipelines.markdown.spans.link import image, link
from pipelines.markdown.spans.math import inline_math
from pipelines.markdown.spans.state import STEPS_PER_CHARACTER, ExhaustedError, SpanState, Stop, Words
from pipelines.markdown.spans.strike import strikethrough

Rule = Callable[[SpanState], bool]

RULES: Final[tuple[tuple[Rule, str], ...]] = (
    (emphasis, "*_"),
    (code_span, "`"),
    (autolink, "<"),
    (span_html, "<"),
    (footnote_marker, "["),
    (link, "["),
    (image, "!"),
    (inline_math, "$"),
    (span_extension, "{"),
    (entity, "&"),
    (guillemets, "<>"),
    (escaped_character, "\\"),
    (strikethrough, "~"),
)
"""Each rule with the characters that start it."""


_FOLLOWERS: Final = {
    "<": rf"[\w.\-!/<{URL_SIGN}]",
    ">": ">",
    "!": r"\[",
    "$": r"\$",
    "{": ":",
    "&": r"[\w:#]",
    "~": "~",
}
"""What follows a start of these, or no rule applies."""


class Grammar:
    """Some of the rules, with the pattern of the places where one may start."""

    def __init__(self, *rules: Rule, stops: str = "") -> None:
        self.rules: dict[str, tuple[Rule, ...]] = {}
        for rule, starts in RULES:
            for start in starts if rule in rules else "":
                self.rules[start] = (*self.rules.get(start, ()), rule)
        starts = "".join([*self.rules, *stops])
        certain = "".join(start for start in starts if start not in _FOLLOWERS)
        ways = [f"(?<=[{re.escape(certain)}])"] if certain else []
        ways += [f"(?<={re.escape(start)})(?={_FOLLOWERS[start]})" for start in starts if start in _FOLLOWERS]
        self.search = re.compile(f"[{re.escape(starts)}](?:{'|'.join(ways)})").search


_ALL: Final = tuple(rule for rule, _ in RULES)
_NESTING: Final = frozenset((emphasis, link, image, span_extension, strikethrough))
_GRAMMARS: Final[dict[Words, Grammar]] = {
    "all": Grammar(*_ALL),
    "link": Grammar(*_ALL, stops="]"),
    "html": Grammar(span_html),
    "flat": Grammar(*(rule for rule in _ALL if rule not in _NESTING)),
}
_CODE: Final = Grammar(code_span)
_CODE_AND_HTML: Final = Grammar(code_span, span_html)


def parse_spans(text: str, tree: Node, document: Document) -> None:
    """Read the spans of a text into the tree."""
    before = len(tree.children)
    allowed = min(STEPS_PER_CHARACTER * len(text) + 1000, document.steps)
    state = SpanState(text, tree, document, _parse, allowed)
    try:
        _parse(state, None, "all")
    except ExhaustedError:
        del tree.children[before:]
        _parse(SpanState(text, tree, document, _parse, -1), None, "flat")
    document.steps -= allowed - max(state.steps, 0)


def parse_code(text: str) -> list[Node]:
    """Return the texts and code spans of a text."""
    return _read(text, _CODE)


def parse_code_and_html(text: str) -> list[Node]:
    """Return the texts, code spans and HTML elements of a text."""
    return _read(text, _CODE_AND_HTML)


def _read(text: str, grammar: Grammar) -> list[Node]:
    tree = Node("root")
    try:
        _run(SpanState(text, tree, Document(), _parse, STEPS_PER_CHARACTER * len(text) + 1000), grammar, None)
    except ExhaustedError:
        tree = Node("root")
        _run(SpanState(text, tree, Document(), _parse, -1), grammar, None)
    return tree.children


def _parse(state: SpanState, stop: Stop | None, words: Words) -> bool:
    return _run(state, _GRAMMARS[words], stop)


def _run(state: SpanState, grammar: Grammar, stop: Stop | None) -> bool:
    """Read spans up to where `stop` says yes, and return True there. Without it read to the end of the text."""
    text, end, search, rules = state.text, state.end, grammar.search, grammar.rules
    while state.at < end:
        found = search(text, state.at)
        if not found:
            if stop is None:
                state.take(end - state.at)
            break
        at = found.start()
        state.spend(at - state.at)
        if at > state.at:
            state.take(at - state.at)
        if stop is not None and stop(at, state.tree):
            return True
        for rule in rules.get(text[at], ()):
            if rule(state):
                break
        else:
            state.take(1)
    return False
