"""Links and images. Source: kramdown 2.4's `parser/kramdown/link.rb`."""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.document import MAX_DEPTH, Node, link_id
from pipelines.markdown.patterns import STRIPPED, WHITE
from pipelines.markdown.spans.state import IN_LINK, SpanState
from pipelines.markdown.tags import BLANK

_ESCAPE_IN_ALT: Final = re.compile(r"""\\([\\.*_+`<>()\[\]{}#!:|"'$=\-])""")
_REFERENCE: Final = re.compile(rf"{BLANK}*\[([^\]]*)\]")
_PARENTHESIS_STOP: Final = re.compile(rf"[()]|{BLANK}(?=['\"])")
_ANGLE_URL: Final = re.compile(r"\(<([^\n]*?)>")
_TITLE_START: Final = re.compile(rf"{BLANK}*([\"'])")


def link(state: SpanState) -> bool:
    """Read `[words](url)`, `[words][label]` or `[label]`; there are no links in links."""
    if state.flat or state.around & IN_LINK or not _may_open(state, state.at + 1):
        return False
    return _span(state, Node("a", block=False), state.at + 1)


def image(state: SpanState) -> bool:
    """Read `![words](url)`, `![words][label]` or `![label]`."""
    if not state.text.startswith("[", state.at + 1) or not _may_open(state, state.at + 2):
        return False
    if state.flat or not _span(state, Node("img", block=False), state.at + 2):
        return state.take(2)
    return True


def _may_open(state: SpanState, after: int) -> bool:
    return after < state.end and state.text[after] != "^" and state.depth < MAX_DEPTH


def _span(state: SpanState, node: Node, start: int) -> bool:
    text, before = state.text, state.at
    state.at = start
    open_brackets = 1
    counted = 0

    def stop(at: int, inner: Node) -> bool:
        nonlocal open_brackets, counted
        if text[at] == "]":
            open_brackets -= 1
        elif text[at] == "[" or text.startswith("![", at):
            open_brackets += 1
        else:
            return False
        # The bracket that opened an image was counted above; the one that closed it was inside the image.
        open_brackets -= sum(child.kind == "img" for child in inner.children[counted:])
        counted = len(inner.children)
        return open_brackets == 0

    if not state.inside(node, stop, IN_LINK, "link"):
        state.at = before
        return False
    written = _ESCAPE_IN_ALT.sub(r"\1", text[start : state.at])
    state.at += 1
    url = _url(state, node, written)
    if url is None:
        state.at = before
        return False
    if node.kind == "a":
        node.attributes["href"] = url
    else:
        node.attributes["src"] = url
        node.attributes["alt"] = written
        node.children.clear()
    return state.add(node, state.at)


def _url(state: SpanState, node: Node, written: str) -> str | None:
    """Return the url that follows the words, or that their label has; None without one."""
    text = state.text
    reference = _REFERENCE.match(text, state.at)
    if not reference and text.startswith("(", state.at):
        return _inline_url(state)
    if reference:
        state.at = reference.end()
    key = link_id((reference[1] if reference else "") or written)
    if key not in state.document.links:
        return None
    url, definition = state.document.links[key]
    if definition is not None and definition.ial is not None:
        state.document.apply(definition.ial, node.attributes)
    return url


def _inline_url(state: SpanState) -> str | None:
    """Return the url in the parentheses that start here; None if they hold none or never close."""
    text, start = state.text, state.at
    angle = _ANGLE_URL.match(text, start)
    if angle:
        url = angle[1]
        state.at = angle.end()
        if text.startswith(")", state.at):
            state.at += 1
            return url
    else:
        depth = 0
        while True:
            found = _PARENTHESIS_STOP.search(text, state.at)
            if not found:
                state.spend(state.end - state.at)
                return None
            state.spend(found.end() - state.at)
            state.at = found.end()
            depth += {"(": 1, ")": -1}.get(found[0], 0)
            if depth == 0 or found[0] not in "()":
                break
        url = text[start + 1 : state.at - 1].strip(STRIPPED)
        if depth == 0:
            return url
    return url if _skip_title(state) else None


def _skip_title(state: SpanState) -> bool:
    """Skip a quoted title and the closing parenthesis after it."""
    text = state.text
    opening = _TITLE_START.match(text, state.at)
    if not opening:
        return False
    quote, at = opening[1], opening.end() + 1
    while True:
        closing = state.find(quote, at)
        if closing < 0:
            state.spend(state.end - state.at)
            return False
        state.spend(closing - at)
        at = closing + 1
        after = at
        while after < state.end and text[after] in WHITE:
            after += 1
        if text.startswith(")", after):
            state.at = after + 1
            return True
