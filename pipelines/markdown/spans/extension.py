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
    given = _IAL.match(text, state.at) if before is not None and before.kind != "text" else None
    if not given or before is None:
        return False
    state.document.apply(AttributeList(given[1]), before.attributes)
    state.spend(given.end() - state.at)
    state.at = given.end()
    return True


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
    return state.add(Node("raw", body, block=False) if is_raw else Node("comment", block=False), end)
