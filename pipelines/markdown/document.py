"""The tree that a body becomes, and the definitions that its spans need.

The kinds of nodes are kramdown's (`element.rb`), less the ones that only its other converters use.
"""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.attributes import AttributeList
from pipelines.markdown.options import DEFAULT, Options

MAX_DEPTH: Final = 40
"""Deepest nesting of blocks and of spans. Deeper text stays text."""

MAX_LISTS: Final = 40
"""Attribute lists that one list may name, with those that they name."""

STEPS_PER_DOCUMENT: Final = 100_000
"""Backtracking steps for all spans of a body, a third of a second. Of 7,618 real posts none takes more than 1,244."""


CUT_SIGN: Final = "\ufdd1"
"""Stands in a text where the excerpt ends."""
_BLANKS: Final = re.compile(r"[ \t\n\r\f\v]+")


class Node:
    """A node: its kind, its text, its attributes and its children.

    Kinds of blocks: root, blank, eob, p, header, codeblock, blockquote, hr, ul, ol, li, dl, dt, dd, table, tbody, tr,
    td, math. Kinds of spans: text, a, img, em, strong, codespan, footnote, entity, math. Either: html, comment, raw.
    """

    __slots__ = (
        "at",
        "attributes",
        "block",
        "children",
        "ial",
        "is_closed",
        "kind",
        "level",
        "model",
        "raw_text",
        "tight",
        "value",
    )

    def __init__(self, kind: str, value: str = "", *, block: bool = True) -> None:
        self.kind = kind
        self.value = value
        """A text, a code block's code, the name of an HTML element, what an `eob` node stands for."""
        self.block = block
        self.attributes: dict[str, str] = {}
        self.children: list[Node] = []
        self.ial: AttributeList | None = None
        """The attribute list that a line beside the block gives it."""
        self.at = -1
        """Where the node starts in the body, or the text of a heading or paragraph; -1 within a container whose lines
        were taken out of the body."""
        self.level = 0
        """A header's level."""
        self.raw_text: str | None = None
        """Markdown of a block's line that is not parsed yet."""
        self.tight = False
        """True for a paragraph without a `p` element around it (kramdown's `transparent`), and for HTML in raw HTML."""
        self.model = "raw"
        """How the content of an HTML element is read: `block`, `span` or `raw`."""
        self.is_closed = False
        """True for an HTML element written as `<name />`."""

    def last(self) -> Node | None:
        """Return the last child, None without children."""
        return self.children[-1] if self.children else None

    def add_text(self, text: str, kind: str = "text") -> None:
        """Add a text to the children, joined to a text before it."""
        last = self.children[-1] if self.children else None
        if last is not None and last.kind == kind and isinstance(last, Text):
            last.parts.append(text)
        elif text:
            self.children.append(Text(kind, text))


class Text(Node):
    """A text, in parts: adding to a string would copy all of it."""

    __slots__ = ("parts",)

    def __init__(self, kind: str, text: str) -> None:
        self.parts: list[str] = []
        super().__init__(kind, text, block=False)

    @property
    def value(self) -> str:
        """The whole text."""
        if len(self.parts) > 1:
            self.parts = ["".join(self.parts)]
        return self.parts[0]

    @value.setter
    def value(self, text: str) -> None:
        self.parts = [text]


class Document:
    """The blocks of a body, and the definitions of links, footnotes and attribute lists."""

    __slots__ = ("attribute_lists", "cut", "footnotes", "links", "options", "root", "steps")

    def __init__(self, options: Options = DEFAULT) -> None:
        self.options = options
        self.root = Node("root")
        self.links: dict[str, tuple[str, Node | None]] = {
            link_id(label): (url, None) for label, url in options.link_defs
        }
        """Url of each link definition, with the `eob` node that may have got an attribute list."""
        self.footnotes: dict[str, Node] = {}
        self.attribute_lists: dict[str, AttributeList] = {}
        self.steps = STEPS_PER_DOCUMENT
        self.cut = -1
        """The place in the body at which its excerpt ends; -1 without one."""

    def apply(self, given: AttributeList, attributes: dict[str, str], applied: set[str] | None = None) -> None:
        """Set the attributes of a list and of the lists that it names, each once (`update_attr_with_ial`)."""
        applied = set() if applied is None else applied
        for name in given.references if len(applied) < MAX_LISTS else ():
            if name in self.attribute_lists and name not in applied and len(applied) < MAX_LISTS:
                applied.add(name)
                self.apply(self.attribute_lists[name], attributes, applied)
        for key, value in given.attributes.items():
            joined = key == "class" and attributes.get(key)
            attributes[key] = f"{attributes[key]} {value}" if joined else value


def link_id(written: str) -> str:
    """Return the label of a link as kramdown compares it (`normalize_link_id`)."""
    return _BLANKS.sub(" ", written).lower()
