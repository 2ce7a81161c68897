"""Ruby's way with strings, numbers and sets, as far as Jekyll's answers show it.

Values are what the YAML loader gives: None, bool, int, float, str, list, dict, `Date` and `Time`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

BLANKS: Final = " \t\n\v\f\r"
r"""What Ruby's `\s` and `String#split` take for white space: ASCII only, so U+3000 and NBSP are none."""

MAX_DEPTH: Final = 60
"""Nesting that `inspect` follows; deeper (or endless) values are shown as `...`."""

_SPLIT: Final = re.compile(rf"[{BLANKS}]+")
_JULIAN_DAY_0: Final = 1721425  # the Julian day of Python's ordinal 0


@dataclass(frozen=True, slots=True)
class Date:
    """A YAML date; `text` as written."""

    text: str
    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Time:
    """A YAML timestamp; `text` as written, `epoch` in whole seconds, `offset` in seconds east of UTC, None if
    unwritten.
    """

    text: str
    epoch: int
    offset: int | None


def split(text: str) -> list[str]:
    """`String#split` without argument: words between ASCII white space."""
    if text.isalnum():
        return [text]
    return [word for word in _SPLIT.split(text) if word]


def downcase(text: str) -> str:
    """`String#downcase`: as Python's, but for the final sigma, which Ruby does not know."""
    return text.lower() if "Σ" not in text else "".join(c.lower() for c in text)


def capitalize(text: str) -> str:
    """`String#capitalize`: the first character in title case, the others in lower case."""
    return text[:1].title() + downcase(text[1:])


def to_s(value: object) -> str:
    """`to_s` of a value."""
    if isinstance(value, str):
        return value
    return "" if value is None else inspect(value)


def inspect(value: object, depth: int = 0) -> str:
    """`inspect` of a value as Ruby 3.1 to 3.3 write it; scalars other than text and nil as `to_s`."""
    if depth > MAX_DEPTH:
        return "..."
    if value is None:
        return "nil"
    if isinstance(value, str):
        return to_s(value) if depth == 0 else _quoted(value)
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Date):
        return value.text if depth == 0 else _inspected_date(value)
    if isinstance(value, Time):
        return time_text(value)
    if isinstance(value, list):
        return "[" + ", ".join(inspect(item, depth + 1) for item in value) + "]"
    if isinstance(value, dict):
        pairs = (f"{inspect(plain_key(k), depth + 1)}=>{inspect(v, depth + 1)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    return str(value)


def time_text(value: Time) -> str:
    """`Time#to_s` of a timestamp that came from YAML: its own offset, +0000 where none is written."""
    offset = value.offset or 0
    try:
        zone = timezone(timedelta(seconds=offset)) if abs(offset) < 86_400 else UTC
        moment = datetime.fromtimestamp(value.epoch, zone)
    except (OverflowError, ValueError, OSError):
        return value.text
    sign, minutes = ("-" if offset < 0 else "+"), abs(offset) // 60
    return f"{moment:%Y-%m-%d %H:%M:%S} {sign}{minutes // 60:02d}{minutes % 60:02d}"


class Key:
    """A mapping's key that is no text; equal to another of the same type and value."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and identity(self.value) == identity(other.value)

    def __hash__(self) -> int:
        return hash(identity(self.value))

    def __repr__(self) -> str:
        return f"Key({self.value!r})"


def key(value: object) -> object:
    """The value as a key of a Python mapping."""
    return value if isinstance(value, str) else Key(value)


def plain_key(value: object) -> object:
    """The value that `key` wrapped."""
    return value.value if isinstance(value, Key) else value


def identity(value: object) -> object:
    """What makes two values one to `Array#|` and `uniq` (`eql?`): type and value, for lists and maps their parts."""
    if isinstance(value, str):
        return value
    return (type(value).__name__, inspect(value, 1))


def union(first: Iterable[object], second: Iterable[object]) -> list[object]:
    """`Array#|`: first, then second, each value once."""
    out: dict[object, object] = {}
    for value in (*first, *second):
        out.setdefault(identity(value), value)
    return list(out.values())


def flatten(value: object) -> list[object]:
    """`[value].flatten`, however deep: the loader's limits bound it."""
    out: list[object] = []
    stack: list[object] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        else:
            out.append(item)
    return out


def _float(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    text = repr(value)
    mantissa, e, exponent = text.partition("e")
    if not e and abs(value) >= 1e15:  # Python writes sixteen digits before the point, Ruby fifteen
        sign, digits = ("-" if value < 0 else ""), text.strip("-").replace(".", "").rstrip("0")
        return f"{sign}{digits[0]}.{digits[1:] or '0'}e+15"
    return text if not e or "." in mantissa else f"{mantissa}.0e{exponent}"


_ESCAPES: Final = {
    '"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r",
    "\f": "\\f", "\v": "\\v", "\b": "\\b", "\a": "\\a", "\x1b": "\\e",
}  # fmt: skip


_NOT_SHOWN: Final = frozenset(("Cc", "Cn", "Cs", "Zl", "Zp"))
"""Categories of characters that `inspect` escapes; Ruby shows U+0085 all the same."""


def _quoted(text: str) -> str:
    out = []
    for i, c in enumerate(text):
        if c in _ESCAPES:
            out.append(_ESCAPES[c])
        elif c == "#" and text[i + 1 : i + 2] in ("{", "$", "@"):
            out.append("\\#")
        elif c == "\x85" or unicodedata.category(c) not in _NOT_SHOWN:
            out.append(c)
        elif ord(c) < 0x20 or c == "\x7f":
            out.append("\\x7F" if c == "\x7f" else f"\\u{ord(c):04X}")
        else:
            out.append(f"\\u{ord(c):04X}" if ord(c) <= 0xFFFF else f"\\u{{{ord(c):X}}}")
    return '"' + "".join(out) + '"'


def _inspected_date(value: Date) -> str:
    try:
        julian_day = date(value.year, value.month, value.day).toordinal() + _JULIAN_DAY_0
    except ValueError:
        return value.text
    return f"#<Date: {value.text} (({julian_day}j,0s,0n),+0s,2299161j)>"
