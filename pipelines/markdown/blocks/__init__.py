"""Block-level Markdown as kramdown parses it, in the dialect that Jekyll sets: GFM, no hard wrap.

A body becomes a tree of blocks whose texts are not parsed yet, and the definitions that its spans will need. What
belongs elsewhere: what stands inside a line (`markdown_spans`), which tags there are (`markdown_html`).

Source: kramdown 2.4's `parser/kramdown/*.rb` and kramdown-parser-gfm.
"""

from __future__ import annotations

import re
from typing import Final

from pipelines.normalise.markdown_attributes import MAX_DEPTH
from pipelines.normalise.markdown_elements import Elements
from pipelines.normalise.markdown_extensions import Extensions
from pipelines.normalise.markdown_html import BLANK
from pipelines.normalise.markdown_lists import Lists
from pipelines.normalise.markdown_options import Options
from pipelines.normalise.markdown_patterns import (
    BLANK_LINES,
    CODE_BLOCK,
    EOB,
    INK,
    LAZY_END,
    RULE,
    STRIPPED,
    WHITE,
)
from pipelines.normalise.markdown_tables import Tables
from pipelines.normalise.markdown_tree import Block, Document

_LINE = re.compile(r"[^\n]*\n")
_PARAGRAPH_END = rf"{LAZY_END}| {{0,3}}(?:[+*\-]|[0-9]+\.|:)[\t| ]|\#{{1,6}}[\t ]|(?: {{0,3}})>| {{0,3}}[~`]{{3}}"
_PARAGRAPH = re.compile(rf"[^\n]*\n(?:(?!{_PARAGRAPH_END})[^\n]*\n)*")
_LAZY_LINES = re.compile(rf"[^\n]*\n(?:(?!{LAZY_END})[^\n]*\n)*")
_INDENTED_CODE = re.compile(CODE_BLOCK)
_FENCED_OPENING = re.compile(rf" {{0,3}}(~{{3,}}+|`{{3,}}+)(?:({INK}*){BLANK}*?|{BLANK}*?{INK}+{BLANK}*?)\n")
"""The fence is possessive: what follows a shorter one fits no better, and trying them all takes quadratic time."""
_LONGEST_FENCE: Final = 9
_QUOTES = re.compile(r"^ {0,3}> ?", re.MULTILINE)
_ATX = re.compile(r"(\#{1,6})[\t ]+([^\n]*)\n")
_SETEXT = re.compile(r" {0,3}([^ \t\n][^\n]*)\n([-=])[-=]*[ \t\r\f\v]*\n")
_NAME_START = (
    "A-Z_a-z:\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_HEADER_ID = re.compile(rf"[\t ]\{{\#([{_NAME_START}][{_NAME_START}\-.0-9\u00b7\u0300-\u036f\u203f-\u2040]*)\}}\Z")
"""An XML name."""
_MATH = re.compile(r" {0,3}(\\)?\$\$")
_REST_BLANK = re.compile(rf"{BLANK}*?\n")


def parse(body: str, options: Options) -> Document:
    """The blocks of a Markdown body."""
    document = Document(options)
    text = body.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n") + "\n"
    _Parser(text, document).blocks(document.blocks, 0)
    return document


class _Parser(Lists, Tables, Elements, Extensions):
    """Reads blocks of every kind."""

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
        if self.after_boundary(tree) and (self.setext(tree) or self.math(tree) or self.table(tree)):
            return False
        for attempt in _LATE_HANDLERS.get(first, ()):
            if attempt(self, tree, depth) is not None:
                return False
        self.paragraph(tree)
        return False

    def paragraph(self, tree: Block) -> None:
        found = _PARAGRAPH.match(self.text, self.at)
        start = self.at
        self.at = found.end() if found else self.end
        words = self.text[start : self.at].rstrip(STRIPPED)
        last = tree.children[-1] if tree.children else None
        if isinstance(last, Block) and last.kind == "p":
            last.text += f"\n{words}"
        else:
            tree.children.append(self.new("p", words.lstrip(STRIPPED)))

    def fenced_code(self, tree: Block, _: int) -> bool | None:
        opening = _FENCED_OPENING.match(self.text, self.at)
        if not opening:
            return None
        marks = opening[1]
        shorter = range(min(len(marks) - 1, _LONGEST_FENCE), 2, -1) if opening[2] is not None else ()
        for length in (len(marks), *shorter):
            # What is left of a longer fence can pass for the code's language, so that a shorter one closes it.
            fence = marks[:length]
            if self.absent.get(fence, self.end + 1) <= opening.start():
                continue
            closing = re.compile(rf"^ {{0,3}}{fence}{marks[0]}*{BLANK}*?\n", re.MULTILINE)
            found = closing.search(self.text, opening.end())
            if found:
                self.at = found.end()
                tree.children.append(self.new("pre"))
                return False
            self.absent[fence] = opening.start()
        return None

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
        words = words.rstrip(STRIPPED)
        given = _HEADER_ID.search(words)
        if given:
            words = words[: given.start()].rstrip(STRIPPED)
        if closing:
            shorter = words.rstrip("#")
            if shorter != words and shorter[-1:] in ("\t", " "):
                words = shorter.rstrip(STRIPPED)
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
        found = RULE.match(self.text, self.at)
        if not found:
            return None
        self.at = found.end()
        tree.children.append(self.new("hr"))
        return False

    def math(self, tree: Block) -> bool:
        found = _MATH.match(self.text, self.at)
        if not found:
            return False
        closing = self.find("$$", found.end())
        if closing < 0:
            return False
        rest = _REST_BLANK.match(self.text, closing + 2)
        if found[1]:
            if rest:
                self.at = found.start(1) + 1
            return False
        start = self.at
        self.at = rest.end() if rest else closing + 2
        if self.before_boundary():
            tree.children.append(self.new("math"))
            return True
        self.at = start
        return False

    def eob(self, tree: Block, _: int) -> bool | None:
        found = EOB.match(self.text, self.at)
        if not found:
            return None
        self.at = found.end()
        tree.children.append(self.new("eob"))
        return False


# By a line's first ink: what it may be, in kramdown's order. Set-text headers, mathematics and tables come after,
# for any ink.
_HANDLERS: Final = {
    "~": (_Parser.fenced_code,),
    "`": (_Parser.fenced_code,),
    ">": (_Parser.quote,),
    "#": (_Parser.atx,),
    "*": (_Parser.rule, _Parser.any_list),
    "-": (_Parser.rule, _Parser.any_list),
    "_": (_Parser.rule,),
    "+": (_Parser.any_list,),
    ":": (_Parser.definition_list,),
    "<": (_Parser.html,),
    **dict.fromkeys("0123456789", (_Parser.any_list,)),
}
_LATE_HANDLERS: Final = {
    "[": (_Parser.footnote, _Parser.link_definition),
    "*": (_Parser.abbreviation,),
    "{": (_Parser.extension,),
    "^": (_Parser.eob,),
}
