"""The rules' patterns: linear time whatever the text, hence RE2's syntax."""

from __future__ import annotations

import functools

import re2


@functools.lru_cache(maxsize=1024)
def pattern(written: str) -> re2._Regexp[str]:
    """The pattern, compiled once a process."""
    return re2.compile(written, _options())


@functools.cache
def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False  # an error is raised; the library would write to stderr as well
    return options
