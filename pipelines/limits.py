"""How much one file may be, say and cost. Everything here is promised in docs/guarantees.md, with a test for each."""

from __future__ import annotations

from typing import Final

FILE_BYTES: Final = 384 * 1024
"""A larger post is refused without being read."""

CONFIGURATION_BYTES: Final = 1024 * 1024
"""A larger `_config.yml`, `backfile.toml` or rules file is refused."""

YAML_CHARACTERS: Final = 1024 * 1024
"""More characters of scalars in one YAML document, after aliases are expanded, are refused."""

YAML_VALUES: Final = 50_000
"""More scalars, lists and maps in one YAML document, after aliases are expanded, are refused."""

YAML_DEPTH: Final = 500
"""Deeper nesting of lists and maps is refused. libyaml itself stops at 1,000."""

INTEGER_BITS: Final = 13_000
"""A longer integer stays text: Python writes no more than 4,300 digits, and these are 3,914."""

TERMS: Final = 200
"""More categories, or more tags, of one post are refused."""

URL_CHARACTERS: Final = 12_288
"""A longer url path of a post is refused: escaped, it is what the longest path of a file system (4,096 bytes) takes."""

CHEAP_BYTES: Final = 64 * 1024
"""Files up to this size are read in the build's own process if there are few of them; larger ones in a worker process,
which may die."""


def seconds(files: int, size: int) -> float:
    """CPU seconds after which the reading of so many files with so many bytes in all is given up."""
    return (20.0 if files == 1 else 5.0 + files * 0.005) + size * 5e-6


def memory(size: int) -> int:
    """Bytes that a process may come to hold, beyond those that it holds, for files with so many bytes in all."""
    return 1_500_000_000 + 20 * size
