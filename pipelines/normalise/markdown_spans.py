"""Span-level Markdown as kramdown parses it: links, images, autolinks, code, emphasis, inline HTML, footnote markers.

Only what decides which links there are is parsed: quotes, dashes, entities and line breaks stay text. What belongs
elsewhere: paragraphs and other blocks (`markdown_blocks`), what a link is worth (`links`).

Source: kramdown 2.4's `parser/kramdown/{link,emphasis,codespan,autolink,html,extensions,footnote,math}.rb` and
kramdown-parser-gfm. Like the original it backtracks, and unlike it, it gives up in time: each text has a budget of
steps proportional to its length, and one that is used up is parsed again without links, emphasis and nesting.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from pipelines.normalise.markdown_html import (
    BLANK,
    BLOCK_ELEMENTS,
    CLOSING_TAG,
    TAG,
    TAG_START,
    VOID_ELEMENTS,
    attributes,
    content_model,
    element_name,
)

MAX_DEPTH: Final = 40
"""Elements inside elements, beyond which text stays text."""

STEPS_PER_CHARACTER: Final = 2
"""Real texts take less than one; a thousand steps are free, for short ones."""

_WHITE = " \t\n\r\f\v"
_ALL = re.compile(r"[*_`<\[\\{$~]")
_ALL_AND_CLOSING_BRACKET = re.compile(r"[*_`<\[\]\\{$~]")
_HTML = re.compile(r"<")
_CODE = re.compile(r"`")
_CODE_AND_HTML = re.compile(r"[`<]")

_AUTOLINK = re.compile(r"<((mailto|https?|ftps?):[^\n]+?|[\w.\-]+@[\w.\-]+)>")
_ESCAPE = re.compile(r"""\\([\\.*_+`<>()\[\]{}#!:|"'$=\-~])""")
_ESCAPE_IN_ALT = re.compile(r"""\\([\\.*_+`<>()\[\]{}#!:|"'$=\-])""")
_FOOTNOTE = re.compile(r"\[\^([A-Za-z0-9_][A-Za-z0-9_\-]*)\]")
_REFERENCE = re.compile(rf"{BLANK}*\[([^\]]*)\]")
_PARENTHESIS_STOP = re.compile(rf"[()]|{BLANK}(?=['\"])")
_ANGLE_URL = re.compile(r"\(<([^\n]*?)>")
_TITLE = re.compile(rf"{BLANK}*(?:\"([^\"]+)\"|'([^']+)'){BLANK}*\)")
_TITLE_START = re.compile(rf"{BLANK}*([\"'])")
_STRIKE = re.compile(rf"~~(?!{BLANK}|~).*?[^ \t\n\r\f\v~]~~", re.DOTALL)
ATTRIBUTES: Final = r"(?:[^}\\]|\\\}?){1,500}+"
"""What stands in an attribute list; kramdown knows no limit of its length."""
_EXTENSION = re.compile(
    rf"\{{::([A-Za-z0-9_]+)(?:{BLANK}((?:[^}}/]|/(?!\}})){{0,500}}+))?(/)?\}}|\{{:/([A-Za-z0-9_][A-Za-z0-9_\-]*)?\}}"
)
_IAL = re.compile(rf"\{{:({ATTRIBUTES})\}}")

_ATTRIBUTE_LIST_ITEM = re.compile(
    r"""(?:\A|(?<=[ \t\n\r\f\v]))(?:([A-Za-z0-9_][A-Za-z0-9_\-]*)=(?:"((?:\\\}|\\"|[^}"])*?)"|'((?:\\\}|\\'|[^}'])*?)')"""
    r"""|([A-Za-z0-9_][A-Za-z0-9_\-]*)|((?:\#[A-Za-z][A-Za-z0-9_:\-]*|\.[^ \t\n\r\f\v.\#]+)+))(?=[ \t\n\r\f\v]|\Z)"""
)
_ID_OR_CLASS = re.compile(r"\#([A-Za-z][A-Za-z0-9_:\-]*)|\.([^ \t\n\r\f\v.\#]+)")

MARKDOWN_ATTRIBUTE: Final = {"0": "raw", "1": "default", "span": "span", "block": "block"}


class Span:
    """An inline element: its name in HTML, its attributes, its children (texts and spans) in order.

    Names that HTML does not have: `footnote` (attribute `name`), `raw` (HTML to be taken as it is, in `text`).
    """

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str] | None = None, text: str = "") -> None:
        self.name = name
        self.attributes = attributes or {}
        self.children: list[str | Span] = []
        self.text = text


