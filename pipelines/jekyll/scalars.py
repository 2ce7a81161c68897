"""Which value a plain YAML scalar is, by the gem safe_yaml (1.0.5), which Jekyll loads YAML with.

Not YAML 1.1's rules, nor PyYAML's: `1,234` is 1234, `12:30` is 750.0, `1e3` is text, `0777` is 511.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from pipelines import limits
from pipelines.jekyll.ruby import Date, Time


class ScalarError(ValueError):
    """Ruby raises on this scalar, so that Jekyll cannot read the file."""


def _cases(words: dict[str, object]) -> dict[str, object]:
    """safe_yaml's `TransformationMap`: each word as written, capitalised and in capitals."""
    return {form: value for word, value in words.items() for form in (word, word.capitalize(), word.upper())}


WORDS: Final = _cases(
    {
        "": None,
        "~": None,
        "null": None,
        "yes": True,
        "on": True,
        "true": True,
        "no": False,
        "off": False,
        "false": False,
    }
)
"""`ToNil` and `ToBoolean`."""

_FLOAT_WORDS: Final = {
    sign + word: value
    for sign, factor in (("", 1.0), ("-", -1.0))
    for word, value in (
        (".inf", factor * float("inf")),
        (".Inf", factor * float("inf")),
        (".INF", factor * float("inf")),
    )
} | {".nan": float("nan"), ".NaN": float("nan"), ".NAN": float("nan")}

_CANDIDATE: Final = frozenset("0123456789+-.~_,:")
_DECIMAL: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_OCTAL: Final = re.compile(r"0[0-7]+")
_HEXADECIMAL: Final = re.compile(r"[-+]?0[xX][0-9a-fA-F]+")
_BINARY: Final = re.compile(r"0b[01]+")
_INTEGERS: Final = ((10, _DECIMAL), (8, _OCTAL), (16, _HEXADECIMAL), (2, _BINARY))
_SEXAGESIMAL: Final = re.compile(r"[-+]?[0-9]+(?::[0-5]?[0-9])+")
_FLOAT: Final = re.compile(r"[-+]?(?:[0-9][0-9_]*)?\.[0-9_]+(?:[eE][-+][0-9]+)?")
_RUBY_FLOAT: Final = re.compile(r"[-+]?(?:[0-9]+(?:_[0-9]+)*)?\.[0-9]+(?:_[0-9]+)*(?:[eE][-+][0-9]+)?")
_SEXAGESIMAL_FLOAT: Final = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*")
_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME: Final = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]*)?"
    r"[ \t]*(?:(Z)|([-+])([0-9]{1,2})(?::?([0-9]{2}))?)?"
)


def resolve(text: str) -> object:
    """The value of a plain scalar (`SafeYAML::Transform.to_guessed_type`).

    Raises:
        ScalarError: where Ruby's `Float()` raises on what safe_yaml's pattern let through (`._5`, `1._5`).
    """
    if len(text) <= 5 and text in WORDS:
        return WORDS[text]
    if not text or text[0] not in _CANDIDATE:
        return text
    if len(text) >= 10 and text[4] == "-":
        moment = _moment(text)
        if moment is not None:
            return moment
    digits = text.replace("_", "").replace(",", "")
    for base, form in _INTEGERS:
        if form.fullmatch(digits):
            number = _integer(digits, base)
            return text if number is None else number
    if len(digits) > limits.INTEGER_BITS:
        return text
    if _SEXAGESIMAL.fullmatch(digits):
        return _sexagesimal(digits)
    if text in _FLOAT_WORDS:
        return _FLOAT_WORDS[text]
    if _FLOAT.fullmatch(text):
        if not _RUBY_FLOAT.fullmatch(text):
            raise ScalarError(f'invalid value for Float(): "{text}"')
        return float(text.replace("_", ""))
    if _SEXAGESIMAL_FLOAT.fullmatch(text):
        return _sexagesimal(text)
    return text


def _integer(digits: str, base: int) -> int | None:
    """The integer that these digits write; None where it is longer than `limits.INTEGER_BITS`.

    Ruby has no such limit; nobody means longer ones.
    """
    if len(digits) > limits.INTEGER_BITS or (base == 10 and len(digits) > limits.INTEGER_BITS * 0.302):
        return None
    number = int(digits, base)
    return number if number.bit_length() <= limits.INTEGER_BITS else None


def _moment(text: str) -> Date | Time | None:
    """safe_yaml's `ToDate`: a date or a full timestamp; None where it is neither or no such day exists (then
    it is text).
    """
    found = _DATE.fullmatch(text) if len(text) == 10 else None
    if found:
        year, month, day = map(int, found.groups())
        return Date(text, year, month, day) if valid_day(year, month, day) else None
    found = _TIME.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    if not valid_day(year, month, day) or minute > 59 or second > 60:
        return None
    if hour > 24 or (hour == 24 and (minute or second)):
        return None
    utc, sign, hours, minutes = found.groups()[6:]
    offset: int | None = 0 if utc else None
    if sign:
        offset = (int(hours) * 60 + int(minutes or 0)) * (60 if sign == "+" else -60)
        if abs(offset) >= 86_400:
            offset = 0  # "invalid offset is ignored"
    if year == 0:
        return None
    seconds = hour * 3600 + minute * 60 + min(second, 59) - (offset or 0)
    return Time(text, days(year, month, day) * 86_400 + seconds, offset)


@lru_cache(maxsize=4096)
def valid_day(year: int, month: int, day: int) -> bool:
    """Whether the civil day exists: Julian before 15 October 1582, as Ruby's Date reckons by default."""
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return False
    if (year, month) == (1582, 10) and 4 < day < 15:
        return False
    if month == 2:
        gregorian = (year, month, day) > (1582, 10, 15)
        leap = year % 4 == 0 and (not gregorian or year % 100 != 0 or year % 400 == 0)
        return day <= 28 + leap
    return day <= (30 if month in (4, 6, 9, 11) else 31)


@lru_cache(maxsize=4096)
def days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01; a day past the month's end runs on into the next."""
    return (date(year, month, 1) + timedelta(days=day - 1)).toordinal() - 719_163


def _sexagesimal(text: str) -> float:
    """`SafeYAML::Parse::Sexagesimal.value`, its way with a sign included (-1:30 is 30.0)."""
    whole, _, fraction = text.partition(".")
    try:
        result, weight = 0.0, 1.0
        for part in reversed(whole.split(":")):
            result += float(part) * weight
            weight *= 60
        if fraction:
            result += float("." + fraction)
    except ValueError as error:
        raise ScalarError(f"invalid value for Float() in {text!r}") from error
    return -result if text[0] == "-" else result
