"""Block-level Markdown as kramdown parses it, in the dialect that Jekyll sets: GFM, no hard wrap.

A body becomes a tree of blocks whose texts are not parsed yet, and the definitions that its spans will need. What
belongs elsewhere: what stands inside a line (`markdown_spans`), which tags there are (`markdown_html`).

Source: kramdown 2.4's `parser/kramdown/*.rb` and kramdown-parser-gfm. Patterns are anchored at the place they are tried.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

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
from pipelines.normalise.markdown_spans import (
    ATTRIBUTES,
    MARKDOWN_ATTRIBUTE,
    MAX_DEPTH,
    AttributeList,
    Definitions,
    Span,
    is_html_extension,
    link_id,
    parse_code,
    parse_code_and_html,
)

_INK = r"[^ \t\n\r\f\v]"
_INKED_LINE = rf"[^\n]*{_INK}[^\n]*\n"
_ID = r"[A-Za-z0-9_][A-Za-z0-9_\-]*"
_TAIL = r"([\t| ][^\n]*\n)"

_not_spans = rf"(?!(?:{'|'.join(sorted(SPAN_ELEMENTS))}|script)\b)"
_HTML_START = rf"<{_not_spans}{NAME}"
_HTML_STOP = rf"</{_not_spans}{NAME}{BLANK}*>"
_IAL_UNNAMED = rf"\{{:(?![:/]){ATTRIBUTES}\}}{BLANK}*?\n"
_IAL = rf"\{{:(?![:/])({ATTRIBUTES})\}}{BLANK}*?\n"
_UL = rf"( {{0,3}}[+*\-]){_TAIL}"
_OL = rf"( {{0,3}}[0-9]+\.){_TAIL}"

BLANK_LINES = re.compile(rf"{BLANK}*\n")
_INDENT = re.compile(r"\t| {4}")
_INDENTS = re.compile(r"^(?:\t| {4})", re.MULTILINE)
_EOB = re.compile(rf"\^{BLANK}*?\n")
_LINE = re.compile(r"[^\n]*\n")
_LAZY_END = (
    rf"{BLANK}*\n| {{0,3}}{_IAL_UNNAMED}|\^{BLANK}*?\n| {{0,3}}{_HTML_STOP}| {{0,3}}{_HTML_START}|\Z"
)
_PARAGRAPH_END = (
    rf"{_LAZY_END}| {{0,3}}(?:[+*\-]|[0-9]+\.|:)[\t| ]|\#{{1,6}}[\t ]|(?: {{0,3}})>| {{0,3}}[~`]{{3}}"
)
_PARAGRAPH = re.compile(rf"[^\n]*\n(?:(?!{_PARAGRAPH_END})[^\n]*\n)*")
_LAZY_LINES = re.compile(rf"[^\n]*\n(?:(?!{_LAZY_END})[^\n]*\n)*")
_BOUNDARY = re.compile(rf"{BLANK}*\n|\^{BLANK}*?\n| {{0,3}}{_IAL_UNNAMED}|\Z")
_CODE_BLOCK = (
    rf"(?:(?:{BLANK}*\n)?(?:(?:\t| {{4}})[ \t]*{_INK}[^\n]*\n)+"
    rf"(?:(?! {{0,3}}{_IAL_UNNAMED}|\^{BLANK}*?\n| {{0,3}}{_HTML_STOP}| {{0,3}}{_HTML_START})[ \t]*{_INK}[^\n]*\n)*)*"
)
_INDENTED_CODE = re.compile(_CODE_BLOCK)
_FENCED_OPENING = re.compile(rf" {{0,3}}(([~`])\2{{2,}}){BLANK}*?(?:{_INK}+)?{BLANK}*?\n")
_QUOTE = re.compile(r" {0,3}> ?")
_QUOTES = re.compile(r"^ {0,3}> ?", re.MULTILINE)
_ATX = re.compile(r"(\#{1,6})[\t ]+([^\n]*)\n")
_SETEXT = re.compile(r" {0,3}([^ \t\n][^\n]*)\n([-=])[-=]*[ \t\r\f\v]*\n")
_HEADER_ID = re.compile(r"[\t ]\{\#([A-Za-z][A-Za-z0-9_:\-]*)\}\Z")
_RULE = re.compile(r" {0,3}(\*|-|_)[ \t]*\1[ \t]*\1(?:\1|[ \t])*\n")
_UNORDERED = re.compile(_UL)
_ORDERED = re.compile(_OL)
_LIST = re.compile(rf"{_UL}|{_OL}")
_DEFINITION = re.compile(rf"( {{0,3}}:){_TAIL}")
_ITEM_IAL = re.compile(rf"{BLANK}*\{{:(?!(?:{_ID})?:|/)({ATTRIBUTES})\}}{BLANK}*")
_ITEM_IS_EMPTY = re.compile(rf"(?:{BLANK}*\{{:(?!(?:{_ID})?:|/){ATTRIBUTES}\}}{BLANK}*)?{BLANK}*\n")
_MATH = re.compile(r" {0,3}(\\)?\$\$")
_REST_BLANK = re.compile(rf"{BLANK}*?\n")
_FOOTNOTE = re.compile(rf" {{0,3}}\[\^({_ID})\]:{BLANK}*?([^\n]*\n{_CODE_BLOCK})")
_LINK = re.compile(r" {0,3}\[([^\n\]]+)\]:[ \t]*([^\n]*)\n")
_LINK_TITLE = re.compile(r"[ \t]+([\"'])")
_NEXT_LINE_TITLE = re.compile(r"[ \t]*([\"'])[^\n]+\1[ \t]*\n")
_ABBREVIATION = re.compile(r" {0,3}\*\[[^\n]+?\]:[^\n]*\n")
_ALD = re.compile(rf" {{0,3}}\{{:({_ID}):({ATTRIBUTES})\}}{BLANK}*?\n")
_EXTENSION = re.compile(
    rf" {{0,3}}(?:\{{::([A-Za-z0-9_]+)(?:{BLANK}((?:[^}}/]|/(?!\}})){{0,500}}+))?(/)?\}}|\{{:/(?:{_ID})?\}}){BLANK}*?\n"
)
_IAL_LINE = re.compile(rf" {{0,3}}{_IAL}")
_TRAILING = re.compile(r"[ \t]*\n")
_TASK = re.compile(rf"\A{BLANK}*\[[ xX]\]{BLANK}+")
_RAW_HTML = re.compile(rf"<(?:{NAME}|/|!--|\?)")

_PIPE = re.compile(r"\||[^\n]*?[^\\\n]\|")
_TABLE_LINE = re.compile(r"(?:\||[^\n]*?[^\\\n]\|)[^\n]*\n")
_TABLE_START = re.compile(r" {0,3}(?=[^ \t\n\r\f\v])(?:\||[^\n]*?[^\\\n]\|)[^\n]*\n")
_TABLE_SEPARATOR = re.compile(r"[+|: \t\-]*-[+|: \t\-]*\n")
_TABLE_FOOT = re.compile(r"[+|: \t=]*=[+|: \t=]*\n")
_UNESCAPED_PIPE = re.compile(r"(?<!\\)\|")
_TICKS = re.compile(r"`+")

WHITE: Final = " \t\n\r\f\v"


class Block:
    """A block: its kind (an HTML name where there is one), its unparsed text or its children, its attributes.

    Kinds that HTML does not have: `blank`, `eob` (what parts blocks and shows nothing), `text` (a text by itself),
    `raw` (HTML to be taken as it is), `html` (an element written as HTML; its name in `name`, its tags kept flat).
    """

    __slots__ = ("attributes", "children", "given", "kind", "level", "name", "raw", "text")

    def __init__(self, kind: str, text: str = "") -> None:
        self.kind = kind
        self.text = text
        self.name = kind
        self.level = 0
        self.raw = False
        self.attributes: dict[str, str] = {}
        self.given: AttributeList | None = None
        self.children: list[Block | Open | Close] = []


class Document:
    """The blocks of a body, the contents of its footnotes and what it defines."""

    __slots__ = ("blocks", "definitions", "footnotes")

    def __init__(self) -> None:
        self.blocks = Block("root")
        self.footnotes: dict[str, Block] = {}
        self.definitions = Definitions()


def parse(body: str) -> Document:
    """The blocks of a Markdown body."""
    document = Document()
    text = body.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n") + "\n"
    _Parser(text, document).blocks(document.blocks, 0)
    return document


@lru_cache(maxsize=64)
def _item_patterns(indentation: int) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Patterns of a list item's lines: indented, lazy, and the indentation to be taken off."""
    fours, rest = divmod(indentation, 4)
    content = rf"(?:(?:\t| {{4}}){{{fours}}} {{{rest}}}|(?:\t| {{4}}){{{fours + 1}}}){_INKED_LINE}"
    lazy = rf"(?! {{0,{min(indentation, 3)}}}(?:{_IAL_UNNAMED}|{_HTML_STOP}|{_HTML_START})){_INKED_LINE}"
    return re.compile(content), re.compile(lazy), re.compile(rf" {{{indentation}}}")


