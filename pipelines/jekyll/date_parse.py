"""`Date._parse` of Ruby's date library (ext/date/date_parse.c, 3.2): what a text says of a date, in parts.

A transcription, order and all: each step takes its match out of the text before the next one looks at it.
`Time.parse` stands in `dates`. Texts are at most `MAX_LENGTH` long, as in Ruby, so every pattern here has bounded work.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

MAX_LENGTH: Final = 128
"""`Date._parse` refuses longer texts (`limit: 128`)."""

Parts = dict[str, int | str]
"""year, mon, mday, yday, hour, min, sec, zone and the like, as far as found."""

_DAYS: Final = "sun|mon|tue|wed|thu|fri|sat"
_MONTHS: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_MONTH_NUMBERS: Final = {name: i for i, name in enumerate(_MONTHS.split("|"), 1)}
_ERA: Final = r"(c(?:e|\.e\.)|b(?:ce|\.c\.e\.)|a(?:d|\.d\.)|b(?:c|\.c\.))"

# Ruby's classes for blanks and digits are ASCII here, so they are spelt out; word boundaries and [[:alpha:]]
# are Unicode's, as Python's are.


def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)


_S: Final = " \\t\\n\\v\\f\\r"
_SEPARATORS: Final = re.compile(r"(?:(?![-+',./:@\[\]])[\W_])+")
_DAY: Final = _pattern(rf"\b({_DAYS})[^-/0-9{_S}]*")
_TIME: Final = _pattern(
    rf"((?:[0-9]+[{_S}]*:[{_S}]*[0-9]+(?:[{_S}]*:[{_S}]*[0-9]+(?:[,.][0-9]*)?)?"
    rf"|[0-9]+[{_S}]*h(?:[{_S}]*[0-9]+m?(?:[{_S}]*[0-9]+s?)?)?)(?:[{_S}]*[ap](?:m\b|\.m\.))?"
    rf"|[0-9]+[{_S}]*[ap](?:m\b|\.m\.))"
    rf"(?:[{_S}]*((?:gmt|utc?)?[-+][0-9]+(?:[,.:][0-9]+(?::[0-9]+)?)?"
    rf"|(?:[^\W0-9_]|[.{_S}])+(?:standard|daylight)[{_S}]time\b|[^\W0-9_]+(?:[{_S}]dst)?\b))?"
)
_CLOCK: Final = _pattern(
    rf"\A([0-9]+)h?(?:[{_S}]*:?[{_S}]*([0-9]+)m?(?:[{_S}]*:?[{_S}]*([0-9]+)(?:[,.]([0-9]+))?s?)?)?"
    rf"(?:[{_S}]*([ap])(?:m\b|\.m\.))?"
)
_EU: Final = _pattern(
    rf"('?[0-9]+)[^-0-9{_S}]*[{_S}]*({_MONTHS})[^-0-9{_S}']*"
    rf"(?:[{_S}]*{_ERA}?[{_S}]*('?-?[0-9]+(?:(?:st|nd|rd|th)\b)?))?"
)
_US: Final = _pattern(
    rf"\b({_MONTHS})[^-0-9{_S}']*[{_S}]*('?[0-9]+)[^-0-9{_S}']*(?:[{_S}]*,?[{_S}]*{_ERA}?[{_S}]*('?-?[0-9]+))?"
)
_ISO: Final = _pattern(r"('?[-+]?[0-9]+)-([0-9]+)-('?-?[0-9]+)")
_ISO_WEEK: Final = _pattern(r"\b([0-9]{2}|[0-9]{4})?-?w([0-9]{2})(?:-?([0-9]))?\b")
_ISO_WEEK_DAY: Final = _pattern(r"-w-([0-9])\b")
_ISO_MONTH_DAY: Final = _pattern(r"--([0-9]{2})?-([0-9]{2})\b")
_ISO_MONTH: Final = _pattern(r"--([0-9]{2})([0-9]{2})?\b")
_NO_YEAR_DAY: Final = _pattern(r"[,.]([0-9]{2}|[0-9]{4})-[0-9]{3}\b")
_YEAR_DAY: Final = _pattern(r"\b([0-9]{2}|[0-9]{4})-([0-9]{3})\b")
_NO_DAY_OF_YEAR: Final = _pattern(r"[0-9]-[0-9]{3}\b")
_DAY_OF_YEAR: Final = _pattern(r"\b-([0-9]{3})\b")
_JIS: Final = _pattern(r"\b([mtshr])([0-9]+)\.([0-9]+)\.([0-9]+)")
_VMS_DAY_FIRST: Final = _pattern(rf"('?-?[0-9]+)-({_MONTHS})[^-/.]*-('?-?[0-9]+)")
_VMS_MONTH_FIRST: Final = _pattern(rf"\b({_MONTHS})[^-/.]*-('?-?[0-9]+)(?:-('?-?[0-9]+))?")
_SLASHES: Final = _pattern(rf"('?-?[0-9]+)/[{_S}]*('?[0-9]+)(?:[^0-9][{_S}]*('?-?[0-9]+))?")
_DOTS: Final = _pattern(rf"('?-?[0-9]+)\.[{_S}]*('?[0-9]+)\.[{_S}]*('?-?[0-9]+)")
_YEAR: Final = _pattern(r"'([0-9]+)\b")
_MONTH: Final = _pattern(rf"\b({_MONTHS})[^{_S}]*")
_MONTH_DAY: Final = _pattern(r"([0-9]+)(st|nd|rd|th)\b")
_DIGITS: Final = _pattern(
    rf"([-+]?)([0-9]{{2,14}})(?:[{_S}]*t?[{_S}]*([0-9]{{2,6}})?(?:[,.]([0-9]*))?)?"
    rf"(?:[{_S}]*(z\b|[-+][0-9]{{1,4}}\b|\[[-+]?[0-9][^\]]*\]))?"
)
_BC: Final = _pattern(r"\b(bc\b|bce\b|b\.c\.|b\.c\.e\.)")
_FRAGMENT: Final = _pattern(rf"\A[{_S}]*([0-9]{{1,2}})[{_S}]*\Z")
_GENGO: Final = {"m": 1867, "t": 1911, "s": 1925, "h": 1988, "r": 2018}

Match = re.Match[str]


def parse(text: str) -> Parts:
    """The parts of the date in `text`; two-digit years are completed (69..99 to 19xx, 00..68 to 20xx).

    Raises:
        ValueError: the text is longer than `MAX_LENGTH`.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"string length ({len(text)}) exceeds the limit {MAX_LENGTH}")
    return _Parser(_SEPARATORS.sub(" ", text)).parts()


