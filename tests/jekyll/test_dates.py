"""`Time.parse` and `Date._parse`: every way to write a date that the rules tell apart."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.jekyll import dates
from pipelines.jekyll.date_parse import parse
from pipelines.jekyll.dates import DateError, read_text, shown_again

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = int(datetime(2026, 11, 22, 0, 0, 7, tzinfo=UTC).timestamp())  # 08:00:07 in Shanghai


def at(text: str, zone: ZoneInfo = SHANGHAI) -> str:
    return dates.local(read_text(text, zone, NOW).epoch, zone).isoformat()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-04-15", "2022-04-15T00:00:00+08:00"),
        ("2022-4-5", "2022-04-05T00:00:00+08:00"),
        ("22-4-5", "2022-04-05T00:00:00+08:00"),
        ("70-4-5", "1970-04-05T00:00:00+08:00"),
        ("2022-04-15 20:12:07", "2022-04-15T20:12:07+08:00"),
        ("2022-04-15 20:12", "2022-04-15T20:12:00+08:00"),
        ("2022-04-15 20:12 +0800", "2022-04-15T20:12:00+08:00"),
        ("2022-04-15 20:12:07 -0500", "2022-04-16T09:12:07+08:00"),
        ("2022-04-15 20:12:07 +8", "2022-04-15T20:12:07+08:00"),
        ("2022-04-15T20:12:07Z", "2022-04-16T04:12:07+08:00"),
        ("2022-04-15 20:12:07 UTC", "2022-04-16T04:12:07+08:00"),
        ("2022-04-15 20:12:07 EST", "2022-04-16T09:12:07+08:00"),
        ("2022-04-15 20:12:07 CST", "2022-04-16T10:12:07+08:00"),
        ("2022-04-15 20:12:07 CEST", "2022-04-15T20:12:07+08:00"),
        ("2022/04/15 20:12:07", "2022-04-15T20:12:07+08:00"),
        ("04/05/2022", "2022-05-04T00:00:00+08:00"),
        ("15.4.2022", "2022-04-15T00:00:00+08:00"),
        ("April 5, 2022 8:12pm", "2022-04-05T20:12:00+08:00"),
        ("5th April 2022 12am", "2022-04-05T00:00:00+08:00"),
        ("5 Apr 22", "2022-04-05T00:00:00+08:00"),
        ("Apr 2022", "2022-04-01T00:00:00+08:00"),
        ("Fri, 15 Apr 2022 20:12:07 +0800", "2022-04-15T20:12:07+08:00"),
        ("15-Apr-2022", "2022-04-15T00:00:00+08:00"),
        ("20220415", "2022-04-15T00:00:00+08:00"),
        ("20220415T201207+0800", "2022-04-15T20:12:07+08:00"),
        ("2022-105", "2022-04-15T00:00:00+08:00"),
        ("H31.04.30", "2019-04-30T00:00:00+08:00"),
        ("2022-02-30", "2022-03-02T00:00:00+08:00"),
        ("2022-04-31 10:00", "2022-05-01T10:00:00+08:00"),
        ("2022-04-15 24:00:00", "2022-04-16T00:00:00+08:00"),
        ("2022-04-15 25:00:00 +0800", "2022-04-16T01:00:00+08:00"),
        ("2022-04-15 23:59:60", "2022-04-16T00:00:00+08:00"),
        ("10:30", "2026-11-22T10:30:00+08:00"),
        ("45015.0", "2026-11-22T04:50:15+08:00"),
        ("12th", "2026-11-12T00:00:00+08:00"),
        ("2022-04-15 (posted at 20h12)", "2022-04-15T20:12:00+08:00"),
        ("198-04-06", "0198-04-06T00:00:00+08:05:43"),
    ],
)
def test_dates_are_read(text: str, expected: str) -> None:
    assert at(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "not a date", "+0800", "false", "2022年4月15日 20:12", "2022-13-45",
     "1650024727", "2022-04-15 25:00:00", "Monday",
     "2022-04-15 10:00 +2500", "2022-04-15 10:00:00 -24:00", "2022-04-32", "0000-00-00", "12345-01-01", "x" * 129],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(DateError):
        read_text(text, SHANGHAI, NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2022-03-27 02:30", "2022-03-27T03:30:00+02:00", id="an hour that does not exist"),
        pytest.param("2022-10-30 02:30", "2022-10-30T02:30:00+01:00", id="an hour that comes twice"),
        pytest.param("2022-07-01 12:00 CEST", "2022-07-01T12:00:00+02:00", id="the site's own summer name"),
        pytest.param("2022-07-01 12:00 CET", "2022-07-01T13:00:00+02:00", id="the site's own winter name in summer"),
    ],
)
def test_the_clocks_of_the_site(text: str, expected: str) -> None:
    assert at(text, BERLIN) == expected


@pytest.mark.parametrize(
    ("text", "rolled", "ambiguous"),
    [
        ("2022-02-30", True, False),
        ("2022-04-15 24:00", True, False),
        ("2022-04-15 20:12:07 CST", False, True),
        ("2022-04-15 20:12:07 GMT", False, False),
        ("2022-04-15 20:12:07 +0800", False, False),
    ],
)
def test_surprises(text: str, rolled: bool, ambiguous: bool) -> None:
    reading = read_text(text, SHANGHAI, NOW)
    assert (reading.rolled_over, reading.ambiguous_zone) == (rolled, ambiguous)


def test_local_mean_time_loses_its_seconds_each_time_it_is_written_out() -> None:
    epoch = read_text("1900-01-01 00:00:00 +0000", SHANGHAI, NOW).epoch
    assert shown_again(epoch, SHANGHAI, 2) - epoch == 2 * 43
    assert shown_again(NOW, SHANGHAI, 2) == NOW


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "2001-02-03T04:05:06+09:00",
            {"year": 2001, "mon": 2, "mday": 3, "hour": 4, "min": 5, "sec": 6, "zone": "+09:00"},
        ),
        ("3rd Feb 2001 04:05:06 PM", {"year": 2001, "mon": 2, "mday": 3, "hour": 16, "min": 5, "sec": 6}),
        ("Feb 3 '01", {"year": 2001, "mon": 2, "mday": 3}),
        ("2001-W05-6", {"cwyear": 2001, "cweek": 5, "cwday": 6}),
        ("10:20:30.123 pst", {"hour": 10, "min": 20, "sec": 30, "zone": "pst"}),
    ],
)
def test_parts(text: str, parts: dict[str, int | str]) -> None:
    found = parse(text)
    assert {name: found.get(name) for name in parts} == parts


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.text(max_size=130),
        st.lists(
            st.sampled_from([*"0123456789-+:/., TZ'[]", *["jan", "Mon", "pm", "BC", "h", "st", "CST"]]), max_size=40
        ).map("".join),
    )
)
def test_no_text_whatever_raises_anything_else(text: str) -> None:
    try:
        reading = read_text(text, BERLIN, NOW)
    except DateError:
        return
    assert 1 <= dates.local(reading.epoch, BERLIN).year <= 9999
