"""Links, images and footnote markers of Markdown: all that starts with a bracket.

Source: kramdown 2.4's `parser/kramdown/link.rb` and `footnote.rb`.
"""

from __future__ import annotations

import re

from pipelines.normalise.markdown_attributes import MAX_DEPTH, link_id
from pipelines.normalise.markdown_html import BLANK
from pipelines.normalise.markdown_inline import IN_LINK, Hyperlink, Image, Inline, Span
from pipelines.normalise.markdown_patterns import STRIPPED, WHITE

_ALL_AND_CLOSING_BRACKET = re.compile(r"[*_`<\[\]\\{$~]")
_ESCAPE_IN_ALT = re.compile(r"""\\([\\.*_+`<>()\[\]{}#!:|"'$=\-])""")
_FOOTNOTE = re.compile(r"\[\^([A-Za-z0-9_][A-Za-z0-9_\-]*)\]")
_REFERENCE = re.compile(rf"{BLANK}*\[([^\]]*)\]")
_PARENTHESIS_STOP = re.compile(rf"[()]|{BLANK}(?=['\"])")
_ANGLE_URL = re.compile(r"\(<([^\n]*?)>")
_TITLE_START = re.compile(rf"{BLANK}*([\"'])")


class Links(Inline):
    """Reads what starts with a bracket."""

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
        if not nothing and (image or not around & IN_LINK):
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
        span = Image(name) if name == "img" else Hyperlink(name)
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
        found = self.spans(span.children, _ALL_AND_CLOSING_BRACKET, around | IN_LINK, stop, raw=False)
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
            url = text[start + 1 : self.at - 1].strip(STRIPPED)
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
            while after < self.end and text[after] in WHITE:
                after += 1
            if text.startswith(")", after):
                self.at = after + 1
                return True
