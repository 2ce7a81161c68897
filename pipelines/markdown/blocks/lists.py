"""Lists and definition lists. Source: kramdown 2.4's `parser/kramdown/list.rb`, kramdown-parser-gfm's `parse_list`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from pipelines.markdown.attributes import ATTRIBUTES, AttributeList
from pipelines.markdown.blocks.state import BlockState
from pipelines.markdown.document import Node
from pipelines.markdown.patterns import (
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
from pipelines.markdown.tags import BLANK

_INKED_LINE = rf"[^\n]*{INK}[^\n]*\n"
_DEFINITION: Final = re.compile(rf"( {{0,3}}:){TAIL}")
_ITEM_IAL: Final = re.compile(rf"{BLANK}*\{{:(?!(?:{ID})?:|/)({ATTRIBUTES})\}}{BLANK}*")
_ITEM_IS_EMPTY: Final = re.compile(rf"(?:{BLANK}*\{{:(?!(?:{ID})?:|/){ATTRIBUTES}\}}{BLANK}*)?{BLANK}*\n")
_BREAK_AT_END: Final = re.compile(r"\\{1,2}\Z")
_TASK: Final = re.compile(rf"\A{BLANK}*\[[ xX]\]{BLANK}+")


@lru_cache(maxsize=64)
def _item_patterns(indentation: int) -> tuple[re.Pattern[str], re.Pattern[str], str]:
    """Return patterns of an item's indented and lazy lines, and the indentation to be removed."""
    fours, rest = divmod(indentation, 4)
    content = rf"(?:(?:\t| {{4}}){{{fours}}} {{{rest}}}|(?:\t| {{4}}){{{fours + 1}}}){_INKED_LINE}"
    lazy = rf"(?! {{0,{min(indentation, 3)}}}(?:{IAL}|{HTML_STOP}|{HTML_START})){_INKED_LINE}"
    return re.compile(content), re.compile(lazy), " " * indentation


@lru_cache(maxsize=16)
def _marker(kind: str, indentation: int) -> re.Pattern[str]:
    """Return the pattern of the next marker of a list whose items are indented so far (`fetch_pattern`)."""
    mark = {"ul": r"[+*\-]", "ol": r"[0-9]+\.", "dl": ":"}[kind]
    spaces = indentation - 1 if 1 <= indentation <= 3 else 3
    return re.compile(rf"( {{0,{spaces}}}{mark}){TAIL}")


def _first_line(indentation: int, content: str) -> tuple[str, int]:
    """Return an item's first line without its indentation, and the indentation of its other lines."""
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


def _take_ial(node: Node, content: str) -> str:
    """Return an item's content without the attribute list at its start, which becomes the node's."""
    found = _ITEM_IAL.match(content)
    if not found:
        return content
    node.ial = AttributeList(found[1])
    return content[found.end() :]


def any_list(state: BlockState) -> bool:
    """Read an ordered or unordered list."""
    text = state.text
    kind, marker = ("ul", UNORDERED) if UNORDERED.match(text, state.at) else ("ol", ORDERED)
    if not marker.match(text, state.at):
        return False
    node = state.new(kind)
    parts: list[list[str]] = []
    items: list[tuple[Node, list[list[str]]]] = []
    content_line, lazy_line, indent = _item_patterns(4)
    ended = nested = last_is_blank = False
    while state.at < state.end:
        if last_is_blank and RULE.match(text, state.at):
            break
        eob = EOB.match(text, state.at)
        if eob:
            state.at = eob.end()
            ended = True
            break
        start = marker.match(text, state.at)
        if start:
            item = Node("li")
            item.at = state.at if state.is_body else -1
            state.at = start.end()
            content, indentation = _first_line(len(start[1]), start[2])
            content_line, lazy_line, indent = _item_patterns(indentation)
            content = _take_ial(item, content)
            parts = [[content]]
            items.append((item, parts))
            marker = _marker(kind, indentation)
            nested = LIST.match(content) is not None
            last_is_blank = False
            continue
        line = content_line.match(text, state.at) or (None if last_is_blank else lazy_line.match(text, state.at))
        if line:
            state.at = line.end()
            content = line[0]
            if content[0] == "\t":
                tabs = len(content) - len(content.lstrip("\t"))
                content = "    " * tabs + content[tabs:]
            indented = content.startswith(indent)
            if indented:
                content = content[len(indent) :]
            if nested != indented and LIST.match(content):
                if indented:
                    parts.append([])
                    nested = True
                else:
                    content = f"{indent}    {content}"
            parts[-1].append(content)
            last_is_blank = False
            continue
        blank = BLANK_LINES.match(text, state.at)
        if not blank:
            break
        state.at = blank.end()
        nested = last_is_blank = True
        parts[-1].append(blank[0])
    state.tree.children.append(node)
    node.children = [item for item, _ in items]
    last = None
    for item, pieces in items:
        for piece in pieces:
            state.nested("".join(piece), item)
        if item.children:
            last = _finish_item(node, item, ended)
            if not state.document.options.hard_wrap:
                _end_line(item)
    if last is not None and not ended:
        state.tree.children.append(last)
    return True