@lru_cache(maxsize=16)
def _marker(kind: str, indentation: int) -> re.Pattern[str]:
    """The next marker of a list whose items are indented so far."""
    mark = {"ul": r"[+*\-]", "ol": r"[0-9]+\.", "dl": ":"}[kind]
    spaces = indentation - 1 if 1 <= indentation <= 3 else 3
    return re.compile(rf"( {{0,{spaces}}}{mark}){_TAIL}")


class _Parser:
    """One text and the place in it. Nested texts have parsers of their own."""

    def __init__(self, text: str, document: Document) -> None:
        self.text = text
        self.end = len(text)
        self.at = 0
        self.document = document
        self.pending: AttributeList | None = None
        self.absent: dict[str, int] = {}

    def find(self, what: str, start: int) -> int:
        """`str.find` that remembers what is not there."""
        if self.absent.get(what, self.end + 1) <= start:
            return -1
        found = self.text.find(what, start)
        if found < 0:
            self.absent[what] = start
        return found

    def new(self, kind: str, text: str = "") -> Block:
        """A block with the attribute list that stands before it."""
        block = Block(kind, text)
        block.given, self.pending = self.pending, None
        return block

    def nested(self, tree: Block, text: str, depth: int) -> None:
        """Parses a text of its own into `tree`."""
        if depth >= MAX_DEPTH:
            tree.children.append(Block("text", text))
        else:
            _Parser(text, self.document).blocks(tree, depth)

    def blocks(self, tree: Block, depth: int) -> bool:
        """Fills `tree` up to its end tag or to the end, and tells whether the tag was found."""
        text = self.text
        outer, self.pending = self.pending, None
        found = False
        while self.at < self.end:
            if self.block(text, tree, depth):
                found = True
                break
        self.pending = outer
        return found

    def block(self, text: str, tree: Block, depth: int) -> bool:
        """One block. True: the end tag of `tree` was met."""
        at = self.at
        first = text[at]
        if first in WHITE:
            blank = BLANK_LINES.match(text, at)
            if blank:
                self.at = blank.end()
                last = tree.children[-1] if tree.children else None
                if isinstance(last, Block) and last.kind == "blank":
                    last.text += blank[0]
                else:
                    tree.children.append(self.new("blank", blank[0]))
                return False
            if first == "\t" or text.startswith("    ", at):
                code = _INDENTED_CODE.match(text, at)
                if code and code.end() > at:
                    self.at = code.end()
                    tree.children.append(self.new("pre"))
                    return False
            ink = at
            while text[ink] == " ":
                ink += 1
            if ink - at > 3 or text[ink] in WHITE:
                line = _LINE.match(text, at)
                self.at = line.end() if line else self.end
                tree.children.append(Block("text", text[at : self.at]))
                return False
            first = text[ink]
        handler = _HANDLERS.get(first)
        if handler is not None:
            for attempt in handler:
                done = attempt(self, tree, depth)
                if done is not None:
                    return done
        if self.after_boundary(tree) and (self.setext(tree) or self.table(tree)):
            return False
        for attempt in _LATE_HANDLERS.get(first, ()):
            if attempt(self, tree, depth) is not None:
                return False
        self.paragraph(tree)
        return False

    def after_boundary(self, tree: Block) -> bool:
        if not tree.children or self.pending:
            return True
        last = tree.children[-1]
        return isinstance(last, Block) and (last.kind == "blank" or (last.kind == "eob" and not last.text))

    def before_boundary(self) -> bool:
        return _BOUNDARY.match(self.text, self.at) is not None

    def paragraph(self, tree: Block) -> None:
        found = _PARAGRAPH.match(self.text, self.at)
        start = self.at
        self.at = found.end() if found else self.end
        words = self.text[start : self.at].rstrip(WHITE + "\0")
        last = tree.children[-1] if tree.children else None
        if isinstance(last, Block) and last.kind == "p":
            last.text += f"\n{words}"
        else:
            tree.children.append(self.new("p", words.lstrip(WHITE + "\0")))

    def fenced_code(self, tree: Block, _: int) -> bool | None:
        opening = _FENCED_OPENING.match(self.text, self.at)
        if not opening:
            return None
        fence = opening[1]
        if self.absent.get(fence, self.end + 1) <= opening.start():
            return None
        closing = re.compile(rf"^ {{0,3}}{re.escape(fence)}{re.escape(fence[0])}*{BLANK}*?\n", re.MULTILINE)
        found = closing.search(self.text, opening.end())
        if not found:
            self.absent[fence] = opening.start()
            return None
        self.at = found.end()
        tree.children.append(self.new("pre"))
        return False

    def quote(self, tree: Block, depth: int) -> bool | None:
        found = _LAZY_LINES.match(self.text, self.at)
        start = self.at
        self.at = found.end() if found else self.end
        block = self.new("blockquote")
        tree.children.append(block)
        self.nested(block, _QUOTES.sub("", self.text[start : self.at]), depth + 1)
        return False

    def header(self, tree: Block, level: int, words: str, closing: bool) -> bool:
        """Adds a header; False where it has no words."""
        words = words.rstrip(WHITE + "\0")
        given = _HEADER_ID.search(words)
        if given:
            words = words[: given.start()].rstrip(WHITE + "\0")
        if closing:
            shorter = words.rstrip("#")
            if shorter != words and shorter[-1:] in ("\t", " "):
                words = shorter.rstrip(WHITE + "\0")
        if not words:
            return False
        block = self.new(f"h{level}", words)
        block.level = level
        if given:
            block.attributes["id"] = given[1]
        tree.children.append(block)
        return True

    def atx(self, tree: Block, _: int) -> bool | None:
        found = _ATX.match(self.text, self.at)
        if not found or not self.header(tree, len(found[1]), found[2], True):
            return None
        self.at = found.end()
        return False

    def setext(self, tree: Block) -> bool:
        found = _SETEXT.match(self.text, self.at)
        if not found or not self.header(tree, 2 if found[2] == "-" else 1, found[1], False):
            return False
        self.at = found.end()
        return True

    def rule(self, tree: Block, _: int) -> bool | None:
        found = _RULE.match(self.text, self.at)
        if not found:
            return None
        self.at = found.end()
        tree.children.append(self.new("hr"))
        return False

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

    def list(self, tree: Block, depth: int) -> bool | None:
        text = self.text
        kind, marker = ("ul", _UNORDERED) if _UNORDERED.match(text, self.at) else ("ol", _ORDERED)
        if not marker.match(text, self.at):
            return None
        block = self.new(kind)
        parts: list[list[str]] = []
        items: list[tuple[Block, list[list[str]]]] = []
        content_line, lazy_line, indent = _item_patterns(4)
        indentation = 0
        ended = nested = last_is_blank = False
        while self.at < self.end:
            if last_is_blank and _RULE.match(text, self.at):
                break
            eob = _EOB.match(text, self.at)
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
                nested = _LIST.match(content) is not None
                last_is_blank = False
                continue
            line = content_line.match(text, self.at) or (
                None if last_is_blank else lazy_line.match(text, self.at)
            )
            if line:
                self.at = line.end()
                content = line[0]
                tabs = len(content) - len(content.lstrip("\t"))
                content = "    " * tabs + content[tabs:]
                indented = indent.match(content)
                if indented:
                    content = content[indentation:]
                if _LIST.match(content):
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
            if _EOB.match(text, self.at):
                break
            line = content_line.match(text, self.at) or (
                None if last_is_blank else lazy_line.match(text, self.at)
            )
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
        if closing_tag and closing_tag[1].lower() not in SPAN_ELEMENTS:
            if tree.kind == "html" and tree.name == closing_tag[1].lower():
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
        model = "raw"
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
                return
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
            self.at = start + 1

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

    def math(self, tree: Block, _: int) -> bool | None:
        found = _MATH.match(self.text, self.at)
        if not found or not self.after_boundary(tree):
            return None
        closing = self.find("$$", found.end())
        if closing < 0:
            return None
        rest = _REST_BLANK.match(self.text, closing + 2)
        if found[1]:
            if rest:
                self.at = found.start(1) + 1
            return None
        start = self.at
        self.at = rest.end() if rest else closing + 2
        if self.before_boundary():
            tree.children.append(self.new("math"))
            return False
        self.at = start
        return None

    def footnote(self, tree: Block, depth: int) -> bool | None:
        found = _FOOTNOTE.match(self.text, self.at)
        if not found:
            return None
        self.at = found.end()
        content = Block("footnote")
        self.nested(content, _INDENTS.sub("", found[2]), depth + 1)
        self.document.footnotes[found[1]] = content
        self.document.definitions.footnotes.add(found[1])
        tree.children.append(self.new("eob", "footnote"))
        return False

    def link_definition(self, tree: Block, _: int) -> bool | None:
        found = _LINK.match(self.text, self.at)
        if not found:
            return None
        rest, end = found[2], found.end()
        url = None
        if rest.startswith("<"):
            closing = rest.find(">")
            if closing > 0 and _is_title(rest[closing + 1 :]):
                url = rest[1:closing]
                after = rest[closing + 1 :]
                titled = bool(after.strip(" \t"))
        if url is None:
            title = _LINK_TITLE.search(rest)
            titled = title is not None
            if title and not (title.start() and _is_title(rest[title.start() :])):
                return None
            url = rest[: title.start()] if title else rest.rstrip(" \t")
            if not url.strip(WHITE):
                return None
        if not titled:
            following = _NEXT_LINE_TITLE.match(self.text, end)
            if following:
                end = following.end()
        self.at = end
        block = self.new("eob", "link")
        tree.children.append(block)
        block.given = block.given or AttributeList()
        self.document.definitions.links[link_id(found[1])] = (url, block.given)
        return False

    def abbreviation(self, tree: Block, _: int) -> bool | None:
        found = _ABBREVIATION.match(self.text, self.at)
        if not found:
            return None
        self.at = found.end()
        tree.children.append(self.new("eob", "abbreviation"))
        return False

    def extension(self, tree: Block, _: int) -> bool | None:
        """`{:name: …}`, `{::name …}`, `{: …}`."""
        text = self.text
        found = _ALD.match(text, self.at)
        if found:
            lists = self.document.definitions.attribute_lists
            lists.setdefault(found[1], AttributeList()).read(found[2])
            self.at = found.end()
            tree.children.append(self.new("eob", "ald"))
            return False
        found = _EXTENSION.match(text, self.at)
        if found:
            return self.extension_block(tree, found)
        found = _IAL_LINE.match(text, self.at)
        if not found:
            return None
        self.at = found.end()
        last = tree.children[-1] if tree.children else None
        if (
            isinstance(last, Block)
            and last.kind != "blank"
            and (last.kind != "eob" or last.text in ("link", "abbreviation", "footnote"))
        ):
            last.given = last.given or AttributeList()
            last.given.read(found[1])
            if not _IAL_LINE.match(text, self.at):
                tree.children.append(self.new("eob", "ial"))
        else:
            self.pending = self.pending or AttributeList()
            self.pending.read(found[1])
        return False

    def extension_block(self, tree: Block, found: re.Match[str]) -> bool | None:
        name = found[1]
        if name not in ("comment", "nomarkdown", "options"):
            return None
        end, body = found.end(), ""
        if not found[3]:
            key = f"{{:/{name}"
            if self.absent.get(key, self.end + 1) <= end:
                return None
            stop = re.compile(rf"^ {{0,3}}\{{:/(?:{name})?\}}{BLANK}*?\n", re.MULTILINE).search(self.text, end)
            if not stop:
                self.absent[key] = end
                return None
            body, end = self.text[end : stop.start()], stop.end()
        self.at = end
        if name == "options":
            tree.children.append(self.new("eob", "options"))
        elif name == "nomarkdown" and is_html_extension(found[2] or ""):
            tree.children.append(Block("raw", body))
        else:
            tree.children.append(Block("comment"))
        return False

    def eob(self, tree: Block, _: int) -> bool | None:
        found = _EOB.match(self.text, self.at)
        if not found:
            return None
        self.at = found.end()
        tree.children.append(self.new("eob"))
        return False

    def table(self, tree: Block) -> bool:
        text, start = self.text, self.at
        newline = text.find("\n", start)
        if text.find("|", start, newline) < 0 or not _TABLE_START.match(text, start):
            return False
        leading_pipe = text[start:newline].lstrip(WHITE).startswith("|")
        at = start
        separator = _TABLE_SEPARATOR.match(text, at)
        if separator:
            at = separator.end()
        bodies = pending = 0
        aligned = has_foot = False
        rows: list[list[str]] = []
        while at < self.end and _TABLE_LINE.match(text, at):
            separator = _TABLE_SEPARATOR.match(text, at)
            foot = None if separator else _TABLE_FOOT.match(text, at)
            if separator:
                at = separator.end()
                if pending and not aligned and not has_foot:
                    aligned = True
                    pending = 0
                elif pending and not has_foot:
                    bodies += 1
                    pending = 0
            elif foot:
                at = foot.end()
                if pending:
                    bodies += 1
                    pending = 0
                has_foot = True
            else:
                newline = text.find("\n", at)
                rows.append(_cells(text[at:newline].rstrip(" \t"), leading_pipe))
                pending += 1
                at = newline + 1
        self.at = at
        if not self.before_boundary() or not _has_pipes(text[start : at - 1]) or (has_foot and not bodies):
            self.at = start
            return False
        if not bodies and not pending:
            self.at = start
            return False
        block = self.new("table")
        for row in rows:
            for cell in row:
                block.children.append(Block("td", cell))
        tree.children.append(block)
        return True


