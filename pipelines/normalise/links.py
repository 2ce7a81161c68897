"""The links of a post's body as Jekyll renders it: every `href` and `src`, in the page's order.

What belongs elsewhere: how Markdown is parsed (`markdown_blocks`, `markdown_spans`), what a url means (`urls`,
`liquid`), what a link is for (`sources`).
"""

from __future__ import annotations

import re
from html.entities import html5
from html import unescape
from typing import Final, NamedTuple

from pipelines.normalise import markdown_blocks, markdown_spans
from pipelines.normalise.markdown_blocks import Block, Document
from pipelines.normalise.markdown_html import RAW_TEXT, VOID_ELEMENTS, Close, Open
from pipelines.normalise.markdown_spans import AttributeList, Span

_CODE: Final = frozenset(("pre", "code"))
_URLS: Final = ("href", "src")
_REFERENCE: Final = re.compile(r"&(?:([A-Za-z0-9_:][\-A-Za-z0-9_.:]*);|#[0-9]+;|#x[0-9a-fA-F]+;)")


class Link(NamedTuple):
    """One `href` or `src`.

    element, attribute: in lower case where HTML knows them. value: entities decoded, otherwise as written, Liquid
    included. code: it lies in `pre` or `code`. anchor: the link's text, or an image's alternative text. liquid:
    the value holds Liquid.
    """

    element: str
    attribute: str
    value: str
    code: bool
    anchor: str
    liquid: bool


def extract(body: str, markdown: bool) -> list[Link]:
    """The links of a body, in the order of the page.

    Args:
        body: what stands after the front matter.
        markdown: whether Jekyll would convert it; else it is HTML already.
    """
    page = _Page()
    if markdown:
        document = markdown_blocks.parse(body)
        _Walk(document, page).document()
    else:
        page.html(body)
    page.finish()
    return [Link(*link) for link in page.links]


def _decoded(value: str) -> str:
    """The value with its entities as characters; what is no entity of HTML stays."""
    if "&" not in value:
        return value
    return _REFERENCE.sub(
        lambda found: unescape(found[0]) if found[1] is None or found[1] + ";" in html5 else found[0], value
    )


class _Page:
    """The page as it is written out: tags and texts in order; collects the links and their anchors."""

    def __init__(self) -> None:
        self.links: list[list[object]] = []
        self.texts: list[str] = []
        self.code = 0
        self.raw_text = 0
        self.anchor_from = 0
        self.open_links: list[list[object]] = []

    def open(self, name: str, attributes: dict[str, str]) -> None:
        if name in RAW_TEXT and not self.raw_text:
            self.emit(name, attributes)
        elif not self.raw_text:
            self.emit(name, attributes)
        if name in RAW_TEXT:
            self.raw_text += 1
        if name in _CODE:
            self.code += 1

    def emit(self, name: str, attributes: dict[str, str]) -> None:
        if name == "a":
            self.end_anchor()
        if not attributes:
            return
        for key, value in attributes.items():
            if key in _URLS:
                decoded = value if value.startswith("mailto:") else _decoded(value)
                anchor = _decoded(attributes.get("alt", "")) if name == "img" else ""
                link: list[object] = [name, key, decoded, self.code > 0, " ".join(anchor.split()), False]
                self.links.append(link)
                if name == "a":
                    self.open_links.append(link)

    def close(self, name: str) -> None:
        if name == "a":
            self.end_anchor()
        elif name in RAW_TEXT:
            self.raw_text = max(0, self.raw_text - 1)
        elif name in _CODE:
            self.code = max(0, self.code - 1)

    def text(self, words: str) -> None:
        if self.open_links and not self.raw_text:
            self.texts.append(words)

    def end_anchor(self) -> None:
        if self.open_links:
            anchor = " ".join("".join(self.texts).split())
            for link in self.open_links:
                link[4] = anchor
            self.open_links.clear()
            self.texts.clear()

    def finish(self) -> None:
        self.end_anchor()

    def html(self, source: str) -> None:
        """HTML as it is written."""


class _Walk:
    """Writes a document's blocks to a page, footnotes and tables of contents included."""

    def __init__(self, document: Document, page: _Page) -> None:
        self.source = document
        self.definitions = document.definitions
        self.page = page
        self.footnotes: dict[str, int] = {}
        self.contents_at = -1
        self.footnotes_at = -1
        self.headers: list[tuple[str, list[str | Span]]] = []
        self.ids: dict[str, int] = {}

    def document(self) -> None:
        self.blocks(self.source.blocks)

    def blocks(self, parent: Block) -> None:
        for child in parent.children:
            if isinstance(child, Block):
                self.block(child)
            elif isinstance(child, Open):
                self.page.open(child.name, child.attributes)
            else:
                self.page.close(child.name)

    def block(self, block: Block) -> None:
        kind = block.kind
        if kind == "plain":
            self.page.text(_decoded(block.text))
            return
        if kind in ("blank", "eob", "comment", "math"):
            return
        if kind == "raw":
            self.page.html(block.text)
            return
        if block.given is not None:
            self.definitions.apply(block.given, block.attributes)
        if kind == "text":
            self.spans(markdown_spans.parse(block.text, self.definitions))
            return
        self.page.open(block.name, block.attributes)
        if block.text:
            spans = markdown_spans.parse(block.text, self.definitions)
            self.spans(spans)
        self.blocks(block)
        self.page.close(block.name)

    def spans(self, children: list[str | Span]) -> None:
        page = self.page
        for child in children:
            if isinstance(child, str):
                page.text(_decoded(child))
            elif child.name == "footnote":
                name = child.attributes["name"]
                self.footnotes[name] = self.footnotes.get(name, 0) + 1
                page.open("a", {"href": f"#fn:{name}"})
                page.text(str(list(self.footnotes).index(name) + 1))
                page.close("a")
            elif child.name == "raw":
                page.html(child.text)
            elif child.name == "code":
                page.open("code", child.attributes)
                page.text(child.text)
                page.close("code")
            elif child.name == "math":
                page.text(child.text)
            else:
                page.open(child.name, child.attributes)
                self.spans(child.children)
                page.close(child.name)
