"""The text that span rules read, and the place in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from pipelines.markdown.document import Document, Node

STEPS_PER_CHARACTER: Final = 2
"""Backtracking steps for a text; a thousand more are free. Real texts take less than one."""

IN_LINK, IN_EM, IN_STRONG = 1, 2, 4

Words = Literal["all", "link", "html", "flat"]
"""Which rules apply: all; all, and brackets are looked at; those of HTML alone; those without a content to read."""

Stop = Callable[[int, Node], bool]
"""Tells if a span ends at this place, given the node with its content so far."""


class ExhaustedError(Exception):
    """The budget of steps is used up."""


class SpanState:
    """One text, the place in it, and the node that gets its spans.

    `steps` counts down. A text that has used them up is read again without links, emphasis and nesting (`flat`).
    """

    __slots__ = (
        "absent",
        "around",
        "at",
        "depth",
        "document",
        "end",
        "flat",
        "is_markup",
        "parse",
        "steps",
        "text",
        "tree",
    )

    def __init__(
        self,
        text: str,
        tree: Node,
        document: Document,
        parse: Callable[[SpanState, Stop | None, Words], bool],
        steps: int,
    ) -> None:
        self.text = text
        self.end = len(text)
        self.at = 0
        self.tree = tree
        self.document = document
        self.parse = parse
        """Reads spans up to a stop or the end of the text (`spans.parse_spans`)."""
        self.steps = steps
        self.flat = steps < 0
        self.depth = 0
        self.is_markup = False
        """True where texts keep their entities as written."""
        self.around = 0
        """The kinds of spans that are open: `IN_LINK`, `IN_EM`, `IN_STRONG`."""
        self.absent: dict[str, int] = {}

    def find(self, what: str, start: int) -> int:
        """`str.find` that remembers which strings are absent, so that a text is searched once for each."""
        if self.absent.get(what, self.end + 1) <= start:
            return -1
        found = self.text.find(what, start)
        if found < 0:
            self.absent[what] = start
        return found

    def spend(self, characters: int) -> None:
        """Count a step and what it read.

        Raises:
            ExhaustedError: if the budget is used up.
        """
        if not self.flat:
            self.steps -= 1 + (characters >> 5)
            if self.steps < 0:
                raise ExhaustedError

    def take(self, count: int) -> bool:
        """Add the next characters as text."""
        self.tree.add_text(self.text[self.at : self.at + count], "markup" if self.is_markup else "text")
        self.at += count
        return True

    def add(self, node: Node, end: int) -> bool:
        """Add a span that ends there."""
        self.tree.children.append(node)
        self.at = end
        return True

    def inside(self, tree: Node, stop: Stop, around: int = 0, words: Words = "all") -> bool:
        """Read the content of a span up to its stop. Return False if there is none."""
        outer, outer_around, outer_markup = self.tree, self.around, self.is_markup
        self.tree = tree
        self.is_markup = words == "html"
        self.around |= around
        self.depth += 1
        found = self.parse(self, stop, words)
        self.depth -= 1
        self.tree, self.around, self.is_markup = outer, outer_around, outer_markup
        return found
