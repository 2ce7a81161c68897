"""Reading what people wrote who may mean harm: configuration files, character references."""

from __future__ import annotations

import html
import os
import re
import stat
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

from pipelines import limits

_LONG_REFERENCE: Final = re.compile(r"&#(?:([0-9]{8,})|[xX]([0-9a-fA-F]{8,}))")
_NO_CHARACTER: Final = "&#1114112"
"""The first number beyond Unicode."""


class UnfitError(ValueError):
    """The file is none that can be read as a text. The message is one line without its name."""


def text_of(path: Path, encoding: str = "utf-8") -> str:
    """The text of a small regular file.

    Raises:
        UnfitError: it is a pipe, a device or a folder, too large, or not in the encoding.
        OSError: the system does not open it.
    """
    # Not blocking: nobody may ever write to what is a pipe.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnfitError("it is not a regular file: put the text itself there")
        with os.fdopen(descriptor, "rb", closefd=False) as opened:
            raw = opened.read(limits.CONFIGURATION_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(raw) > limits.CONFIGURATION_BYTES:
        raise UnfitError(f"it is larger than {limits.CONFIGURATION_BYTES:,} bytes: is it a configuration?")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnfitError(f"it is not UTF-8 (byte {error.start + 1:,}): save it as UTF-8") from None


def table(text: str) -> dict[str, Any]:
    """The table that a TOML text holds.

    Raises:
        tomllib.TOMLDecodeError: it is none, with line and column.
        ValueError: it is nested too deep, or holds a number of thousands of digits.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except ValueError:
        raise ValueError(f"it holds a number of more than {sys.get_int_max_str_digits():,} digits") from None


def unescape(text: str) -> str:
    """`html.unescape` for numbers of any length: Python itself reads no more than 4,300 digits."""
    return html.unescape(_LONG_REFERENCE.sub(_shortened, text) if "&#" in text else text)


def _shortened(found: re.Match[str]) -> str:
    decimal, hexadecimal = found.groups()
    digits = (decimal or hexadecimal).lstrip("0") or "0"
    if len(digits) > 7:
        return _NO_CHARACTER
    return f"&#{digits}" if decimal else f"&#x{digits}"
