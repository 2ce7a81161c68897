"""kramdown's Markdown, in the dialect that Jekyll sets: GFM. See PORT.md for the source of each module.

A body becomes a tree (`parse`), the tree becomes HTML (`render.to_html`), and `html.page` reads from the HTML what the
page says.
"""

from __future__ import annotations

from pipelines.markdown.blocks import parse_blocks
from pipelines.markdown.blocks.state import BlockState
from pipelines.markdown.document import CUT_SIGN, Document, Node
from pipelines.markdown.heading_ids import HeadingIds
from pipelines.markdown.options import DEFAULT, Options
from pipelines.markdown.spans import parse_spans

__all__ = ["Document", "Node", "Options", "parse"]


def parse(body: str, options: Options = DEFAULT, cut: int = -1) -> Document:
    """Return the tree of a body without Liquid. `cut` is the place in the body at which its excerpt ends."""
    document = Document(options)
    text = body.replace("\r\n", "\n").replace("\r", "\n") if "\r" in body else body
    document.cut = cut - body.count("\r\n", 0, cut) if cut > 0 else cut
    parse_blocks(BlockState(text.removesuffix("\n") + "\n", document.root, document, parse_blocks))
    ids = HeadingIds(document.options)
    _read_spans(document.root, document, ids, apart=False)
    for footnote in list(document.footnotes.values()):
        _read_spans(footnote, document, ids, apart=True)
    return document


def _read_spans(tree: Node, document: Document, ids: HeadingIds, *, apart: bool) -> None:
    """Read the texts of all blocks as spans, and give blocks their attribute lists (`update_tree`)."""
    todo = [(tree, apart)]
    while todo:
        node, apart = todo.pop()
        if node.raw_text is not None:
            parse_spans(_with_cut(node, node.raw_text, document.cut), node, document)
            node.raw_text = None
        elif node.children:
            if any(child.kind == "raw_text" for child in node.children):
                _read_raw_texts(node, document)
            inner = apart or node.kind == "html"
            todo += [(child, inner) for child in reversed(node.children) if child.block]
        if node.ial is not None:
            document.apply(node.ial, node.attributes)
        if node.kind == "header":
            ids.give(node, apart=apart)


def _read_raw_texts(node: Node, document: Document) -> None:
    children, node.children = node.children, []
    for child in children:
        if child.kind == "raw_text":
            parse_spans(child.value, node, document)
        else:
            node.children.append(child)


def _with_cut(node: Node, text: str, cut: int) -> str:
    """Return a block's line with a sign where the cut is in its middle."""
    place = cut - node.at
    return f"{text[:place]}{CUT_SIGN}{text[place:]}" if node.at >= 0 and 0 < place < len(text) else text
