"""Attribute lists and extensions in a line: `{: …}`, `{::name …}`.

Source: kramdown 2.4's `parser/kramdown/extensions.rb:parse_span_extensions`.
"""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.attributes import ATTRIBUTES, AttributeList
from pipelines.markdown.blocks.extension import NAMES, is_for_html
from pipelines.markdown.document import Node
from pipelines.markdown.options import read
from pipelines.markdown.patterns import EXTENSION
from pipelines.markdown.spans.state import SpanState

_EXTENSION: Final = re.compile(EXTENSION)
_IAL: Final = re.compile(rf"\{{:({ATTRIBUTES})\}}")


def span_extension(state: SpanState) -> bool:
    """Read what starts with `{:`. An attribute list belongs to the span before it; after text it is text."""
    text = state.text
    if state.flat or not text.startswith("{:", state.at) or state.find("}", state.at) < 0:
        return False
    extension = _EXTENSION.match(text, state.at)
    if extension:
        return _extension(state, extension)
    before = state.tree.last()
    is_text = before is None or before.kind == "text" or _is_escaped(text, state.at - 1)
    given = None if before is None or (is_text and not _follows_typography(state)) else _IAL.match(text, state.at)
    if not given or before is None:
        return False
    if not is_text:
        state.document.apply(AttributeList(given[1]), before.attributes)
    state.spend(given.end() - state.at)
    state.at = given.end()
    return True


def _is_escaped(text: str, at: int) -> bool:
    """Return True after an odd number of backslashes."""
    start = at
    while start > 0 and text[start - 1] == "\\":
        start -= 1
    return (at - start) % 2 == 1


def _follows_typography(state: SpanState) -> bool:
    """Return True after a quote, a dash or dots: kramdown gives the attributes to these, and so they vanish."""
    text, start = state.text, state.at
    mark = text[start - 1]
    while start > 0 and text[start - 1] == mark:
        start -= 1
    length = state.at - start - _is_escaped(text, start)
    if mark in "\"'":
        return length > 0
    if not state.document.options.typographic:
        return False
    if mark == "-":
        return length > 1 and length % 3 != 1
    if mark == ".":
        return length > 0 and length % 3 == 0
    last = state.tree.last()
    return last is not None and mark in "<> " and last.value.endswith(("«", "«\u00a0", "»"))


def _extension(state: SpanState, tag: re.Match[str]) -> bool:
    name, options, closed, _ = tag.groups()
    if name not in NAMES:
        return False
    end, body = tag.end(), ""
    if not closed:
        stops = [(at, len(stop)) for stop in ("{:/}", f"{{:/{name}}}") if (at := state.find(stop, tag.end())) >= 0]
        if not stops:
            return False
        stop, length = min(stops)
        body, end = state.text[tag.end() : stop], stop + length
    if name == "options":
        state.document.options = read(AttributeList(options or "").attributes, state.document.options)
        state.at = end
        return True
    is_raw = name == "nomarkdown" and body and is_for_html(options or "")
    shown = f"<!-- {body} -->" if name == "comment" else ""
    return state.add(Node("raw", body, block=False) if is_raw else Node("comment", shown, block=False), end)
