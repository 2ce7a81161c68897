"""When a post was published, by Jekyll: `Utils.parse_date`, which is Ruby's `Time.parse`, and what surprises in it.

Instants are whole seconds since 1970-01-01 UTC; `now` decides what a date leaves out. The parts of a text are found in
`date_parse`; which date counts (front matter, defaults, name) is decided in `documents`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.jekyll import date_parse, ruby
from pipelines.jekyll.date_parse import Parts
from pipelines.jekyll.scalars import valid_day

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MEAN_TIME: Final = 90_000_000
"""By then (7 January 1972, Liberia) the last zone had an offset of whole minutes."""

_RFC_822: Final = {
    "UTC": 0, "Z": 0, "UT": 0, "GMT": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "A": 1, "B": 2, "C": 3, "D": 4, "E": 5, "F": 6, "G": 7, "H": 8, "I": 9, "K": 10, "L": 11, "M": 12,
    "N": -1, "O": -2, "P": -3, "Q": -4, "R": -5, "S": -6, "T": -7, "U": -8, "V": -9, "W": -10, "X": -11, "Y": -12,
}  # fmt: skip
"""`Time::ZoneOffset`, in hours."""

_CLEAR_ZONES: Final = frozenset({"UTC", "Z", "UT", "GMT"})
_NUMERIC_ZONE: Final = re.compile(r"([+-])([0-9]{2})(?:(:?)([0-9]{2})(?:\3([0-9]{2}))?)?\Z")
_HOUR_24: Final = re.compile(r"[Tt \t]24:")
_PLAIN_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")


class DateError(ValueError):
    """The text is no date to Ruby; Jekyll would abort its build. The message says why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An instant, and what is surprising about it."""

    epoch: int
    rolled_over: bool = False
    ambiguous_zone: bool = False


def local(epoch: int, zone: ZoneInfo) -> datetime:
    """The instant on the clocks of `zone`.

    Raises:
        DateError: before the year 1 or after 9999.
    """
    try:
        return (EPOCH + timedelta(seconds=epoch)).astimezone(zone)
    except (OverflowError, ValueError):
        raise DateError("the year is not within 1 to 9999") from None


def read(value: object, zone: ZoneInfo, now: int) -> Reading:
    """`Utils.parse_date(value.to_s)` of a front matter value.

    Raises:
        DateError: Ruby raises.
    """
    if isinstance(value, ruby.Time):
        return Reading(value.epoch, _HOUR_24.search(value.text) is not None)
    return read_text(ruby.to_s(value), zone, now)


def read_text(text: str, zone: ZoneInfo, now: int) -> Reading:
    """`Time.parse(text)` where the clocks of `zone` and the time `now` are the machine's.

    Raises:
        DateError: there is no time in the text, or no such time.
    """
    plain = _PLAIN_DATE.match(text)
    if plain:
        year, month, day = map(int, plain.groups())
        try:
            return Reading(_midnight(year, month, day, zone))
        except ValueError:
            pass
    try:
        parts = date_parse.parse(text)
        epoch, rolled = _make_time(parts, zone, now)
    except (ValueError, OverflowError) as error:
        raise DateError(str(error)) from None
    local(epoch, zone)
    named = str(parts.get("zone", "")).upper()
    return Reading(
        epoch, rolled, named[:1].isalpha() and named not in _CLEAR_ZONES and not named.startswith(("UTC", "GMT"))
    )


@lru_cache(maxsize=4096)
def _midnight(year: int, month: int, day: int, zone: ZoneInfo) -> int:
    return _epoch(datetime(year, month, day, tzinfo=zone))


def _epoch(moment: datetime) -> int:
    """Of a local time that comes twice Ruby takes the second, of one that does not exist the offset before.

    `Time.local`, time.c:find_time_t; measured with Ruby 3.1 at the clocks of a dozen zones.
    """
    second = moment.replace(fold=1)
    if (second.utcoffset() or timedelta()) < (moment.utcoffset() or timedelta()):
        moment = second
    return int((moment - EPOCH) // timedelta(seconds=1))


def _make_time(parts: Parts, zone: ZoneInfo, now: int) -> tuple[int, bool]:
    """`Time.make_time` of Ruby's lib/time.rb: missing parts come from `now` down to the first one given, then
    from 1 or 0.

    Returns the instant and whether it lies beyond the day or hour as written.
    """
    year, month, day, yday, hour, minute, second = (
        int(parts[name]) if name in parts else None for name in ("year", "mon", "mday", "yday", "hour", "min", "sec")
    )
    if (year, month, day, yday, hour, minute, second) == (None,) * 7 and "sec_fraction" not in parts:
        raise ValueError("no time information")
    today = local(now, zone)
    name = str(parts["zone"]) if "zone" in parts else None
    offset = _zone_offset(name, year if year is not None else today.year, zone) if name else None
    if yday is not None:
        year = today.year if year is None else year
        start = date(year, 1, 1)
        if not 1 <= yday <= 366 or (start + timedelta(days=yday - 1)).year != year:
            raise ValueError(f"yday {yday} out of range")
        month, day = (start + timedelta(days=yday - 1)).timetuple()[1:3]
    if offset is not None:
        today = (EPOCH + timedelta(seconds=now + offset)).replace(tzinfo=UTC)
    current = [today.year, today.month, today.day, today.hour, today.minute, today.second]
    given: list[int | None] = [year, month, day, hour, minute, second]
    fields = [0] * 6
    leading = True
    for i, (part, default) in enumerate(zip(given, (1970, 1, 1, 0, 0, 0), strict=True)):
        leading = leading and part is None
        fields[i] = part if part is not None else current[i] if leading else default
    written = tuple(fields)
    if offset is not None:
        # `Time.utc` checks the fields only after the offset was taken off, so an hour 25 may pass here and not below.
        moment, over = _civil(_apply_offset(written, offset))
        epoch = _epoch(moment.replace(tzinfo=UTC)) + over
    else:
        moment, over = _civil(written)
        epoch = _epoch(moment.replace(tzinfo=zone)) + over
    y, m, d, h, _, s = written
    return epoch, not valid_day(y, m, d) or h >= 24 or s >= 60


Fields = tuple[int, ...]


def _civil(fields: Fields) -> tuple[datetime, int]:
    """The time of `Time.utc`'s six fields, and seconds to add: 30 February is 2 March, 24:00 the next day, :60
    the next minute.

    Raises:
        ValueError: as Ruby's `argument out of range`.
    """
    year, month, day, hour, minute, second = fields
    if not (1 <= month <= 12 and 1 <= day <= 31 and 0 <= hour <= 24 and 0 <= minute <= 59 and 0 <= second <= 60):
        raise ValueError("argument out of range")
    if hour == 24 and (minute or second):
        raise ValueError("argument out of range")
    if not 1 <= year <= 9999:
        raise ValueError("the year is not within 1 to 9999")
    first = datetime(year, month, 1, hour % 24, minute, min(second, 59))
    return first + timedelta(days=day - 1 + hour // 24), int(second == 60)


def _apply_offset(fields: Fields, offset: int) -> Fields:
    """`Time.apply_offset`: field by field, so that only what the offset touches is put in order."""
    year, month, day, hour, minute, second = fields
    sign = 1 if offset < 0 else -1
    rest, o = divmod(abs(offset), 60)
    if o:
        carry, second = divmod(second + sign * o, 60)
        rest += sign * carry
    rest, o = divmod(rest, 60)
    if o:
        carry, minute = divmod(minute + sign * o, 60)
        rest += sign * carry
    rest, o = divmod(rest, 24)
    if o:
        carry, hour = divmod(hour + sign * o, 24)
        rest += sign * carry
    if not rest or not 1 <= month <= 12:
        return year, month, day, hour, minute, second
    day += sign * rest
    if sign > 0 and day > _month_days(year, month):
        year, month, day = (year + 1, 1, 1) if month == 12 else (year, month + 1, 1)
    elif sign < 0 and day < 1:
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
        day = _month_days(year, month)
    return year, month, day, hour, minute, second


def _month_days(year: int, month: int) -> int:
    if month == 2:
        return 28 + (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    return 30 if month in (4, 6, 9, 11) else 31


def _zone_offset(name: str, year: int, zone: ZoneInfo) -> int | None:
    """`Time.zone_offset`: numeric, RFC 822's names, the site's own names in January and July; others are
    passed over.
    """
    name = name.upper()
    numeric = _NUMERIC_ZONE.match(name)
    if numeric:
        sign, hours, _, minutes, seconds = numeric.groups()
        total = int(hours) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
        if total >= 86_400:
            raise ValueError("utc_offset out of range")  # `Time.force_zone!`
        return -total if sign == "-" else total
    if name in _RFC_822:
        return _RFC_822[name] * 3600
    for month in (1, 7):
        try:
            moment = datetime(year, month, 1, tzinfo=zone)
        except ValueError:
            return None
        if (moment.tzname() or "").upper() == name:
            return int((moment.utcoffset() or timedelta()).total_seconds())
    return None


def shown_again(epoch: int, zone: ZoneInfo, times: int) -> int:
    """What is left of an instant that Jekyll writes out and reads in again `times` times.

    `Document#merge_date!` does so at every merge; an offset with seconds (local mean time, before about 1900)
    loses them.
    """
    if epoch > LAST_MEAN_TIME:
        return epoch
    for _ in range(times):
        offset = int((local(epoch, zone).utcoffset() or timedelta()).total_seconds())
        seconds = abs(offset) % 60
        if not seconds:
            break
        epoch += seconds if offset > 0 else -seconds
    return epoch
