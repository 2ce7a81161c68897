"""Elements written as HTML among Markdown blocks.

Source: kramdown 2.4's `parser/html.rb`, `parser/kramdown/html.rb`.
"""

from __future__ import annotations

import re

from pipelines.normalise.markdown_attributes import MARKDOWN_ATTRIBUTE, MAX_DEPTH
from pipelines.normalise.markdown_html import (
    BLANK,
    CLOSING_TAG,
    NAME,
    RAW_TEXT,
    SPAN_ELEMENTS,
    TAG,
    TAG_START,
    VOID_ELEMENTS,
    Close,
    Open,
    attributes,
    content_model,
    element_name,
)
from pipelines.normalise.markdown_tree import Block, Scanner

_TRAILING = re.compile(r"[ \t]*\n")
_RAW_HTML = re.compile(rf"<(?:{NAME}|/|!--|\?)")


class Elements(Scanner):
    """Reads elements written as HTML."""

    def html(self, tree: Block, depth: int) -> bool | None:
        text = self.text
        if text.startswith("<!--", self.at):
            closing = self.find("-->", self.at + 4)
            if closing >= 0:
                self.at = closing + 3
                self.skip_trailing()
                tree.children.append(Block("comment"))
                return False
        start = self.at
        while text[start] == " ":
            start += 1
        if not TAG_START.match(text, start):
            return None
        tag = TAG.match(text, start)
        if tag and tag[1].lower() not in SPAN_ELEMENTS:
            self.at = tag.end()
            self.element(tree, tag, depth)
            return False
        closing_tag = CLOSING_TAG.match(text, start)
        name = closing_tag[1].lower() if closing_tag else ""
        if closing_tag and name not in SPAN_ELEMENTS and tree.kind == "html" and tree.name == name:
            self.at = closing_tag.end()
            return True
        return None

    def skip_trailing(self) -> None:
        found = _TRAILING.match(self.text, self.at)
        if found:
            self.at = found.end()

    def element(self, tree: Block, tag: re.Match[str], depth: int) -> None:
        """An HTML element whose start tag was just read."""
        name = element_name(tag[1])
        block = self.new("html")
        block.name = name
        block.attributes = attributes(tag[2], name.islower())
        tree.children.append(block)
        parses = self.document.definitions.options.parse_block_html and not tree.raw
        model = content_model(name) if parses else "raw"
        asked = MARKDOWN_ATTRIBUTE.get(block.attributes.pop("markdown", ""))
        if asked:
            model = content_model(name) if asked == "default" else asked
        if name in RAW_TEXT:
            self.raw_text(name)
            return
        if model == "block":
            self.skip_trailing()
        if tag[3] or name in VOID_ELEMENTS:
            return
        if model == "block" and depth < MAX_DEPTH:
            self.blocks(block, depth + 1)
        elif model == "span":
            closing = re.compile(rf"</{re.escape(name)}{BLANK}*>", re.IGNORECASE).search(self.text, self.at)
            block.children.append(Block("text", self.text[self.at : closing.start() if closing else self.end]))
            self.at = closing.end() if closing else self.end
        else:
            block.raw = True
            self.raw_html(block, depth)
        if not tree.raw:
            self.skip_trailing()

    def raw_text(self, name: str) -> None:
        """Skips what stands in a script or style."""
        key = f"</{name}"
        if self.absent.get(key, self.end + 1) > self.at:
            closing = re.compile(rf"</{name}{BLANK}*>", re.IGNORECASE).search(self.text, self.at)
            if closing:
                self.at = closing.end()
                return
            self.absent[key] = self.at
        self.at = self.end

    def raw_html(self, block: Block, depth: int) -> None:
        """HTML up to the element's end tag, its tags kept flat."""
        text, children = self.text, block.children
        open_names = [block.name]
        while self.at < self.end:
            found = _RAW_HTML.search(text, self.at)
            if not found:
                children.append(Block("plain", text[self.at :]))
                self.at = self.end
                break
            start = found.start()
            if start > self.at:
                children.append(Block("plain", text[self.at : start]))
            self.at = start
            if self.skip_markup():
                continue
            tag = TAG.match(text, start)
            if tag:
                self.at = tag.end()
                self.raw_tag(block, tag, open_names, depth)
                continue
            closing = CLOSING_TAG.match(text, start)
            if closing:
                self.at = closing.end()
                top = open_names[-1]
                if top == (closing[1].lower() if top.islower() else closing[1]):
                    open_names.pop()
                    if not open_names:
                        return
                    children.append(Close(top))
                continue
            children.append(Block("plain", text[start]))
            self.at = start + 1
        children += map(Close, open_names[:0:-1])

    def skip_markup(self) -> bool:
        """Skips a comment or an instruction."""
        for opening, closing in (("<!--", "-->"), ("<?", "?>")):
            if self.text.startswith(opening, self.at):
                end = self.find(closing, self.at + len(opening))
                if end >= 0:
                    self.at = end + len(closing)
                    return True
        return False

    def raw_tag(self, block: Block, tag: re.Match[str], open_names: list[str], depth: int) -> None:
        """A start tag inside raw HTML; an element that asks for Markdown becomes a block of its own."""
        name = element_name(tag[1])
        given = attributes(tag[2], name.islower())
        asked = MARKDOWN_ATTRIBUTE.get(given.pop("markdown", ""))
        if asked and asked != "raw" and depth < MAX_DEPTH:
            self.element(block, tag, depth + 1)
            return
        block.children.append(Open(name, given))
        if name in RAW_TEXT:
            self.raw_text(name)
            block.children.append(Close(name))
        elif tag[3] or name in VOID_ELEMENTS:
            block.children.append(Close(name))
        else:
            open_names.append(name)
