"""Span-level Markdown as kramdown parses it: links, code, emphasis, HTML, footnote markers.

Only what decides which links there are is parsed: quotes, dashes, entities and line breaks stay text. What belongs
elsewhere: paragraphs and other blocks (`markdown_blocks`), what a link is worth (`links`).

Source: kramdown 2.4's `parser/kramdown/{emphasis,codespan,extensions,footnote,math}.rb` and
kramdown-parser-gfm. Like the original it backtracks, and unlike it, it gives up in time: each text has a budget of
steps proportional to its length, each document one for all its texts, and a text that has used them up is parsed again
without links, emphasis and nesting.
"""

from __future__ import annotations

import re

from pipelines.normalise.markdown_attributes import (
    ATTRIBUTES,
    LONGEST_LIST,
    MAX_DEPTH,
    AttributeList,
    Definitions,
    is_html_extension,
)
from pipelines.normalise.markdown_html import BLANK
from pipelines.normalise.markdown_inline import (
    ALL,
    CODE_AND_HTML,
    IN_EM,
    IN_STRONG,
    STEPS_PER_CHARACTER,
    ExhaustedError,
    Span,
    Stop,
)
from pipelines.normalise.markdown_links import Links
from pipelines.normalise.markdown_patterns import WHITE
from pipelines.normalise.markdown_tags import Tags

_CODE = re.compile(r"`")
_ESCAPE = re.compile(r"""\\([\\.*_+`<>()\[\]{}#!:|"'$=\-~])""")
_STRIKE = re.compile(rf"~~(?!{BLANK}|~).*?[^ \t\n\r\f\v~]~~", re.DOTALL)
_EXTENSION = re.compile(
    rf"\{{::([A-Za-z0-9_]+)(?:{BLANK}((?:[^}}/]|/(?!\}})){{0,500}}))?(/)?\}}|\{{:/([A-Za-z0-9_][A-Za-z0-9_\-]*)?\}}"
)
_IAL = re.compile(rf"\{{:({ATTRIBUTES})\}}")


def parse(text: str, definitions: Definitions) -> list[str | Span]:
    """The spans of a text, in order."""
    allowed = min(STEPS_PER_CHARACTER * len(text) + 1000, definitions.steps)
    parser = _Parser(text, definitions, allowed)
    try:
        return parser.parse(ALL)
    except ExhaustedError:
        return _Parser(text, definitions, -1).parse(ALL)
    finally:
        definitions.steps -= allowed - max(parser.steps, 0)


def parse_code(text: str) -> list[str | Span]:
    """Texts and code spans only."""
    return _Parser(text, Definitions(), STEPS_PER_CHARACTER * len(text) + 1000).parse(_CODE)


def parse_code_and_html(text: str) -> list[str | Span]:
    """Texts, code spans and HTML elements only."""
    try:
        return _Parser(text, Definitions(), STEPS_PER_CHARACTER * len(text) + 1000).parse(CODE_AND_HTML)
    except ExhaustedError:
        return _Parser(text, Definitions(), -1).parse(CODE_AND_HTML)


