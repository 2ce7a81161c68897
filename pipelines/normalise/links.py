"""The links of a post's body as Jekyll renders it: every `href` and `src`, in the page's order.

What belongs elsewhere: how Markdown is parsed (`markdown_blocks`, `markdown_spans`), how a page is read
(`link_page`), what a url means (`urls`, `liquid`), what a link is for (`sources`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import polars as pl

from pipelines.normalise import link_plain, markdown_blocks, markdown_spans
from pipelines.normalise.link_liquid import holding_liquid, holds_liquid, put_back, taken_out
from pipelines.normalise.link_page import Link, Page
from pipelines.normalise.markdown_html import Open
from pipelines.normalise.markdown_inline import Span
from pipelines.normalise.markdown_tree import Block, Document

__all__ = ["Link", "extract", "parsed"]


def extract(bodies: pl.Series, markdown: Sequence[bool]) -> Iterator[list[Link]]:
    """The links of each body, in the order of the page.

    Args:
        bodies: what stands after the front matter.
        markdown: whether Jekyll would convert each; else it is HTML already.
    """
    liquid = {number: taken_out(bodies[number]) for number in holding_liquid(bodies)}
    texts = bodies.clone().scatter(list(liquid), [text for text, _ in liquid.values()]) if liquid else bodies
    for number, (is_markdown, pieces) in enumerate(zip(markdown, link_plain.pieces(texts), strict=True)):
        if not is_markdown:
            page = Page()
            page.html(texts[number])
            found = page.links()
        else:
            found = parsed(texts[number]) if pieces is None else link_plain.links(pieces)
        yield [_with_liquid(link, liquid[number][1]) for link in found] if number in liquid else found


def _with_liquid(link: Link, pieces: list[str]) -> Link:
    value = put_back(link.value, pieces)
    return link._replace(value=value, anchor=put_back(link.anchor, pieces), liquid=holds_liquid(value))


def parsed(text: str) -> list[Link]:
    """The links of a Markdown body without Liquid, by the parser even where the body is plain."""
    page = Page()
    _Rendering(markdown_blocks.parse(text), page).write()
    return page.links()


class _Rendering:
    """Writes a document's blocks to a page, its footnotes and table of contents where they belong.

    Source: kramdown 2.4's `converter/html.rb`.
    """

    def __init__(self, document: Document, page: Page) -> None:
        self.source = document
        self.definitions = document.definitions
        self.page = page
        self.footnotes: dict[str, int] = {}
        self.order: list[str] = []
        self.contents_at = self.footnotes_at = -1
        self.headers: list[tuple[str, list[str | Span]]] = []
        self.used_ids: dict[str, int] = {}

    def write(self) -> None:
        page = self.page
        self.children(self.source.blocks)
        footnotes = Page()
        self.page = footnotes
        self.write_footnotes()
        contents = Page()
        if self.contents_at >= 0:
            self.page = contents
            self.write_contents()
        self.page = page
        places = [
            (self.footnotes_at if self.footnotes_at >= 0 else len(page), footnotes),
            (self.contents_at, contents),
        ]
        for at, other in sorted(places, key=lambda place: -place[0]):
            if len(other):
                page.insert(at, other.links())

    def write_footnotes(self) -> None:
        """Each footnote in the order of its first marker, then the links back to its markers."""
        for name in self.order:  # grows meanwhile, where footnotes mention others
            markers = self.footnotes[name]
            self.children(self.source.footnotes[name])
            for number in range(markers):
                self.link(f"#fnref:{name}" + (f":{number}" if number else ""), "↩")

    def write_contents(self) -> None:
        """A link to each header, its text included."""
        for identity, spans in self.headers:
            self.page.open("a", {"href": f"#{identity}"})
            self.spans([span for span in spans if isinstance(span, str) or span.name != "footnote"])
            self.page.close("a")

    def link(self, url: str, words: str) -> None:
        self.page.open("a", {"href": url})
        self.page.text(words)
        self.page.close("a")

    def children(self, parent: Block) -> None:
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
            self.page.text(block.text)
            return
        if kind in ("blank", "eob", "comment", "math"):
            return
        if kind == "raw":
            self.page.html(block.text)
            return
        if block.given is not None:
            self.definitions.apply(block.given, block.attributes)
            if kind in ("ul", "ol") and self.is_place(block.given.references):
                return
        if kind == "text":
            self.spans(markdown_spans.parse(block.text, self.definitions))
            return
        self.page.open(block.name, block.attributes)
        if block.text:
            spans = markdown_spans.parse(block.text, self.definitions)
            self.spans(spans)
            if block.level:
                self.header(block, spans)
        self.children(block)
        self.page.close(block.name)

    def is_place(self, references: list[str]) -> bool:
        """Whether a list only marks where the contents or the footnotes go; notes the place."""
        if self.contents_at < 0 and "toc" in references:
            self.contents_at = len(self.page)
            return True
        if self.footnotes_at < 0 and "footnotes" in references:
            self.footnotes_at = len(self.page)
            return True
        return False

    def header(self, block: Block, spans: list[str | Span]) -> None:
        """Notes a header for the table of contents, with kramdown-parser-gfm's id where it has none."""
        identity = block.attributes.get("id", "")
        if not identity:
            words = re.sub(r"[^\w\- \t]", "", _words(spans).lower()).translate({32: "-", 9: "-"})
            seen = self.used_ids.get(words, -1) + 1
            self.used_ids[words] = seen
            identity = f"{words}-{seen}" if seen else words
        if "no_toc" not in block.attributes.get("class", "").split():
            self.headers.append((identity, spans))

    def spans(self, children: list[str | Span]) -> None:
        page = self.page
        for child in children:
            if isinstance(child, str):
                page.text(child)
            elif child.name == "footnote":
                name = child.attributes["name"]
                if name not in self.footnotes:
                    self.order.append(name)
                self.footnotes[name] = self.footnotes.get(name, 0) + 1
                self.link(f"#fn:{name}", "*")
            elif child.name == "raw":
                page.html(child.text)
            elif child.name == "math":
                page.text(child.text)
            elif child.name == "code":
                page.open("code", child.attributes)
                page.text(child.text.replace("&", "&amp;"))
                self.spans(child.children)
                page.close("code")
            else:
                page.open(child.name, child.attributes)
                self.spans(child.children)
                page.close(child.name)


def _words(spans: list[str | Span]) -> str:
    """The text of a header as its id is made of it: dashes of two and three are typographic and go."""
    return "".join(
        re.sub("-{2,3}", "", span) if isinstance(span, str) else span.text + _words(span.children) for span in spans
    )
