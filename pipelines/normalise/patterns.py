"""The rules' patterns: linear time whatever the text, hence RE2's syntax."""

from __future__ import annotations

import functools

import re2


@functools.lru_cache(maxsize=1024)
def pattern(written: str) -> re2._Regexp[bytes]:
    """The pattern, compiled once a process."""
    return re2.compile(written.encode(), _options())


def search(written: str, text: str) -> list[str | None] | None:
    """The first match and its groups; None where there is none.

    In bytes, since the library would count the characters before each group: twice the cost.
    """
    found = pattern(written).search(text.encode())
    return None if found is None else [group and group.decode() for group in (found[0], *found.groups())]


@functools.cache
def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False  # an error is raised; the library would write to stderr as well
    return options
