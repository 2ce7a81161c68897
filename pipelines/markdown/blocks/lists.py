"""Lists and definition lists of Markdown. Source: kramdown 2.4's `parser/kramdown/list.rb`, kramdown-parser-gfm."""

from __future__ import annotations

import re
from functools import lru_cache

from pipelines.normalise.markdown_attributes import ATTRIBUTES, AttributeList
from pipelines.normalise.markdown_html import BLANK
from pipelines.normalise.markdown_patterns import (
    BLANK_LINES,
    EOB,
    HTML_START,
    HTML_STOP,
    IAL,
    ID,
    INK,
    LIST,
    ORDERED,
    RULE,
    TAIL,
    UNORDERED,
    WHITE,
)
from pipelines.normalise.markdown_tree import Block, Scanner

_INKED_LINE = rf"[^\n]*{INK}[^\n]*\n"
_DEFINITION = re.compile(rf"( {{0,3}}:){TAIL}")
_ITEM_IAL = re.compile(rf"{BLANK}*\{{:(?!(?:{ID})?:|/)({ATTRIBUTES})\}}{BLANK}*")
_ITEM_IS_EMPTY = re.compile(rf"(?:{BLANK}*\{{:(?!(?:{ID})?:|/){ATTRIBUTES}\}}{BLANK}*)?{BLANK}*\n")
_TASK = re.compile(rf"\A{BLANK}*\[[ xX]\]{BLANK}+")


@lru_cache(maxsize=64)
def _item_patterns(indentation: int) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Patterns of a list item's lines: indented, lazy, and the indentation to be taken off."""
    fours, rest = divmod(indentation, 4)
    content = rf"(?:(?:\t| {{4}}){{{fours}}} {{{rest}}}|(?:\t| {{4}}){{{fours + 1}}}){_INKED_LINE}"
    lazy = rf"(?! {{0,{min(indentation, 3)}}}(?:{IAL}|{HTML_STOP}|{HTML_START})){_INKED_LINE}"
    return re.compile(content), re.compile(lazy), re.compile(rf" {{{indentation}}}")


@lru_cache(maxsize=16)
def _marker(kind: str, indentation: int) -> re.Pattern[str]:
    """The next marker of a list whose items are indented so far."""
    mark = {"ul": r"[+*\-]", "ol": r"[0-9]+\.", "dl": ":"}[kind]
    spaces = indentation - 1 if 1 <= indentation <= 3 else 3
    return re.compile(rf"( {{0,{spaces}}}{mark}){TAIL}")


