"""HTML elements among blocks. Source: kramdown 2.4's `parser/html.rb`, `parser/kramdown/html.rb`."""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.blocks.state import BlockState
from pipelines.markdown.document import MAX_DEPTH, Node
from pipelines.markdown.tags import (
    BLANK,
    CLOSING_TAG,
    MARKDOWN_ATTRIBUTE,
    NAME,
    RAW_TEXT,
    SPAN_ELEMENTS,
    TAG,
    TAG_START,
    VOID_ELEMENTS,
    attributes,
    content_model,
    element_name,
    is_known,
)

_TRAILING: Final = re.compile(r"[ \t]*\n")
_RAW_START: Final = re.compile(rf"<(?:{NAME}|/|!--|\?)")


class EndTag(Exception):  # noqa: N818 - an event that ends the loop over rules, as kramdown's `throw`
    """The end tag of the state's tree was read."""


def block_html(state: BlockState) -> bool:
    """Read a comment or an element.

    Raises:
        EndTag: at the end tag of the element whose content is read.
    """
    text, start = state.text, state.at
    while text[start] == " ":
        start += 1
    if start == state.at and _comment(state, state.tree):
        _skip_trailing(state)
        return True
    if not TAG_START.match(text, start):
        return False
    tag = TAG.match(text, start)
    if tag and tag[1].lower() not in SPAN_ELEMENTS:
        node = state.new("html", at=start)
        state.at = tag.end()
        _element(state, state.tree, node, tag)
        return True
    closing = CLOSING_TAG.match(text, start)
    tree = state.tree
    if closing and tree.kind == "html" and tree.value == closing[1].lower() and tree.value not in SPAN_ELEMENTS:
        state.at = closing.end()
        raise EndTag
    return False


def _skip_trailing(state: BlockState) -> None:
    found = _TRAILING.match(state.text, state.at)
    if found:
        state.at = found.end()


def _comment(state: BlockState, tree: Node, opening: str = "<!--", closing: str = "-->") -> bool:
    if not state.text.startswith(opening, state.at):
        return False
    end = state.find(closing, state.at + len(opening))
    if end < 0:
        return False
    end += len(closing)
    in_raw = tree.kind == "html" and tree.model == "raw"
    tree.children.append(Node("comment", state.text[state.at : end], block=not in_raw))
    state.at = end
    return True


def _element(state: BlockState, tree: Node, node: Node, tag: re.Match[str]) -> None:
    """Read the content of an element whose start tag was just read (`handle_kramdown_html_tag`)."""
    name = element_name(tag[1])
    node.value = name
    node.attributes = attributes(tag[2], is_known(name))
    node.is_closed = bool(tag[3]) or name in VOID_ELEMENTS
    tree.children.append(node)
    in_raw = node.tight = tree.kind == "html" and tree.model == "raw"
    node.model = content_model(name) if state.document.options.parse_block_html and not in_raw else "raw"
    asked = MARKDOWN_ATTRIBUTE.get(node.attributes.pop("markdown", ""))
    if asked:
        node.model = content_model(name) if asked == "default" else asked
    if name in RAW_TEXT:
        _raw_text(state, node, name)
        if node.model == "block":
            _skip_trailing(state)
        return
    if node.model == "block":
        _skip_trailing(state)
    if node.is_closed:
        return
    if node.model == "block" and state.depth < MAX_DEPTH:
        state.inside(node)
    elif node.model == "span":
        closing = re.compile(rf"</{re.escape(name)}{BLANK}*>", re.IGNORECASE).search(state.text, state.at)
        node.add_text(state.text[state.at : closing.start() if closing else state.end], "raw_text")
        state.at = closing.end() if closing else state.end
    else:
        node.model = "raw"
        _raw_html(state, node)
    if not in_raw:
        _skip_trailing(state)


def _raw_text(state: BlockState, node: Node, name: str) -> None:
    """Read the content of a script or style."""
    key, start = f"</{name}", state.at
    closing = None
    if state.absent.get(key, state.end + 1) > start:
        closing = re.compile(rf"</{name}{BLANK}*>", re.IGNORECASE).search(state.text, start)
        if not closing:
            state.absent[key] = start
    node.add_text(state.text[start : closing.start() if closing else state.end], "script")
    state.at = closing.end() if closing else state.end


def _raw_html(state: BlockState, outer: Node) -> None:
    """Read HTML up to the end tag of the element (`parse_raw_html`), without recursion: depth is the author's."""
    text = state.text
    open_nodes = [outer]
    while state.at < state.end:
        node = open_nodes[-1]
        found = _RAW_START.search(text, state.at)
        if not found:
            break
        _markup(state, node, text[state.at : found.start()])
        state.at = start = found.start()
        if _comment(state, node) or _comment(state, node, "<?", "?>"):
            continue
        tag = TAG.match(text, start)
        if tag:
            state.at = tag.end()
            _raw_tag(state, open_nodes, tag, start)
            continue
        closing = CLOSING_TAG.match(text, start)
        if closing:
            state.at = closing.end()
            name = closing[1].lower() if is_known(node.value) else closing[1]
            if node.value == name:
                open_nodes.pop()
                if not open_nodes:
                    return
            else:
                _markup(state, node, closing[0], start)
            continue
        _markup(state, node, text[start], start)
        state.at = start + 1
    _markup(state, open_nodes[-1], text[state.at :])
    state.at = state.end


def _markup(state: BlockState, node: Node, text: str, at: int | None = None) -> None:
    """Add a text in which entities count and tags do not."""
    if text:
        node.add_text(text, "markup")
        if state.is_body and node.children[-1].at < 0:
            node.children[-1].at = state.at if at is None else at


def _raw_tag(state: BlockState, open_nodes: list[Node], tag: re.Match[str], start: int) -> None:
    tree = open_nodes[-1]
    name = element_name(tag[1])
    node = Node("html", name)
    node.at = start if state.is_body else -1
    node.tight = True
    node.attributes = attributes(tag[2], is_known(name)) if tag[2] else {}
    asked = MARKDOWN_ATTRIBUTE.get(node.attributes.get("markdown", ""))
    model = content_model(name) if asked == "default" else asked
    if model in ("block", "span") and state.depth < MAX_DEPTH:  # all else needs no recursion
        _element(state, tree, node, tag)
        return
    node.attributes.pop("markdown", None)
    node.is_closed = bool(tag[3]) or name in VOID_ELEMENTS
    tree.children.append(node)
    if name in RAW_TEXT:
        _raw_text(state, node, name)
    elif not node.is_closed:
        open_nodes.append(node)