class _Parser:
    """The text that is left, and what was found in what is gone."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: Parts = {}
        self.complete_year = True
        self.bc = False

    def take(self, pattern: re.Pattern[str], use: Callable[[Match], None]) -> bool:
        """The macro SUBS: the first match is replaced by a blank and used."""
        match = pattern.search(self.text)
        if not match:
            return False
        self.text = self.text[: match.start()] + " " + self.text[match.end() :]
        use(match)
        return True

    def has(self, kinds: str) -> bool:
        """`HAVE_ELEM_P`: whether the text that is left holds all of these: a (letter), d (digit), or the
        character itself.
        """
        tests: dict[str, Callable[[str], bool]] = {
            "a": lambda c: c.isascii() and c.isalpha(),
            "d": lambda c: "0" <= c <= "9",
        }
        return all(any(map(tests[k], self.text)) if k in tests else k in self.text for k in kinds)

    def parts(self) -> Parts:
        if self.has("a"):
            self.take(_DAY, self.day)
        if self.has("d"):
            self.take(_TIME, self.time)
        self.date()
        if self.has("a"):
            self.take(_BC, self.before_christ)
        if self.has("d"):
            self.take(_FRAGMENT, self.fragment)
        for name in ("cwyear", "year"):
            year = self.found.get(name)
            if isinstance(year, int):
                if self.bc:
                    year = 1 - year
                if self.complete_year and 0 <= year <= 99:
                    year += 1900 if year >= 69 else 2000
                self.found[name] = year
        return self.found

    def date(self) -> None:
        """The ways to write a date, in `date__parse`'s order; the first that matches ends it."""
        ways: tuple[tuple[str, re.Pattern[str], Callable[[Match], None]], ...] = (
            ("ad", _EU, self.eu),
            ("ad", _US, self.us),
            ("d-", _ISO, self.year_month_day),
            ("d.", _JIS, self.jis),
            ("ad-", _VMS_DAY_FIRST, self.vms_day_first),
            ("ad-", _VMS_MONTH_FIRST, self.vms_month_first),
            ("d/", _SLASHES, self.year_month_day),
            ("d.", _DOTS, self.year_month_day),
            ("d", _ISO_WEEK, self.iso_week),
            ("d", _ISO_WEEK_DAY, self.iso_week_day),
            ("d", _ISO_MONTH_DAY, self.iso_month_day),
            ("d", _ISO_MONTH, self.iso_month_day),
            ("d", _YEAR_DAY, self.year_day),
            ("d", _DAY_OF_YEAR, self.day_of_year),
            ("d", _YEAR, self.year),
            ("a", _MONTH, self.month),
            ("d", _MONTH_DAY, self.month_day),
            ("d", _DIGITS, self.digits),
        )
        for kinds, pattern, use in ways:
            if not self.has(kinds):
                continue
            if pattern is _YEAR_DAY and _NO_YEAR_DAY.search(self.text):
                continue
            if pattern is _DAY_OF_YEAR and _NO_DAY_OF_YEAR.search(self.text):
                continue
            if self.take(pattern, use):
                return

    # What each way finds (the _cb functions).

    def day(self, match: Match) -> None:
        self.found["wday"] = _DAYS.split("|").index(match[1].lower())

    def time(self, match: Match) -> None:
        if match[2] is not None:
            self.found["zone"] = match[2]
        clock = _CLOCK.match(match[1])
        if not clock:
            return
        hour, minute, second, fraction, half = clock.groups()
        self.found["hour"] = int(hour) if not half else int(hour) % 12 + (12 if half in "pP" else 0)
        if minute is not None:
            self.found["min"] = int(minute)
        if second is not None:
            self.found["sec"] = int(second)
        if fraction is not None:
            self.found["sec_fraction"] = fraction

    def eu(self, match: Match) -> None:
        day, month, era, year = match.groups()
        self.s3e(year, _MONTH_NUMBERS[month.lower()], day, era)

    def us(self, match: Match) -> None:
        month, day, era, year = match.groups()
        self.s3e(year, _MONTH_NUMBERS[month.lower()], day, era)

    def year_month_day(self, match: Match) -> None:
        self.s3e(match[1], match[2], match[3])

    def vms_day_first(self, match: Match) -> None:
        self.s3e(match[3], _MONTH_NUMBERS[match[2].lower()], match[1])

    def vms_month_first(self, match: Match) -> None:
        self.s3e(match[3], _MONTH_NUMBERS[match[1].lower()], match[2])

    def jis(self, match: Match) -> None:
        self.numbers(year=match[2], mon=match[3], mday=match[4])
        self.found["year"] = int(match[2]) + _GENGO[match[1].lower()]

    def iso_week(self, match: Match) -> None:
        self.numbers(cwyear=match[1], cweek=match[2], cwday=match[3])

    def iso_week_day(self, match: Match) -> None:
        self.numbers(cwday=match[1])

    def iso_month_day(self, match: Match) -> None:
        self.numbers(mon=match[1], mday=match[2])

    def year_day(self, match: Match) -> None:
        self.numbers(year=match[1], yday=match[2])

    def day_of_year(self, match: Match) -> None:
        self.numbers(yday=match[1])

    def year(self, match: Match) -> None:
        self.numbers(year=match[1])

    def month(self, match: Match) -> None:
        self.found["mon"] = _MONTH_NUMBERS[match[1].lower()]

    def month_day(self, match: Match) -> None:
        self.numbers(mday=match[1])

    def before_christ(self, _: Match) -> None:
        self.bc = True

    def fragment(self, match: Match) -> None:
        number = int(match[1])
        if "hour" in self.found and "mday" not in self.found and 1 <= number <= 31:
            self.found["mday"] = number
        if "mday" in self.found and "hour" not in self.found and 0 <= number <= 24:
            self.found["hour"] = number

    def numbers(self, **parts: str | None) -> None:
        for name, digits in parts.items():
            if digits is not None:
                self.found[name] = int(digits)

    def digits(self, match: Match) -> None:
        """`parse_ddd_cb`: a run of digits, read by its length; from its end where only a fraction follows."""
        sign, run, clock, fraction, zone = match.groups()
        from_end = clock is None and fraction is not None
        layouts = _FROM_END if from_end else _FROM_START
        position = 0
        for name, width in layouts.get(len(run), ()):
            number = int(run[position : position + width])
            position += width
            if name == "year":
                if sign == "-":
                    number = -number
                if width == 4 and len(run) != 7:
                    self.complete_year = False
            self.found[name] = number
        if clock is not None and len(clock) in (2, 4, 6):
            pairs = [int(clock[i : i + 2]) for i in range(0, len(clock), 2)]
            if fraction is not None:
                names = ("hour", "min", "sec")[-len(pairs) :]
            else:
                names = ("hour", "min", "sec")[: len(pairs)]
            self.found.update(zip(names, pairs, strict=True))
        if fraction is not None:
            self.found["sec_fraction"] = fraction
        if zone is not None:
            if zone[0] == "[":
                inner = zone[1:-1]
                zone = inner.split(":", 1)[1] if ":" in inner else inner
            self.found["zone"] = zone

    def s3e(self, year: str | None, month: int | str | None, day: str | None, era: str | None = None) -> None:
        """`s3e`: which of three numbers is the year; an apostrophe or more than two digits give it away."""
        y: str | None = year
        m: str | None = str(month) if month is not None else None
        d: str | None = day
        if y is not None and m is not None and d is None:
            y, m, d = d, y, m
        if y is None:
            if d is not None and len(d) > 2:
                y, d = d, None
            if d is not None and d.startswith("'"):
                y, d = d, None
        if y is not None:
            start = next((i for i, c in enumerate(y) if c in "-+0123456789"), len(y))
            end = start + 1 if y[start : start + 1] in ("-", "+") else start
            while end < len(y) and "0" <= y[end] <= "9":
                end += 1
            if end < len(y):
                number = y[start:end]
                y, d = d, number
        if m is not None and (m.startswith("'") or len(m) > 2):
            y, m, d = m, d, y  # us -> be
        if d is not None and (d.startswith("'") or len(d) > 2):
            y, d = d, y
        if y is not None:
            signed = re.search(r"([-+]?)([0-9]+)", y)
            if signed:
                if signed[1] or len(signed[2]) > 2:
                    self.complete_year = False
                self.found["year"] = int(signed[0])
        self.bc = self.bc or (era or "")[:1] in ("b", "B")
        for name, text in (("mon", m), ("mday", d)):
            digits = re.search(r"[0-9]+", text) if text is not None else None
            if digits:
                self.found[name] = int(digits[0])