def _is_title(rest: str) -> bool:
    """Whether what follows a url is a quoted title, or nothing."""
    quoted = rest.strip(" \t")
    if not quoted:
        return True
    return rest[0] in " \t" and len(quoted) > 2 and quoted[0] in "\"'" and quoted[-1] == quoted[0]


def _cells(line: str, leading_pipe: bool) -> list[str]:
    """The texts of a table row's cells; pipes in code part nothing."""
    cells = [""]
    for number, part in enumerate(_parted_by_code(line)):
        if number % 2:
            cells[-1] += part
            continue
        for piece in parse_code(part):
            if isinstance(piece, str):
                first, *others = (cell.replace("\\|", "|") for cell in _UNESCAPED_PIPE.split(piece))
                cells[-1] += first
                cells.extend(others)
            else:
                ticks = max(_TICKS.findall(piece.text), default="") + "`"
                blank = " " if len(ticks) > 1 else ""
                cells[-1] += f"{ticks}{blank}{piece.text}{blank}{ticks}"
    if leading_pipe and not cells[0].strip(WHITE):
        cells.pop(0)
    if cells and not cells[-1].strip(WHITE):
        cells.pop()
    return [cell.strip(WHITE) for cell in cells]


def _parted_by_code(line: str) -> list[str]:
    """The line parted by the `code` elements in it; those have the odd places."""
    parts: list[str] = []
    at = 0
    while True:
        opening = line.find("<code", at)
        end = line.find(">", opening) if opening >= 0 else -1
        closing = line.find("</code>", end) if end >= 0 else -1
        if closing < 0:
            return [*parts, line[at:]]
        parts += [line[at:opening], line[opening : closing + 7]]
        at = closing + 7


