"""What a body is parsed into, and the place in a text at which that stands.

What belongs elsewhere: how each kind of block is found (`markdown_blocks` and the modules it is put together of).
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from pipelines.normalise.markdown_attributes import AttributeList, Definitions
from pipelines.normalise.markdown_html import Close, Open
from pipelines.normalise.markdown_options import Options
from pipelines.normalise.markdown_patterns import BOUNDARY


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

    def __init__(self, options: Options) -> None:
        self.blocks = Block("root")
        self.footnotes: dict[str, Block] = {}
        self.definitions = Definitions(options)


class Scanner(ABC):
    """One text and the place in it. Nested texts have scanners of their own."""

    def __init__(self, text: str, document: Document) -> None:
        self.text = text
        self.end = len(text)
        self.at = 0
        self.document = document
        self.pending: AttributeList | None = None
        self.absent: dict[str, int] = {}

    @abstractmethod
    def blocks(self, tree: Block, depth: int) -> bool:
        """Fills `tree` up to its end tag or to the end, and tells whether the tag was found."""

    @abstractmethod
    def nested(self, tree: Block, text: str, depth: int) -> None:
        """Parses a text of its own into `tree`."""

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

    def after_boundary(self, tree: Block) -> bool:
        if not tree.children or self.pending:
            return True
        last = tree.children[-1]
        return isinstance(last, Block) and (last.kind == "blank" or (last.kind == "eob" and not last.text))

    def before_boundary(self) -> bool:
        return BOUNDARY.match(self.text, self.at) is not None
