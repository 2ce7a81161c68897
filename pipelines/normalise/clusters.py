"""Which things belong together, from pairs that do: connected components."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

Thing = TypeVar("Thing", bound="str | int | tuple[str, str]")


class Clusters(Generic[Thing]):
    """Disjoint sets by union; a cluster's root is its least member, whatever the order of joining."""

    def __init__(self) -> None:
        self._parents: dict[Thing, Thing] = {}

    def root(self, thing: Thing) -> Thing:
        """The least member of the thing's cluster; the thing itself where it was never joined."""
        parent = self._parents.get(thing, thing)
        while parent != thing:
            above = self._parents.get(parent, parent)
            self._parents[thing] = above
            thing, parent = parent, above
        return thing

    def join(self, things: Iterable[Thing]) -> None:
        """Makes one cluster of those of the things."""
        roots = {self.root(thing) for thing in things}
        if roots:
            least = min(roots)
            for root in roots:
                self._parents[root] = least
