"""HTML elements in a line. Source: kramdown 2.4's `parser/kramdown/html.rb:parse_span_html`."""

from __future__ import annotations

import re

from pipelines.markdown.document import MAX_DEPTH, Node
from pipelines.markdown.spans.state import SpanState
from pipelines.markdown.tags import (
    BLANK,
    BLOCK_ELEMENTS,
    CLOSING_TAG,
    MARKDOWN_ATTRIBUTE,
    TAG,
    TAG_START,
    VOID_ELEMENTS,
    attributes,
    content_model,
    element_name,
    is_known,
)


def span_html(state: SpanState) -> bool:
    """Read a comment or an element. Tags of blocks, and end tags without a start tag, are text."""
    text, start = state.text, state.at
    if not TAG_START.match(text, start):
        return False
    if text.startswith("<!--", start):
        end = state.find("-->", start + 4)
        if end >= 0:
            return state.add(Node("comment", text[start : end + 3], block=False), end + 3)
    closing = CLOSING_TAG.match(text, start)
    if closing:
        return state.take(closing.end() - start)
    tag = TAG.match(text, start)
    if not tag:
        state.spend(64)
        return False
    name = element_name(tag[1])
    if name in BLOCK_ELEMENTS:
        return state.take(tag.end() - start)
    node = Node("html", name, block=False)
    for key, value in (attributes(tag[2], is_known(name)) if tag[2] else {}).items():
        node.attributes[key] = re.sub(r"\n+", " ", value) if "\n" in value else value
    can_hold = content_model(name) != "raw"
    parsed = state.document.options.parse_span_html and can_hold and not state.is_markup
    asked = MARKDOWN_ATTRIBUTE.get(node.attributes.pop("markdown", ""))
    if asked in ("span", "default", "raw"):
        parsed = asked == "span" or (asked == "default" and can_hold)
    node.model = "span" if parsed else "raw"
    node.is_closed = bool(tag[3]) or name in VOID_ELEMENTS
    state.add(node, tag.end())
    if not node.is_closed and not state.flat and state.depth < MAX_DEPTH:
        _content(state, node, parsed)
    return True


def _content(state: SpanState, node: Node, parsed: bool) -> None:
    text = state.text
    closing = re.compile(rf"</{re.escape(node.value)}{BLANK}*>", re.IGNORECASE if is_known(node.value) else 0)

    def stop(at: int, _: Node) -> bool:
        return text.startswith("</", at) and closing.match(text, at) is not None

    if state.inside(node, stop, words="all" if parsed else "html"):
        state.at = text.index(">", state.at) + 1
    else:
        node.add_text(text[state.at :], "text" if parsed else "markup")
        state.at = state.end