class Lists(Scanner):
    """Reads lists."""

    @staticmethod
    def first_line(indentation: int, content: str) -> tuple[str, int]:
        """An item's first line without what indents it, and how far its other lines are indented."""
        if _ITEM_IS_EMPTY.match(content):
            indentation = 4
        else:
            spaces = len(content) - len(content.lstrip(" "))
            while content.startswith("\t", spaces):
                tabs = len(content) - spaces - len(content[spaces:].lstrip("\t"))
                fill = 4 - (spaces + indentation) % 4 + (tabs - 1) * 4
                content = content[:spaces] + " " * fill + content[spaces + tabs :]
                spaces = len(content) - len(content.lstrip(" "))
            indentation += spaces
        return content.lstrip(WHITE), indentation

    @staticmethod
    def item_attributes(item: Block, content: str) -> str:
        """Takes an attribute list off the start of an item."""
        found = _ITEM_IAL.match(content)
        if not found:
            return content
        item.given = AttributeList()
        item.given.read(found[1])
        return content[found.end() :]

    def any_list(self, tree: Block, depth: int) -> bool | None:
        text = self.text
        kind, marker = ("ul", UNORDERED) if UNORDERED.match(text, self.at) else ("ol", ORDERED)
        if not marker.match(text, self.at):
            return None
        block = self.new(kind)
        parts: list[list[str]] = []
        items: list[tuple[Block, list[list[str]]]] = []
        content_line, lazy_line, indent = _item_patterns(4)
        indentation = 0
        ended = nested = last_is_blank = False
        while self.at < self.end:
            if last_is_blank and RULE.match(text, self.at):
                break
            eob = EOB.match(text, self.at)
            if eob:
                self.at = eob.end()
                ended = True
                break
            start = marker.match(text, self.at)
            if start:
                self.at = start.end()
                item = Block("li")
                content, indentation = self.first_line(len(start[1]), start[2])
                content_line, lazy_line, indent = _item_patterns(indentation)
                content = self.item_attributes(item, content)
                parts = [[content]]
                items.append((item, parts))
                block.children.append(item)
                marker = _marker(kind, indentation)
                nested = LIST.match(content) is not None
                last_is_blank = False
                continue
            line = content_line.match(text, self.at) or (None if last_is_blank else lazy_line.match(text, self.at))
            if line:
                self.at = line.end()
                content = line[0]
                tabs = len(content) - len(content.lstrip("\t"))
                content = "    " * tabs + content[tabs:]
                indented = indent.match(content)
                if indented:
                    content = content[indentation:]
                if LIST.match(content):
                    if not nested and indented:
                        parts.append([])
                        nested = True
                    elif nested and not indented:
                        content = " " * (indentation + 4) + content
                parts[-1].append(content)
                last_is_blank = False
                continue
            blank = BLANK_LINES.match(text, self.at)
            if not blank:
                break
            self.at = blank.end()
            nested = last_is_blank = True
            parts[-1].append(blank[0])
        tree.children.append(block)
        last: Block | None = None
        for item, pieces in items:
            for piece in pieces:
                self.nested(item, "".join(piece), depth + 1)
            children = item.children
            if not children:
                continue
            first = children[0]
            if isinstance(first, Block) and first.kind == "p":
                first.text = _TASK.sub("", first.text)
            tail = children[-1]
            last = None
            if isinstance(tail, Block) and tail.kind == "blank":
                last = tail
                children.pop()
        if last is not None and not ended:
            tree.children.append(last)
        return False

    def definition_list(self, tree: Block, depth: int) -> bool | None:
        text, children = self.text, tree.children
        start = _DEFINITION.match(text, self.at)
        if not start or not children:
            return None
        kinds = [child.kind if isinstance(child, Block) else "" for child in children[-2:]]
        if kinds[-1] != "p":
            if len(kinds) == 1 or kinds != ["p", "blank"]:
                return None
            blank = children[-1]
            if not isinstance(blank, Block) or blank.text != "\n":
                return None
            children.pop()
        block = self.new("dl")
        paragraph = children.pop()
        if not isinstance(paragraph, Block):
            return None
        for term in paragraph.text.split("\n"):
            item = Block("dt")
            item.text = self.item_attributes(item, term)
            block.children.append(item)
        block.given = paragraph.given
        marker = _DEFINITION
        items: list[tuple[Block, list[str]]] = []
        content_line, lazy_line, indent = _item_patterns(4)
        indentation = 0
        last_is_blank = False
        while self.at < self.end:
            start = marker.match(text, self.at)
            if start:
                self.at = start.end()
                item = Block("dd")
                content, indentation = self.first_line(len(start[1]), start[2])
                content_line, lazy_line, indent = _item_patterns(indentation)
                items.append((item, [self.item_attributes(item, content)]))
                block.children.append(item)
                marker = _marker("dl", indentation)
                last_is_blank = False
                continue
            if EOB.match(text, self.at):
                break
            line = content_line.match(text, self.at) or (None if last_is_blank else lazy_line.match(text, self.at))
            if line:
                self.at = line.end()
                content = line[0]
                tabs = len(content) - len(content.lstrip("\t"))
                content = "    " * tabs + content[tabs:]
                if indent.match(content):
                    content = content[indentation:]
                items[-1][1].append(content)
                last_is_blank = False
                continue
            found = BLANK_LINES.match(text, self.at)
            if not found:
                break
            self.at = found.end()
            items[-1][1].append(found[0])
            last_is_blank = True
        last: Block | None = None
        for item, pieces in items:
            self.nested(item, "".join(pieces), depth + 1)
            last = None
            if item.children:
                tail = item.children[-1]
                if isinstance(tail, Block) and tail.kind == "blank":
                    last = tail
                    item.children.pop()
        children.append(block)
        if last is not None:
            children.append(last)
        return False
