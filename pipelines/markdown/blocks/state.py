"""The text that block rules read, and the place in it."""

from __future__ import annotations

from collections.abc import Callable

from pipelines.markdown.attributes import AttributeList
from pipelines.markdown.document import MAX_DEPTH, Document, Node
from pipelines.markdown.patterns import BOUNDARY


class BlockState:
    """One text, the place in it, and the node that gets its blocks. Nested texts have states of their own."""

    __slots__ = ("absent", "at", "depth", "document", "end", "ial", "is_body", "parse", "text", "tree")

    def __init__(
        self, text: str, tree: Node, document: Document, parse: Callable[[BlockState], bool], depth: int = -1
    ) -> None:
        self.text = text
        self.end = len(text)
        self.at = 0
        self.tree = tree
        self.document = document
        self.depth = depth
        self.ial: AttributeList | None = None
        """The attribute list before the next block."""
        self.parse = parse
        """Reads blocks up to an end tag or the end of the text (`blocks.parse_blocks`)."""
        self.is_body = depth < 0
        """True if places in the text are places in the body."""
        self.absent: dict[str, int] = {}

    def find(self, what: str, start: int) -> int:
        """`str.find` that remembers which strings are absent, so that a text is searched once for each."""
        if self.absent.get(what, self.end + 1) <= start:
            return -1
        found = self.text.find(what, start)
        if found < 0:
            self.absent[what] = start
        return found

    def nested(self, text: str, tree: Node) -> None:
        """Read the blocks of a text that was taken out of its container's marks. Too deep, it stays text."""
        if self.depth + 1 >= MAX_DEPTH:
            tree.add_text(text, "raw_text")
        elif text:
            self.parse(BlockState(text, tree, self.document, self.parse, self.depth + 1))

    def inside(self, tree: Node) -> bool:
        """Read blocks of the same text into the tree, up to its end tag. Return True at the end tag."""
        outer, outer_ial, self.tree, self.ial = self.tree, self.ial, tree, None
        self.depth += 1
        found = self.parse(self)
        self.depth -= 1
        self.tree, self.ial = outer, outer_ial
        return found

    def new(self, kind: str, value: str = "", at: int | None = None) -> Node:
        """Return a block with the attribute list that stands before it (`new_block_el`)."""
        node = Node(kind, value)
        node.ial, self.ial = self.ial, None
        if self.is_body:
            node.at = self.at if at is None else at
        return node

    def add(self, kind: str, value: str = "", at: int | None = None) -> Node:
        """Add a block to the tree."""
        node = self.new(kind, value, at)
        self.tree.children.append(node)
        return node

    def after_boundary(self) -> bool:
        """Return True where a block may start that cannot follow a paragraph's line (`after_block_boundary?`)."""
        last = self.tree.last()
        return last is None or self.ial is not None or last.kind == "blank" or (last.kind == "eob" and not last.value)

    def before_boundary(self) -> bool:
        """Return True where a block ends (`before_block_boundary?`)."""
        return BOUNDARY.match(self.text, self.at) is not None