class Image(Span):
    """A Markdown image, which counts among the brackets of a link's text where an `img` tag does not."""

    __slots__ = ()


class AttributeList:
    """What `{: …}` says: attributes, and names of lists defined elsewhere."""

    __slots__ = ("attributes", "references")

    def __init__(self) -> None:
        self.attributes: dict[str, str] = {}
        self.references: list[str] = []

    def read(self, written: str) -> None:
        for key, double, single, reference, marks in _ATTRIBUTE_LIST_ITEM.findall(written):
            if reference:
                self.references.append(reference)
            elif marks:
                for name, css in _ID_OR_CLASS.findall(marks):
                    if css:
                        self.attributes["class"] = f"{self.attributes.get('class', '')} {css}".lstrip()
                    else:
                        self.attributes["id"] = name
            else:
                self.attributes[key] = (double or single).replace("\\}", "}")


class Definitions:
    """What a document defines for its spans: links, footnotes, attribute lists."""

    __slots__ = ("attribute_lists", "footnotes", "links")

    def __init__(self) -> None:
        self.links: dict[str, tuple[str, AttributeList | None]] = {}
        self.footnotes: set[str] = set()
        self.attribute_lists: dict[str, AttributeList] = {}

    def apply(self, given: AttributeList, attributes: dict[str, str], depth: int = 0) -> None:
        """Sets the attributes of a list and of those it names."""
        if depth < MAX_DEPTH:
            for reference in given.references:
                if reference in self.attribute_lists:
                    self.apply(self.attribute_lists[reference], attributes, depth + 1)
        attributes.update(given.attributes)


def link_id(written: str) -> str:
    """A link's id as it is compared: blanks are one, case is none."""
    return re.sub(rf"{BLANK}+", " ", written).lower()


class _Exhausted(Exception):
    """The budget of steps is used up."""


def parse(text: str, definitions: Definitions) -> list[str | Span]:
    """The spans of a text, in order."""
    try:
        return _Parser(text, definitions, STEPS_PER_CHARACTER * len(text) + 1000).parse(_ALL)
    except _Exhausted:
        return _Parser(text, definitions, -1).parse(_ALL)


def parse_code(text: str) -> list[str | Span]:
    """Texts and code spans only."""
    return _Parser(text, Definitions(), STEPS_PER_CHARACTER * len(text) + 1000).parse(_CODE)


def parse_code_and_html(text: str) -> list[str | Span]:
    """Texts, code spans and HTML elements only."""
    try:
        return _Parser(text, Definitions(), STEPS_PER_CHARACTER * len(text) + 1000).parse(_CODE_AND_HTML)
    except _Exhausted:
        return _Parser(text, Definitions(), -1).parse(_CODE_AND_HTML)


# What surrounds a place in the text.
_IN_LINK, _IN_EM, _IN_STRONG = 1, 2, 4

Stop = Callable[[int, list["str | Span"]], bool]


