"""The HTML of a document. Source: kramdown 2.4's `converter/html.rb`, kramdown-parser-gfm's `update_text_type`.

Indentation, highlighting and typography are left out: they change nothing that a page says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from pipelines.html.page import CUT, GENERATED
from pipelines.html.references import escaped, escaped_markup
from pipelines.markdown.document import CUT_SIGN, Document, Node
from pipelines.markdown.tags import VOID_ELEMENTS

_PLAIN: Final = {
    "p": ("<p", "</p>\n"),
    "blockquote": ("<blockquote", "</blockquote>\n"),
    "ul": ("<ul", "</ul>\n"),
    "ol": ("<ol", "</ol>\n"),
    "li": ("<li", "</li>\n"),
    "dl": ("<dl", "</dl>\n"),
    "dt": ("<dt", "</dt>\n"),
    "dd": ("<dd", "</dd>\n"),
    "table": ("<table", "</table>\n"),
    "tr": ("<tr", "</tr>\n"),
    "td": ("<td", "</td>\n"),
    "em": ("<em", "</em>"),
    "strong": ("<strong", "</strong>"),
    "a": ("<a", "</a>"),
}
"""Nodes that become an element with their children."""
_LINE_BREAK: Final = re.compile(r"(?:  |\\)\n")


def to_html(document: Document) -> str:
    """Return the document as HTML. A comment (`page.CUT`) stands where the excerpt ends."""
    return _Writer(document).written()


class _Writer:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.options = document.options
        self.cut_at = document.cut
        self.parts: list[str] = []
        self.markers: dict[str, int] = {}
        """Number of markers of each footnote."""
        self.marked: list[str] = []
        """Names of the footnotes, in the order of their first markers."""
        self.headers: list[Node] = []
        self.contents: tuple[int, Node] | None = None
        """Place among the parts, and the list that the table of contents replaces."""
        self.footnotes_at = -1
        self.unbroken = 0
        """Number of open nodes in which neither a backslash nor a line's end alone breaks a line."""

    def written(self) -> str:
        self.children(self.document.root)
        if self.cut_at >= 0:
            self.cut()
        body, self.parts = self.parts, []
        self.footnotes()
        footnotes, self.parts = self.parts, []
        at = self.footnotes_at if self.footnotes_at >= 0 else len(body)
        if self.contents:
            self.table_of_contents(self.contents[1])
            place = self.contents[0]
            body[place] = "".join(self.parts)  # an empty part keeps the place
        body[at:at] = footnotes
        html = "".join(body)
        return html.replace(CUT_SIGN, "") if self.document.cut >= 0 else html

    def cut(self) -> None:
        self.parts.append(f"<!--{CUT}-->")
        self.cut_at = -1

    def children(self, outer: Node) -> None:
        """Write the children of a node. HTML nests as deeply as its author likes, so this does not recurse."""
        closings: list[tuple[list[Node], int, str, bool]] = []
        closing: str | None
        nodes, number, parts = outer.children, 0, self.parts
        while True:
            if number >= len(nodes):
                if not closings:
                    return
                nodes, number, closing, is_html = closings.pop()
                self.unbroken -= is_html
                parts.append(closing)
                continue
            node = nodes[number]
            number += 1
            kind = node.kind
            if self.cut_at >= 0 and node.at >= 0 and self.reaches_cut(node):
                continue
            if kind == "text":
                parts.append(self.text(node.value))
            elif kind == "eob":
                pass
            elif kind == "blank":
                parts.append("\n")
            else:
                opening, closing = self.tags(node)
                parts.append(opening)
                if node.children and closing is not None:
                    closings.append((nodes, number, closing, kind == "html"))
                    self.unbroken += kind == "html"
                    nodes, number = node.children, 0
                else:
                    parts.append(closing or "")

    def text(self, text: str) -> str:
        """Return a text as HTML, with its line breaks."""
        html = escaped_markup(text)
        if "\n" in html:
            if not self.options.hard_wrap:
                html = html.replace("  \n", "<br>\n") if self.unbroken else _LINE_BREAK.sub("<br>\n", html)
            elif not self.unbroken:
                html = html.replace("\n", "<br>\n")
        return self.with_cut(html)

    def with_cut(self, html: str) -> str:
        """Return the HTML of a text with the cut, if it is there."""
        if self.cut_at >= 0 and CUT_SIGN in html:
            self.cut_at = -1
            return html.replace(CUT_SIGN, f"<!--{CUT}-->", 1)
        return html

    def reaches_cut(self, node: Node) -> bool:
        """Write the cut if it is before the node or in its text. Return True if the text was written."""
        if node.at >= self.cut_at and not (node.kind == "markup" and node.value.startswith("\n")):
            self.cut()
        elif node.kind == "markup" and node.at + len(node.value) > self.cut_at:
            place = max(1, self.cut_at - node.at)  # a comment would keep the line's end after <pre>
            self.parts.append(escaped_markup(node.value[:place]))
            self.cut()
            self.parts.append(escaped_markup(node.value[place:]))
            return True
        return False

    def tags(self, node: Node) -> tuple[str, str | None]:
        """Return what stands before and after the children; None after a node whose children are not written."""
        kind = node.kind
        if kind in ("ul", "ol") and node.ial is not None and self.is_place(node):
            return "", None
        if kind in _PLAIN:
            if node.tight and kind == "p":
                return "", "\n"
            opening, closing = _PLAIN[kind]
            return f"{opening}{_attributes(node)}>", closing
        if kind == "header":
            self.headers.append(node)
            level = max(1, min(6, node.level + self.options.header_offset))
            return f"<h{level}{_attributes(node)}>", f"</h{level}>\n"
        if kind == "html":
            return self.html(node)
        return _LEAVES[kind](self, node), None

    def html(self, node: Node) -> tuple[str, str]:
        name, end = node.value, "\n" if node.block and not node.tight else ""
        opening = f"<{name}{_attributes(node)}"
        if not node.children and (name in VOID_ELEMENTS or (node.block and node.is_closed and node.model == "raw")):
            return f"{opening} />", end
        return f"{opening}>", f"</{name}>{end}"

    def codeblock(self, node: Node) -> str:
        return f"<pre><code{_attributes(node)}>{escaped(node.value)}</code></pre>\n"

    def codespan(self, node: Node) -> str:
        return f"<code{_attributes(node)}>{self.with_cut(escaped(node.value))}</code>"

    def image(self, node: Node) -> str:
        return f"<img{_attributes(node)} />"

    def math(self, node: Node) -> str:
        """Return mathematics as MathJax finds it, which is how kramdown writes it unless a site says otherwise."""
        value = escaped(node.value)
        if not node.block:
            return f"<span{_attributes(node)}>${value}$</span>" if node.attributes else rf"\({value}\)"
        return f"<div{_attributes(node)}>\\[{value}\\]</div>\n"

    def footnote(self, node: Node) -> str:
        number = self.markers[node.value] = self.markers.get(node.value, 0) + 1
        if number == 1:
            self.marked.append(node.value)
        name = escaped(self.options.footnote_prefix + node.value)
        repeat = f":{number - 1}" if number > 1 else ""
        return f'<sup id="fnref:{name}{repeat}" {GENERATED}><a href="#fn:{name}">{number}</a></sup>'

    def is_place(self, node: Node) -> bool:
        """Return True if a list marks the place of the contents or the footnotes; note the place."""
        references = node.ial.references if node.ial else []
        if self.contents is None and "toc" in references:
            self.contents = (len(self.parts), node)
            return True
        if self.footnotes_at < 0 and "footnotes" in references:
            self.footnotes_at = len(self.parts)
            return True
        return False

    def footnotes(self) -> None:
        """Write each footnote in the order of its first marker, with the links back to its markers."""
        self.unbroken += 1
        for name in self.marked:  # grows where footnotes mention others
            shown = escaped(self.options.footnote_prefix + name)
            self.parts.append(f'<li id="fn:{shown}">')
            back = escaped(self.options.footnote_backlink)
            markers = self.markers[name] if back else 0  # those before the footnote itself
            self.children(self.document.footnotes[name])
            for number in range(markers):
                place, repeat = (f"{shown}:{number}", number + 1) if number else (shown, "")
                self.parts.append(f'<a href="#fnref:{place}" {GENERATED}>{back}{repeat}</a>')
            self.parts.append("</li>\n")

    def table_of_contents(self, node: Node) -> None:
        identity = node.attributes.get("id", "markdown-toc")
        self.parts.append(f'<ul id="{escaped(identity)}" {GENERATED}>')
        for header in self.headers:
            given = header.attributes.get("id")
            if given is not None and header.level in self.options.toc_levels and "no_toc" not in _classes(header):
                self.parts.append(f'<li><a href="#{escaped(given)}" id="{escaped(f"{identity}-{given}")}">')
                self.children(_listed(header))
                self.parts.append("</a></li>\n")
        self.parts.append("</ul>\n")


