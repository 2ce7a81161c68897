"""What begins with an angle in a line of Markdown: autolinks, comments, elements written as HTML.

What belongs elsewhere: elements among blocks (`markdown_elements`), which tags there are (`markdown_html`).

Source: kramdown 2.4's `parser/kramdown/{autolink,html}.rb`.
"""

from __future__ import annotations

import re

from pipelines.normalise.link_liquid import URL_SIGN, URL_TOKEN
from pipelines.normalise.markdown_attributes import MARKDOWN_ATTRIBUTE, MAX_DEPTH
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
from pipelines.normalise.markdown_inline import ALL, CODE_AND_HTML, Hyperlink, Inline, Span

_AUTOLINK = re.compile(rf"<((mailto|https?|ftps?):[^\n]+?|{URL_TOKEN}[^\s<>]*|[\w.\-]+@[\w.\-]+)>")
_TAGS = re.compile(r"<")


class Tags(Inline):
    """Reads what begins with an angle."""

    angle_at = -1
    angle_end = -1

    def next_angle(self, start: int) -> int:
        """Where the second closing angle from here ends, or the only one; -1 without any."""
        if self.angle_at < start and (first := self.find(">", start)) >= 0:
            second = self.find(">", first + 1)
            self.angle_at, self.angle_end = first, (second if second >= 0 else first) + 1
        return self.angle_end if self.angle_at >= start else -1

    def angle(self, children: list[str | Span], special: re.Pattern[str], around: int, raw: bool) -> None:
        """An autolink, a comment, a tag, or just the character."""
        text, start = self.text, self.at
        if not raw and special is not CODE_AND_HTML and (closing := self.next_angle(start)) >= 0:
            autolink = _AUTOLINK.match(text, start, closing)
            if autolink:
                is_mail = not autolink[2] and not autolink[1].startswith(URL_SIGN)
                href = f"mailto:{autolink[1]}" if is_mail else autolink[1]
                span = Hyperlink("a", {"href": href})
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

    def element(self, children: list[str | Span], tag: re.Match[str], name: str, around: int, raw: bool) -> None:
        given = {
            key: value.replace("\n", " ") if "\n" not in value else re.sub(r"\n+", " ", value)
            for key, value in attributes(tag[2], name.islower()).items()
        }
        parsed = self.definitions.options.parse_span_html and content_model(name) != "raw" and not raw
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
        found = self.spans(span.children, ALL if parsed else _TAGS, around, stop, raw=not parsed)
        self.depth -= 1
        if found:
            self.at = text.index(">", self.at) + 1
        else:
            span.children.append(text[self.at :])
            self.at = self.end
