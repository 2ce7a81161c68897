"""The links of a post's body as Jekyll renders it: every `href` and `src`, in the page's order.

What belongs elsewhere: how Markdown is parsed (`markdown_blocks`, `markdown_spans`), how a page is read
(`link_page`), what a url means (`urls`, `liquid`), what a link is for (`sources`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from pipelines.normalise import link_plain, markdown_blocks, markdown_contents, markdown_spans
from pipelines.normalise.link_liquid import holding_liquid, holds_liquid, put_back, taken_out
from pipelines.normalise.link_page import Link, Page
from pipelines.normalise.markdown_contents import Header
from pipelines.normalise.markdown_html import Open
from pipelines.normalise.markdown_inline import Span
from pipelines.normalise.markdown_options import DEFAULT, Options
from pipelines.normalise.markdown_tree import Block, Document

__all__ = ["Link", "extract", "parsed"]


def extract(bodies: pl.Series, markdown: Sequence[bool], options: Options = DEFAULT) -> Iterator[list[Link]]:
    """The links of each body, in the order of the page.

    Args:
        bodies: what stands after the front matter.
        markdown: whether Jekyll would convert each; else it is HTML already.
        options: what the site sets of kramdown.
    """
    liquid = {number: taken_out(bodies[number]) for number in holding_liquid(bodies)}
    texts = bodies.clone().scatter(list(liquid), [text for text, _ in liquid.values()]) if liquid else bodies
    for number, (is_markdown, pieces) in enumerate(zip(markdown, link_plain.pieces(texts), strict=True)):
        if not is_markdown:
            page = Page()
            page.html(texts[number])
            found = page.links()
        else:
            is_plain = pieces is not None and options.keep_html
            found = link_plain.links(pieces or ()) if is_plain else parsed(texts[number], options)
        yield [_with_liquid(link, liquid[number][1]) for link in found] if number in liquid else found


def _with_liquid(link: Link, pieces: list[str]) -> Link:
    value = put_back(link.value, pieces)
    return link._replace(value=value, anchor=put_back(link.anchor, pieces), liquid=holds_liquid(value))


def parsed(text: str, options: Options = DEFAULT) -> list[Link]:
    """The links of a Markdown body without Liquid, by the parser even where the body is plain."""
    page = Page()
    _Rendering(markdown_blocks.parse(text, options), page).write()
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
        self.headers: list[Header] = []
        self.apart = False
        """Within HTML or a footnote."""

    def write(self) -> None:
        page = self.page
        self.children(self.source.blocks)
        footnotes = Page()
        self.page, self.apart = footnotes, True
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
            options = self.definitions.options
            for number in range(markers if options.footnote_backlink else 0):
                place = f"#fnref:{options.footnote_prefix}{name}"
                if number:
                    self.link(f"{place}:{number}", f"{options.footnote_backlink}{number + 1}")
                else:
                    self.link(place, options.footnote_backlink)

    def write_contents(self) -> None:
        for identity, spans in markdown_contents.entries(self.headers, self.definitions.options):
            self.page.open("a", {"href": f"#{identity}"})
            self.spans(spans)
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
                self.headers.append(Header(block, spans, self.apart))
        apart, self.apart = self.apart, self.apart or kind == "html"
        self.children(block)
        self.apart = apart
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
                self.link(f"#fn:{self.definitions.options.footnote_prefix}{name}", "*")
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