def _end_line(item: Node) -> None:
    """Remove the backslash that ends a tight paragraph before another block: it breaks the line, which ends there."""
    if len(item.children) > 1 and item.children[1].kind != "blank":
        first = item.children[0]
        if first.tight and first.raw_text is not None:
            first.raw_text = _BREAK_AT_END.sub("", first.raw_text)


def _finish_item(node: Node, item: Node, ended: bool) -> Node | None:
    """Decide if an item's first paragraph is tight, read its check box, and return the blank lines at its end."""
    children = item.children
    first = children[0]
    if first.kind == "p":
        if len(children) > 1 and children[1].kind == "eob" and first.ial:
            del children[1]
        is_last = item is node.children[-1]
        closes = len(children) < 2 or children[1].kind != "blank" or (is_last and len(children) == 2 and not ended)
        if closes and (
            not is_last
            or len(node.children) == 1
            or any(
                not other.children or other.children[0].kind != "p" or other.children[0].tight
                for other in node.children[:-1]
            )
        ):
            first.tight = True
        if first.raw_text is not None:
            first.raw_text = _TASK.sub("", first.raw_text)
    return children.pop() if children[-1].kind == "blank" else None


def definition_list(state: BlockState) -> bool:
    """Read `: definition` lines after a paragraph, whose lines become the terms."""
    text, children = state.text, state.tree.children
    start = _DEFINITION.match(text, state.at)
    if not start or not children:
        return False
    paragraph = children[-1]
    if apart := paragraph.kind != "p":
        if len(children) < 2 or children[-2].kind != "p" or paragraph.kind != "blank" or paragraph.value != "\n":
            return False
        children.pop()
    node = state.new("dl")
    paragraph = children.pop()
    node.at = paragraph.at
    for term in (paragraph.raw_text or "").split("\n"):
        item = Node("dt")
        item.raw_text = _take_ial(item, term)
        node.children.append(item)
    node.ial = paragraph.ial
    marker = _DEFINITION
    items: list[tuple[Node, list[str]]] = []
    content_line, lazy_line, indent = _item_patterns(4)
    last_is_blank = False
    while state.at < state.end:
        start = marker.match(text, state.at)
        if start:
            item = Node("dd")
            item.at = state.at if state.is_body else -1
            item.tight = not apart
            state.at = start.end()
            content, indentation = _first_line(len(start[1]), start[2])
            content_line, lazy_line, indent = _item_patterns(indentation)
            items.append((item, [_take_ial(item, content)]))
            node.children.append(item)
            marker = _marker("dl", indentation)
            apart = last_is_blank = False
            continue
        if EOB.match(text, state.at):
            break
        line = content_line.match(text, state.at) or (None if last_is_blank else lazy_line.match(text, state.at))
        if line:
            state.at = line.end()
            content = line[0]
            if content[0] == "\t":
                tabs = len(content) - len(content.lstrip("\t"))
                content = "    " * tabs + content[tabs:]
            items[-1][1].append(content.removeprefix(indent))
            apart = last_is_blank = False
            continue
        found = BLANK_LINES.match(text, state.at)
        if not found:
            break
        state.at = found.end()
        items[-1][1].append(found[0])
        apart = last_is_blank = True
    last: Node | None = None
    for item, pieces in items:
        state.nested("".join(pieces), item)
        if not item.children:
            continue
        last = item.children.pop() if item.children[-1].kind == "blank" else None
        if item.children and item.children[0].kind == "p":
            item.children[0].tight = item.tight
            if not state.document.options.hard_wrap:
                _end_line(item)
    before = children[-2:]
    if before and before[-1].kind == "dl":
        before[-1].children += node.children
    elif len(before) == 2 and before[1].kind == "blank" and before[0].kind == "dl":
        children.pop()
        before[0].children += node.children
    else:
        children.append(node)
    if last is not None:
        children.append(last)
    return True