def _has_pipes(rows: str) -> bool:
    """Whether each line has a pipe outside code."""
    on_line = False
    for piece in parse_code_and_html(rows):
        if isinstance(piece, Span) and piece.name != "code":
            continue
        lines = (piece if isinstance(piece, str) else piece.text).split("\n")
        while len(lines) > 1 and not lines[-1]:
            lines.pop()
        if isinstance(piece, Span):
            if len(lines) > 2 or (len(lines) == 2 and not on_line):
                break
            if len(lines) == 2:
                on_line = False
        else:
            if len(lines) > 1 and not on_line and not _PIPE.match(lines[0]):
                break
            on_line = (on_line and len(lines) <= 1) or _PIPE.match(lines[-1]) is not None
    return on_line


# By a line's first ink: what it may be, in kramdown's order. Set-text headers and tables come after, for any ink.
_HANDLERS: Final = {
    "~": (_Parser.fenced_code,),
    "`": (_Parser.fenced_code,),
    ">": (_Parser.quote,),
    "#": (_Parser.atx,),
    "*": (_Parser.rule, _Parser.list),
    "-": (_Parser.rule, _Parser.list),
    "_": (_Parser.rule,),
    "+": (_Parser.list,),
    ":": (_Parser.definition_list,),
    "<": (_Parser.html,),
    **{digit: (_Parser.list,) for digit in "0123456789"},
}
_LATE_HANDLERS: Final = {
    "$": (_Parser.math,),
    "\\": (_Parser.math,),
    "[": (_Parser.footnote, _Parser.link_definition),
    "*": (_Parser.abbreviation,),
    "{": (_Parser.extension,),
    "^": (_Parser.eob,),
}
