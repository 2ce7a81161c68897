"""What a page says: its text, headings, blocks of code, links and anchors, read from HTML by the HTML standard's rules.

The tree is lexbor's. Blocks are separated by an empty line. A line ends where the page
breaks it; other line ends are blanks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.html.bounds import bounded

CUT: Final = "\ufdd0cut"
"""A comment with this text marks where the excerpt ends."""
_GENERATED: Final = "\ufdd0"
GENERATED: Final = f'data-generated="{_GENERATED}"'
"""An attribute of elements that the author did not write. Their text is left out, their links are kept."""

_SILENT: Final = frozenset(("script", "style", "template"))
"""Elements whose text a page does not show."""
_CODE: Final = frozenset(("pre", "code"))
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_SEPARATORS: Final = ("", " ", "\n", "\n\n")
_CELL, _LINE, _BLOCK = 1, 2, 3
_GAPS: Final = {
    tag: gap
    for gap, tags in (
        (_CELL, "td th"),
        (_LINE, "br caption dd dt legend li option optgroup tbody tfoot thead tr textarea title select button"),
        (_BLOCK, "address article aside blockquote body center details dialog dir div dl fieldset figcaption figure"),
        (_BLOCK, "footer form h1 h2 h3 h4 h5 h6 header hgroup hr main menu nav ol p pre section summary table"),
        (_BLOCK, "ul video audio iframe object noscript"),
    )
    for tag in tags.split()
}
"""What separates an element from the texts around it: an index of `_SEPARATORS`."""
_LISTS: Final = frozenset(("ul", "ol", "dl"))
_TRACKED: Final = frozenset(("a", "li", *_SILENT, *_CODE, *_HEADINGS))
"""Elements whose end counts."""
_WHITE: Final = " \t\n\r\f"
_RUNS: Final = re.compile(r"[ \t\n\r\f]{2,}|[\t\n\r\f]")
_DEEPEST_HEADING: Final = 6
"""Headings in headings, below which a heading's text is not kept: each holds the text of all inside it."""
_LANGUAGE: Final = re.compile(r"(?:^|\s)(?:language|lang)-(\S+)")


Change = Callable[[str], str]


class Link(NamedTuple):
    """An `href` or `src` of a page."""

    element: str
    attribute: str
    value: str
    """As a browser reads it: references are characters."""
    code: bool
    """True inside `pre` and `code`."""
    anchor: str | None
    """The link's text, an image's alternative text; None for an image without one."""
    start: int
    """Place in the page's text at which its anchor starts."""
    end: int
    in_item: bool
    """True inside an item of a list."""
    after_heading: bool
    """True if nothing stands between a heading and the link."""


class Heading(NamedTuple):
    """A heading outside code."""

    level: int
    anchor_id: str | None
    text: str


class CodeBlock(NamedTuple):
    """The content of a `pre` element."""

    language: str | None
    lines: int
    """Number of its lines, empty ones included."""
    start: int
    end: int
    """Places in the page's text, where it stands without empty lines around it."""


class Page(NamedTuple):
    """What a page says."""

    text: str
    excerpt_characters: int
    """Length of the text before `CUT`; of the whole text without one."""
    headings: list[Heading]
    code_blocks: list[CodeBlock]
    links: list[Link]
    anchors: list[str]
    """Values of `id`, and of `name` of `a` elements, in order."""


def as_it_is(text: str) -> str:
    """Return the text."""
    return text


def read(source: str, shown: Change = as_it_is, written: Change = as_it_is) -> Page:
    """Return what the HTML of a body says.

    Args:
        source: HTML, in which words may stand for what is not HTML.
        shown: makes of a text of the page what it shows.
        written: makes of an attribute's value what its author wrote.
    """
    return _Reader(shown, written).read(LexborHTMLParser(f"<!doctype html><body>{bounded(source)}").body)


def _language(attributes: dict[str, str | None]) -> str | None:
    found = _LANGUAGE.search(attributes.get("class") or "")
    return found[1] if found else None