class _Parser(Links, Tags):
    """Reads spans of every kind."""

    def parse(self, special: re.Pattern[str]) -> list[str | Span]:
        children: list[str | Span] = []
        self.spans(children, special, 0, None, raw=False)
        return children

    def spans(
        self, children: list[str | Span], special: re.Pattern[str], around: int, stop: Stop | None, *, raw: bool
    ) -> bool:
        """Fills `children` up to where `stop` says yes, and tells whether it did. Without it: to the end."""
        text, end = self.text, self.end
        search = special.search
        while self.at < end:
            found = search(text, self.at)
            if not found:
                if stop is None:
                    children.append(text[self.at :])
                    self.at = end
                break
            at = found.start()
            self.spend(at - self.at)
            character = text[at]
            image = character == "[" and at > self.at and text[at - 1] == "!"
            if at - image > self.at:
                children.append(text[self.at : at - image])
            self.at = at
            if stop is not None and stop(at, children):
                return True
            if character == "<":
                self.angle(children, special, around, raw)
            elif character == "[":
                self.bracket(children, around, image)
            elif character in "*_":
                self.emphasis(children, around)
            elif character == "`":
                self.code(children)
            elif character == "\\":
                self.escape(children)
            elif character == "$":
                self.math(children)
            elif character == "{":
                self.extension(children)
            elif character == "~":
                self.strike(children)
            else:
                self.take(children, 1)
        return False

    def escape(self, children: list[str | Span]) -> None:
        if self.text.startswith("<<", self.at + 1):
            self.at += 1
            self.take(children, 2)
        elif _ESCAPE.match(self.text, self.at):
            self.at += 1
            self.take(children, 1)
        else:
            self.take(children, 1)

    def code(self, children: list[str | Span]) -> None:
        text, start = self.text, self.at
        after = start
        while after < self.end and text[after] == "`":
            after += 1
        fence = text[start:after]
        single = len(fence) == 1
        lonely = single and (start == 0 or text[start - 1] in WHITE) and text[after : after + 1] in WHITE
        closing = -1 if lonely and after < self.end else self.find(fence, after)
        if closing < 0:
            self.take(children, len(fence))
            return
        content = text[after:closing]
        if not single:
            content = content.removeprefix(" ").removesuffix(" ")
        children.append(Span("code", text=content))
        self.at = closing + len(fence)

    def math(self, children: list[str | Span]) -> None:
        closing = self.find("$$", self.at + 2) if self.text.startswith("$$", self.at) else -1
        if closing < 0:
            self.take(children, 1)
        else:
            children.append(Span("math", text=self.text[self.at + 2 : closing]))
            self.at = closing + 2

    def strike(self, children: list[str | Span]) -> None:
        if self.flat or not self.text.startswith("~~", self.at):
            self.take(children, 1)
            return
        found = _STRIKE.match(self.text, self.at)
        if not found:
            self.spend(self.end - self.at)
            self.take(children, 1)
            return
        self.spend(found.end() - self.at)
        inner = Span("del")
        if self.depth < MAX_DEPTH:
            parser = _Parser(found[0][2:-2], self.definitions, self.steps)
            parser.depth = self.depth + 1
            parser.spans(inner.children, ALL, 0, None, raw=False)
            self.steps = parser.steps
        else:
            inner.children.append(found[0][2:-2])
        children.append(inner)
        self.at = found.end()

    def extension(self, children: list[str | Span]) -> None:
        text = self.text
        if self.flat or not text.startswith("{:", self.at):
            self.take(children, 1)
            return
        if text.find("}", self.at, self.at + LONGEST_LIST) < 0:
            self.take(children, 2)
            return
        tag = _EXTENSION.match(text, self.at)
        if tag:
            self.extension_tag(children, tag)
            return
        before = children[-1] if children else None
        given = _IAL.match(text, self.at) if isinstance(before, Span) else None
        if not given or not isinstance(before, Span):
            self.take(children, 1)
            return
        attribute_list = AttributeList()
        attribute_list.read(given[1])
        self.definitions.apply(attribute_list, before.attributes)
        self.spend(given.end() - self.at)
        self.at = given.end()

    def extension_tag(self, children: list[str | Span], tag: re.Match[str]) -> None:
        """`{::name …}body{:/}`: what it holds is dropped, or raw HTML, or it is no extension and so text."""
        name, _, closed, _ = tag.groups()
        if name not in ("comment", "nomarkdown", "options"):
            self.take(children, 1)
            return
        stop, length, body = tag.end(), 0, ""
        if not closed:
            ends = [(where, len(end)) for end in ("{:/}", f"{{:/{name}}}") if (where := self.find(end, tag.end())) >= 0]
            if not ends:
                self.take(children, 1)
                return
            stop, length = min(ends)
            body = self.text[tag.end() : stop]
        if name == "nomarkdown" and body and is_html_extension(tag[2] or ""):
            children.append(Span("raw", text=body))
        if name == "options":
            self.definitions.set_options(tag[2] or "")
        self.at = stop + length

    def emphasis(self, children: list[str | Span], around: int) -> None:
        text, start = self.text, self.at
        mark = text[start]
        double = text.startswith(mark, start + 1)
        delimiter = mark * 2 if double else mark
        after = start + len(delimiter)
        kind = IN_STRONG if double else IN_EM
        if (
            self.flat
            or around & kind
            or self.depth >= MAX_DEPTH
            or text[after : after + 1] in WHITE
            or (mark == "_" and self.within_word(start))
        ):
            # An empty slice is in every string: at the end of the text nothing can be opened either.
            self.take(children, len(delimiter))
            return
        tries = [(delimiter, kind)]
        if double and not around & IN_EM:
            tries.append((mark, IN_EM))
        for opening, sort in tries:
            self.at = start + len(opening)
            inner = Span("strong" if sort == IN_STRONG else "em")
            self.depth += 1
            found = self.spans(inner.children, ALL, around | sort, self.emphasis_stop(opening), raw=False)
            self.depth -= 1
            if found:
                self.at += len(opening)
                children.append(inner)
                return
        self.at = start
        self.take(children, len(delimiter))

    def emphasis_stop(self, delimiter: str) -> Stop:
        text = self.text
        single = len(delimiter) == 1
        underscore = delimiter[0] == "_"
        mark = delimiter[0]

        def stop(at: int, children: list[str | Span]) -> bool:
            if not text.startswith(delimiter, at) or not children or text[at - 1] in WHITE:
                return False
            if single and text.startswith(mark * 2, at) and not text.startswith(mark, at + 2):
                return False
            return not (underscore and text[at + len(delimiter) : at + len(delimiter) + 1].isalnum())

        return stop

    def within_word(self, start: int) -> bool:
        """Whether letters, maybe hyphenated, end here: then `_` opens nothing."""
        before = self.text[max(0, start - 2) : start].removesuffix("-")
        return before[-1:].isalpha()
