"""The rules' patterns: linear time whatever the text, hence RE2's syntax."""

from __future__ import annotations

import functools
from typing import Protocol

import re2


class Match(Protocol):
    """A match of texts in bytes."""

    def __getitem__(self, group: int, /) -> bytes: ...
    def groups(self) -> tuple[bytes | None, ...]: ...


class Pattern(Protocol):
    """A compiled pattern, as far as it is used here."""

    @property
    def groups(self) -> int: ...
    def search(self, text: bytes, /) -> Match | None: ...


@functools.lru_cache(maxsize=1024)
def pattern(written: str) -> Pattern:
    """Return the pattern, compiled once per process."""
    compiled: Pattern = re2.compile(written.encode(), _options())
    return compiled


def search(written: str, text: str) -> list[str | None] | None:
    """The first match and its groups; None where there is none.

    In bytes, since the library would count the characters before each group: twice the cost.
    """
    found = pattern(written).search(text.encode())
    if found is None:
        return None
    return [None if group is None else group.decode() for group in (found[0], *found.groups())]


@functools.cache
def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False  # an error is raised; the library would write to stderr as well
    return options