class _Open(NamedTuple):
    """Where an element started whose end counts."""

    node: LexborNode
    attributes: dict[str, str | None]
    generated: bool
    part: int
    """Number of the text's parts before it."""
    place: int
    link: int
    """Number of the link that it is, or -1."""
    line_ends: int
    """Number of line ends in preformatted text before it."""
    gap: int
    """What separates it from the text before."""
    slot: int
    """Number of its heading or block of code, or -1."""


class _Reader:
    def __init__(self, shown: Change, written: Change) -> None:
        self.shown, self.written = shown, written
        self.parts: list[str] = []
        self.length = 0
        self.gap = 0
        """What separates the next text from the text before: an index of `_SEPARATORS`."""
        self.blank = ""
        """The blank at the end of the last text, which is not written yet."""
        self.link = -1
        self.preformatted = self.code = self.silent = self.open_headings = 0
        self.items: list[int] = []
        """Places at which the open items of lists start."""
        self.line_ends = 0
        self.ends_line = False
        self.excerpt = self.heading_end = -1
        self.headings: list[Heading] = []
        self.code_blocks: list[CodeBlock] = []
        self.unnamed: list[int] = []
        """Blocks of code that are open, before their first `code` element, which may name the language."""
        self.links: list[Link] = []
        self.anchors: list[str] = []

    def read(self, body: LexborNode | None) -> Page:
        node = body.child if body is not None else None
        opened: list[tuple[LexborNode, str, _Open | None]] = []
        while node is not None or opened:
            if node is None:
                node, tag, element = opened.pop()
                if element is not None:
                    self.close(tag, element)
                if tag in _GAPS:
                    self.separate(tag)
                node = node.next
                continue
            tag = node.tag or ""
            if tag == "-text":
                if not self.silent:
                    self.text(self.shown(node.text_content or ""))
            elif node.is_element_node:
                if tag in _GAPS:
                    self.separate(tag)
                attributes = node.attributes
                generated = bool(attributes) and self.collect(tag, attributes)
                element = self.open(node, tag, attributes, generated) if generated or tag in _TRACKED else None
                opened.append((node, tag, element))
                node = node.child
                continue
            elif node.is_comment_node and node.comment_content == CUT:
                self.excerpt = self.length
            node = node.next
        text = "".join(self.parts)
        excerpt = self.length if self.excerpt < 0 else self.excerpt
        return Page(text, excerpt, self.headings, self.code_blocks, self.links, self.anchors)

    def text(self, written: str) -> None:
        if self.preformatted:
            self.write(self.blank, written)
            self.blank = ""
            self.line_ends += written.count("\n")
            self.ends_line = written.endswith("\n")
            return
        words = written.strip(_WHITE)
        if not words:
            self.blank = " " if written else self.blank
            return
        lead = " " if written[0] in _WHITE else self.blank
        self.blank = " " if written[-1] in _WHITE else ""
        self.write(lead, _RUNS.sub(" ", words))

    def write(self, lead: str, words: str) -> None:
        lead = _SEPARATORS[self.gap] or lead
        if lead and self.length:
            self.parts.append(lead)
            self.length += len(lead)
        self.gap = 0
        self.parts.append(words)
        self.length += len(words)

    def separate(self, tag: str) -> None:
        gap = _GAPS[tag]
        if self.items and (tag in _LISTS or self.length == self.items[-1]):
            gap = _LINE  # a list in an item; the first block of an item
        self.gap = max(self.gap, gap)
        self.blank = ""

    def open(self, node: LexborNode, tag: str, attributes: dict[str, str | None], generated: bool) -> _Open:
        slot = -1
        if tag in _HEADINGS:
            self.open_headings += 1
            if not self.code and not self.silent:
                slot = len(self.headings)
                self.headings.append(Heading(_HEADINGS[tag], attributes.get("id"), ""))
        elif tag in _CODE:
            self.code += 1
            if tag == "pre":
                self.preformatted += 1
                slot = len(self.code_blocks)
                self.code_blocks.append(CodeBlock(_language(attributes), 0, 0, 0))
                self.unnamed.append(slot)
            else:
                for block in self.unnamed:
                    language = self.code_blocks[block].language or _language(attributes)
                    self.code_blocks[block] = self.code_blocks[block]._replace(language=language)
                self.unnamed.clear()
        elif tag == "li":
            self.items.append(self.length)
        self.silent += generated or tag in _SILENT
        link = self.link if tag == "a" else -1
        return _Open(node, attributes, generated, len(self.parts), self.length, link, self.line_ends, self.gap, slot)

    def collect(self, tag: str, attributes: dict[str, str | None]) -> bool:
        """Note the links and the anchor of an element. Return True if its author did not write it."""
        self.link = -1
        for name in ("href", "src"):
            if name in attributes:
                self.link = len(self.links)
                has_text = tag != "img" or "alt" in attributes
                anchor = self.shown(" ".join((attributes.get("alt") or "").split())) if has_text else None
                url, place, in_item = self.written(attributes[name] or ""), self.length, bool(self.items)
                after_heading = place == self.heading_end
                self.links.append(Link(tag, name, url, self.code > 0, anchor, place, place, in_item, after_heading))
        identity = attributes.get("id") or (attributes.get("name") if tag == "a" else None)
        if identity:
            self.anchors.append(identity)
        return attributes.get("data-generated") == _GENERATED

    def close(self, tag: str, element: _Open) -> None:
        if tag == "a":
            self.close_link(element)
        elif tag in _HEADINGS:
            self.open_headings -= 1
            self.heading_end = self.length
            if element.slot >= 0 and self.open_headings < _DEEPEST_HEADING:
                text = " ".join("".join(self.parts[element.part :]).split())
                self.headings[element.slot] = self.headings[element.slot]._replace(text=text)
        elif tag in _CODE:
            self.code -= 1
            if tag == "pre":
                self.preformatted -= 1
                self.close_code(element)
        elif tag == "li" and self.length > self.items.pop():
            self.gap = _LINE
        self.silent -= element.generated or tag in _SILENT

    def close_link(self, element: _Open) -> None:
        """Give the link its anchor: the text since its start tag."""
        if element.link >= 0:
            written = "".join(self.parts[element.part :])
            start = element.place + len(written) - len(written.lstrip())
            self.links[element.link] = self.links[element.link]._replace(
                anchor=" ".join(written.split()), start=start, end=start + len(written.strip())
            )

    def move_places(self, element: _Open, lost: int) -> None:
        """Move the places in a block of code, whose text lost empty lines before it and after it."""
        start = element.place

        def moved(place: int) -> int:
            return max(start, min(place - lost, self.length))

        if self.excerpt > start:
            self.excerpt = moved(self.excerpt)
        for number in range(element.slot + 1, len(self.code_blocks)):
            inner = self.code_blocks[number]
            self.code_blocks[number] = inner._replace(start=moved(inner.start), end=moved(inner.end))
        for number in range(len(self.links) - 1, -1, -1):
            link = self.links[number]
            if link.start <= start and link.end <= start:
                break
            self.links[number] = link._replace(start=moved(link.start), end=moved(link.end))

    def close_code(self, element: _Open) -> None:
        """Add the block of code, and take the empty lines around it out of the text."""
        first = element.part + (element.place > 0)  # after the separator
        separator = len(self.parts[element.part]) if element.part < first <= len(self.parts) else 0
        length = self.length - element.place - separator
        if not self.preformatted:
            written = "".join(self.parts[first:])
            code = written.strip("\n")
            self.parts[first if code else element.part :] = [code]
            self.length = element.place if not code else self.length + len(code) - len(written)
            self.gap = 0 if code else element.gap
            length = len(code)
            self.move_places(element, len(written) - len(written.lstrip("\n")) if code else 0)
        if self.unnamed and self.unnamed[-1] == element.slot:
            self.unnamed.pop()
        language = self.code_blocks[element.slot].language
        lines = self.line_ends - element.line_ends + (not self.ends_line or self.line_ends == element.line_ends)
        self.code_blocks[element.slot] = CodeBlock(language, lines, self.length - length, self.length)