_LEAVES: Final[dict[str, Callable[[_Writer, Node], str]]] = {
    "codeblock": _Writer.codeblock,
    "codespan": _Writer.codespan,
    "img": _Writer.image,
    "math": _Writer.math,
    "footnote": _Writer.footnote,
    "comment": lambda _, node: node.value + ("\n" if node.block else ""),
    "hr": lambda _, node: f"<hr{_attributes(node)} />\n",
    "entity": lambda _, node: node.value,
    "raw": lambda _, node: node.value + ("\n" if node.block else ""),
    "markup": lambda _, node: escaped_markup(node.value),
    "script": lambda _, node: node.value,
    "raw_text": lambda _, node: escaped(node.value),
}


def _attributes(node: Node) -> str:
    if not node.attributes:
        return ""
    return "".join(
        f' {key}="{escaped_markup(value, attribute=True)}"'
        for key, value in node.attributes.items()
        if key != "id" or value.strip()
    )


def _classes(node: Node) -> list[str]:
    return node.attributes.get("class", "").split()


def _listed(header: Node) -> Node:
    """Return a heading's text as the contents show it: without footnotes, its links as their texts."""
    kept = Node("root")
    for child in header.children:
        if child.kind == "footnote":
            continue
        inner = _listed(child)
        if child.kind == "a":
            kept.children += inner.children
        else:
            other = Node(child.kind, child.value, block=child.block)
            other.attributes, other.model, other.is_closed = child.attributes, child.model, child.is_closed
            other.children = inner.children
            kept.children.append(other)
    return kept
