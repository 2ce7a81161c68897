"""What a text is parsed into, and the place in it at which that stands.

What belongs elsewhere: how each kind of span is found (`markdown_spans`, `markdown_links`, `markdown_tags`).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

from pipelines.normalise.markdown_attributes import Definitions

STEPS_PER_CHARACTER: Final = 2
"""Real texts take less than one; a thousand steps are free, for short ones."""

ALL: Final = re.compile(r"[*_`<\[\\{$~]")
CODE_AND_HTML: Final = re.compile(r"[`<]")
"""Where a span may begin: one of any kind, or of these two."""

IN_LINK, IN_EM, IN_STRONG = 1, 2, 4

Stop = Callable[[int, list["str | Span"]], bool]
"""What a stop is asked: whether a span ends at this place, given what it holds so far."""


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

    def holding(self, children: list[str | Span]) -> Span:
        """The same element with other children."""
        other = Span(self.name, self.attributes, self.text)
        other.children = children
        return other


class Hyperlink(Span):
    """A Markdown link, which a table of contents leaves out where it keeps an `a` tag."""

    __slots__ = ()


class Image(Span):
    """A Markdown image, which counts among the brackets of a link's text where an `img` tag does not."""

    __slots__ = ()


class ExhaustedError(Exception):
    """The budget of steps is used up."""


class Inline(ABC):
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
                raise ExhaustedError

    def take(self, children: list[str | Span], count: int) -> None:
        """The next characters are text."""
        children.append(self.text[self.at : self.at + count])
        self.at += count

    @abstractmethod
    def spans(
        self, children: list[str | Span], special: re.Pattern[str], around: int, stop: Stop | None, *, raw: bool
    ) -> bool:
        """Fills `children` up to where `stop` says yes, and tells whether it did. Without it: to the end."""