class _Parser:
    """One text. `steps` counts down; below zero from the start means: flat, no links, no emphasis, no nesting."""

    def __init__(self, text: str, definitions: Definitions, steps: int) -> None:
        self.text = text
        self.end = len(text)
        self.at = 0
        self.definitions = definitions
        self.steps = steps
        self.flat = steps < 0
        self.depth = 0
        self.absent: dict[str, int] = {}

    def parse(self, special: re.Pattern[str]) -> list[str | Span]:
        children: list[str | Span] = []
        self.spans(children, special, 0, None, raw=False)
        return children

    def find(self, what: str, start: int) -> int:
        """`str.find` that remembers what is not there."""
        if self.absent.get(what, self.end + 1) <= start:
            return -1
        found = self.text.find(what, start)
        if found < 0:
            self.absent[what] = start
        return found

    def spend(self, characters: int) -> None:
        if not self.flat:
            self.steps -= 1 + (characters >> 5)
            if self.steps < 0:
                raise _Exhausted

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

    def take(self, children: list[str | Span], count: int) -> None:
        """The next characters are text."""
        children.append(self.text[self.at : self.at + count])
        self.at += count

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
        lonely = single and (start == 0 or text[start - 1] in _WHITE) and text[after : after + 1] in _WHITE
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
            parser.spans(inner.children, _ALL, 0, None, raw=False)
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
        if self.find("}", self.at) < 0:
            self.take(children, 2)
            return
        tag = _EXTENSION.match(text, self.at)
        if tag:
            self.extension_tag(children, tag)
            return
        given = _IAL.match(text, self.at) if children and isinstance(children[-1], Span) else None
        if not given:
            self.take(children, 1)
            return
        attribute_list = AttributeList()
        attribute_list.read(given[1])
        self.definitions.apply(attribute_list, children[-1].attributes)
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
            ends = [
                (where, len(end)) for end in ("{:/}", f"{{:/{name}}}") if (where := self.find(end, tag.end())) >= 0
            ]
            if not ends:
                self.take(children, 1)
                return
            stop, length = min(ends)
            body = self.text[tag.end() : stop]
        if name == "nomarkdown" and body and is_html_extension(tag[2] or ""):
            children.append(Span("raw", text=body))
        self.at = stop + length

    def emphasis(self, children: list[str | Span], around: int) -> None:
        text, start = self.text, self.at
        mark = text[start]
        double = text.startswith(mark, start + 1)
        delimiter = mark * 2 if double else mark
        after = start + len(delimiter)
        kind = _IN_STRONG if double else _IN_EM
        if (
            self.flat
            or around & kind
            or self.depth >= MAX_DEPTH
            or text[after : after + 1] in _WHITE
            or (mark == "_" and self.within_word(start))
        ):
            # An empty slice is in every string: at the end of the text nothing can be opened either.
            self.take(children, len(delimiter))
            return
        tries = [(delimiter, kind)]
        if double and not around & _IN_EM:
            tries.append((mark, _IN_EM))
        for opening, sort in tries:
            self.at = start + len(opening)
            inner = Span("strong" if sort == _IN_STRONG else "em")
            self.depth += 1
            found = self.spans(inner.children, _ALL, around | sort, self.emphasis_stop(opening), raw=False)
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
            if not text.startswith(delimiter, at) or not children or text[at - 1] in _WHITE:
                return False
            if single and text.startswith(mark * 2, at) and not text.startswith(mark, at + 2):
                return False
            return not (underscore and text[at + len(delimiter) : at + len(delimiter) + 1].isalnum())

        return stop

    def within_word(self, start: int) -> bool:
        """Whether letters, maybe hyphenated, end here: then `_` opens nothing."""
        before = self.text[max(0, start - 2) : start].removesuffix("-")
        return before[-1:].isalpha()

    def bracket(self, children: list[str | Span], around: int, image: bool) -> None:
        """A footnote marker, a link or (after `!`) an image starts here, or nothing does."""
        text, start = self.text, self.at
        footnote = _FOOTNOTE.match(text, start)
        if footnote:
            if image:
                children.append("!")
            if footnote[1] in self.definitions.footnotes:
                children.append(Span("footnote", {"name": footnote[1]}))
            else:
                children.append(footnote[0])
            self.at = footnote.end()
            return
        nothing = self.flat or start + 1 >= self.end or text[start + 1] == "^" or self.depth >= MAX_DEPTH
        if not nothing and (image or not around & _IN_LINK):
            span = self.link("img" if image else "a", around)
            if span is not None:
                children.append(span)
                return
        children.append("![" if image else "[")
        self.at = start + 1

    def link(self, name: str, around: int) -> Span | None:
        text = self.text
        start = self.at + 1
        self.at = start
        span = Image(name) if name == "img" else Span(name)
        open_brackets = 1
        counted = 0

        def stop(at: int, children: list[str | Span]) -> bool:
            nonlocal open_brackets, counted
            if text[at] == "]":
                open_brackets -= 1
            elif text[at] == "[":
                open_brackets += 1
            else:
                return False
            # The bracket that opened an image was counted above; the one that closed it was inside the image.
            open_brackets -= sum(isinstance(child, Image) for child in children[counted:])
            counted = len(children)
            return open_brackets == 0

        self.depth += 1
        found = self.spans(span.children, _ALL_AND_CLOSING_BRACKET, around | _IN_LINK, stop, raw=False)
        self.depth -= 1
        if not found:
            return None
        written = _ESCAPE_IN_ALT.sub(r"\1", text[start : self.at])
        self.at += 1
        reference = _REFERENCE.match(text, self.at)
        if reference or not text.startswith("(", self.at):
            if reference:
                self.at = reference.end()
            key = link_id((reference[1] if reference else "") or written)
            if key not in self.definitions.links:
                return None
            url, attribute_list = self.definitions.links[key]
            if attribute_list is not None:
                self.definitions.apply(attribute_list, span.attributes)
        else:
            inline = self.inline_url()
            if inline is None:
                return None
            url = inline
        if name == "a":
            span.attributes["href"] = url
        else:
            span.attributes["src"] = url
            span.attributes["alt"] = written
            span.children.clear()
        return span

    def inline_url(self) -> str | None:
        """The url in parentheses, which stand here; None where they hold none or never close."""
        text, start = self.text, self.at
        angle = _ANGLE_URL.match(text, start)
        if angle:
            url = angle[1]
            self.at = angle.end()
            if text.startswith(")", self.at):
                self.at += 1
                return url
        else:
            depth = 0
            while True:
                found = _PARENTHESIS_STOP.search(text, self.at)
                if not found:
                    self.spend(self.end - self.at)
                    return None
                self.spend(found.end() - self.at)
                self.at = found.end()
                depth += {"(": 1, ")": -1}.get(found[0], 0)
                if depth == 0 or found[0] not in "()":
                    break
            url = text[start + 1 : self.at - 1].strip(_WHITE + "\0")
            if depth == 0:
                return url
        return url if self.title() else None

    def title(self) -> bool:
        """Skips a quoted title and the closing parenthesis after it."""
        text = self.text
        opening = _TITLE_START.match(text, self.at)
        if not opening:
            return False
        quote, at = opening[1], opening.end() + 1
        while True:
            closing = self.find(quote, at)
            if closing < 0:
                self.spend(self.end - self.at)
                return False
            self.spend(closing - at)
            at = closing + 1
            after = at
            while after < self.end and text[after] in _WHITE:
                after += 1
            if text.startswith(")", after):
                self.at = after + 1
                return True

    def angle(self, children: list[str | Span], special: re.Pattern[str], around: int, raw: bool) -> None:
        """An autolink, a comment, a tag, or just the character."""
        text, start = self.text, self.at
        if not raw and special is not _CODE_AND_HTML and text.find(">", start) >= 0:
            autolink = _AUTOLINK.match(text, start)
            if autolink:
                href = autolink[1] if autolink[2] else "mailto:" + autolink[1]
                span = Span("a", {"href": href})
                span.children.append(autolink[1].removeprefix("mailto:"))
                children.append(span)
                self.at = autolink.end()
                return
        if not TAG_START.match(text, start):
            self.take(children, 2 if text.startswith("<<", start) and not raw else 1)
            return
        if text.startswith("<!--", start):
            end = self.find("-->", start + 4)
            if end >= 0:
                self.at = end + 3
                return
        closing_tag = CLOSING_TAG.match(text, start)
        if closing_tag:
            self.take(children, closing_tag.end() - start)
            return
        tag = TAG.match(text, start)
        if not tag:
            self.spend(64)
            self.take(children, 1)
            return
        name = element_name(tag[1])
        if name in BLOCK_ELEMENTS:
            self.take(children, tag.end() - start)
            return
        self.element(children, tag, name, around, raw)

    def element(
        self, children: list[str | Span], tag: re.Match[str], name: str, around: int, raw: bool
    ) -> None:
        given = {
            key: value.replace("\n", " ") if "\n" not in value else re.sub(r"\n+", " ", value)
            for key, value in attributes(tag[2], name.islower()).items()
        }
        parsed = content_model(name) != "raw" and not raw
        asked = MARKDOWN_ATTRIBUTE.get(given.pop("markdown", ""))
        if asked == "span":
            parsed = True
        elif asked == "default":
            parsed = content_model(name) != "raw"
        elif asked == "raw":
            parsed = False
        span = Span(name, given)
        children.append(span)
        self.at = tag.end()
        if tag[3] or name in VOID_ELEMENTS:
            return
        if self.flat or self.depth >= MAX_DEPTH:
            return
        closing = re.compile(rf"</{re.escape(name)}{BLANK}*>", re.IGNORECASE)
        text = self.text

        def stop(at: int, _: list[str | Span]) -> bool:
            return text.startswith("</", at) and closing.match(text, at) is not None

        self.depth += 1
        found = self.spans(span.children, _ALL if parsed else _HTML, around, stop, raw=not parsed)
        self.depth -= 1
        if found:
            self.at = text.index(">", self.at) + 1
        else:
            span.children.append(text[self.at :])
            self.at = self.end


def is_html_extension(options: str) -> bool:
    """Whether a `nomarkdown` extension is meant for HTML: no `type`, or one that names it."""
    attribute_list = AttributeList()
    attribute_list.read(options)
    types = attribute_list.attributes.get("type", "").split()
    return not types or "html" in types