_FROM_START: Final = {
    2: (("mday", 2),),
    3: (("yday", 3),),
    4: (("mon", 2), ("mday", 2)),
    5: (("year", 2), ("yday", 3)),
    6: (("year", 2), ("mon", 2), ("mday", 2)),
    7: (("year", 4), ("yday", 3)),
    8: (("year", 4), ("mon", 2), ("mday", 2)),
    10: (("year", 4), ("mon", 2), ("mday", 2), ("hour", 2)),
    12: (("year", 4), ("mon", 2), ("mday", 2), ("hour", 2), ("min", 2)),
    14: (("year", 4), ("mon", 2), ("mday", 2), ("hour", 2), ("min", 2), ("sec", 2)),
}
_FROM_END: Final = {
    2: (("sec", 2),),
    3: (("min", 1), ("sec", 2)),
    4: (("min", 2), ("sec", 2)),
    5: (("hour", 1), ("min", 2), ("sec", 2)),
    6: (("hour", 2), ("min", 2), ("sec", 2)),
    7: (("mday", 1), ("hour", 2), ("min", 2), ("sec", 2)),
    8: (("mday", 2), ("hour", 2), ("min", 2), ("sec", 2)),
    10: (("mon", 2), ("mday", 2), ("hour", 2), ("min", 2), ("sec", 2)),
    12: (("year", 2), ("mon", 2), ("mday", 2), ("hour", 2), ("min", 2), ("sec", 2)),
    14: (("year", 4), ("mon", 2), ("mday", 2), ("hour", 2), ("min", 2), ("sec", 2)),
}
