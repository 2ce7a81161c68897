"""A page as a browser reads it: tags and texts in order, and the links they hold.

What belongs elsewhere: how Markdown becomes tags (`markdown_blocks`, `markdown_spans`, `links`).

Source: the HTML standard's tokenization (13.2.5) as far as links need it: comments, raw text elements, attributes
without quotes, the first of equal attributes, character references.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.entities import html5
from typing import Final, NamedTuple

from pipelines.untrusted import unescape

CODE: Final = frozenset(("pre", "code"))
RAW_TEXT: Final = frozenset(("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"))
"""Elements in which no tag is a tag. They end at their first end tag."""

_MARKUP = re.compile(r"<(?:(!--)|([!?])|/([A-Za-z][^ \t\n\r\f/>]*)|([A-Za-z][^ \t\n\r\f/>]*))")
_ATTRIBUTES = re.compile(
    r"""[ \t\n\r\f/]*+(?:(>)|(=?[^ \t\n\r\f/>=]*+)"""
    r"""(?:[ \t\n\r\f]*+=[ \t\n\r\f]*+(?:"([^"]*)"|'([^']*)'|([^ \t\n\r\f>"'][^ \t\n\r\f>]*+)?))?)"""
)
_REFERENCE: Final = re.compile(r"&(?:([A-Za-z][A-Za-z0-9]*)(;?)|(#(?:[0-9]+|[xX][0-9a-fA-F]+);?))")


class Link(NamedTuple):
    """One `href` or `src` of a page.

    element, attribute: in lower case where HTML knows them. value: its entities as characters, otherwise as written,
    Liquid included. code: it lies in `pre` or `code`. anchor: the link's text, or an image's alternative text.
    liquid: the value holds Liquid.
    """

    element: str
    attribute: str
    value: str
    code: bool
    anchor: str
    liquid: bool


def decoded(value: str) -> str:
    """An attribute's value with its character references as characters; what is none stays."""
    return _REFERENCE.sub(_character, value) if "&" in value else value


def _character(found: re.Match[str]) -> str:
    name, semicolon, number = found.groups()
    if number:
        return unescape(found[0])
    if semicolon:
        return html5.get(name + ";", found[0])
    following = found.string[found.end() : found.end() + 1]
    return found[0] if following == "=" or following.isalnum() else html5.get(name, found[0])


class Page:
    """Collects the links of a page while its tags and texts are written to it."""

    def __init__(self) -> None:
        self._links: list[Link] = []
        self._code = 0
        self._raw_text = 0
        self._anchors: list[int] = []
        self._words: list[str] = []

    def __len__(self) -> int:
        return len(self._links)

    def open(self, name: str, attributes: Mapping[str, str]) -> None:
        """A start tag; its values are not decoded yet."""
        if not self._raw_text:
            if name == "a":
                self._end_anchor()
            if attributes:
                self._collect(name, attributes)
        if name in RAW_TEXT:
            self._raw_text += 1
        elif name in CODE:
            self._code += 1

    def close(self, name: str) -> None:
        """An end tag."""
        if name == "a":
            self._end_anchor()
        elif name in RAW_TEXT:
            self._raw_text = max(0, self._raw_text - 1)
        elif name in CODE:
            self._code = max(0, self._code - 1)

    def add(self, name: str, attribute: str, value: str, anchor: str) -> None:
        """A link whose element holds nothing but its anchor."""
        self._end_anchor()
        value = value if value.startswith("mailto:") else decoded(value)
        self._links.append(Link(name, attribute, value, False, " ".join(decoded(anchor).split()), False))

    def text(self, words: str) -> None:
        """A text, its entities not decoded yet."""
        if self._anchors and not self._raw_text:
            self._words.append(words)

    def links(self) -> list[Link]:
        """The links so far, in order."""
        self._end_anchor()
        return self._links

    def insert(self, at: int, links: list[Link]) -> None:
        """Puts links of another page before the link numbered `at`."""
        self._end_anchor()
        self._links[at:at] = links

    def _collect(self, name: str, attributes: Mapping[str, str]) -> None:
        for key, value in attributes.items():
            if key in ("href", "src"):
                anchor = " ".join(decoded(attributes.get("alt", "")).split()) if name != "a" else ""
                if name == "a":
                    self._anchors.append(len(self._links))
                # kramdown writes a mail address in references of its own, so that none in it is one.
                shown = value if value.startswith("mailto:") else decoded(value)
                self._links.append(Link(name, key, shown, self._code > 0, anchor, False))

    def _end_anchor(self) -> None:
        if self._anchors:
            anchor = " ".join(decoded("".join(self._words)).split())
            for number in self._anchors:
                self._links[number] = Link(*self._links[number][:4], anchor, False)
            self._anchors.clear()
            self._words.clear()

    def html(self, source: str) -> None:
        """HTML as it is written."""
        at, end = 0, len(source)
        while at < end:
            found = _MARKUP.search(source, at)
            if not found:
                self.text(source[at:])
                return
            if found.start() > at:
                self.text(source[at : found.start()])
            comment, declaration, closing, opening = found.groups()
            at = found.end()
            if comment:
                stop = source.find("-->", at - 2)
                at = stop + 3 if stop >= 0 else end
            elif declaration or closing:
                stop = source.find(">", at)
                at = stop + 1 if stop >= 0 else end
                if closing:
                    self.close(closing.lower())
            else:
                at = self._start_tag(source, opening.lower(), at)

    def _start_tag(self, source: str, name: str, at: int) -> int:
        """Reads the attributes that start here, and what a raw text element holds; returns where it ends."""
        attributes: dict[str, str] = {}
        while True:
            found = _ATTRIBUTES.match(source, at)
            if not found or found.end() == at:
                return len(source)
            at = found.end()
            ended, key, double, single, bare = found.groups()
            if ended:
                break
            if key:
                attributes.setdefault(key.lower(), double or single or bare or "")
        self.open(name, attributes)
        if name in RAW_TEXT:
            closing = re.compile(rf"</{name}(?=[ \t\n\r\f/>])", re.IGNORECASE).search(source, at)
            at = closing.start() if closing else len(source)
            if not closing:
                self.close(name)
        return at
