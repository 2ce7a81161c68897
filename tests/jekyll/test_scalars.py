"""Which value a plain scalar is, by safe_yaml."""

from __future__ import annotations

import pytest

from pipelines.jekyll import ruby
from pipelines.jekyll.ruby import Date, Time
from pipelines.jekyll.scalars import ScalarError, resolve, valid_day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nUll", "nUll"),
        ("yes", True), ("Off", False), ("TRUE", True), ("y", "y"), ("tRue", "tRue"),
        ("0", 0), ("-5", -5), ("+5", 5), ("1,234", 1234), ("1_000", 1000), ("0777", 511), ("0888", "0888"),
        ("0x1F", 31), ("0b101", 5), ("1e3", "1e3"), ("1.10", 1.1), (".5", 0.5), ("1.5e+3", 1500.0),
        ("1.5e3", "1.5e3"),
        ("12:30", 750.0), ("12:30:15", 45015.0), ("1:60", "1:60"), ("-1:30", 30.0), (".inf", float("inf")),
        (".", "."), ("-.", "-."), ("1.", "1."), ("1.e+3", "1.e+3"), ("..", ".."),
        ("1.2.3", "1.2.3"), ("-", "-"), ("2022-13-01", "2022-13-01"), ("2022-02-30", "2022-02-30"),
        ("+0800", "+0800"),
        ("a", "a"), ("财经", "财经"), ("2022年", "2022年"),
    ],
)  # fmt: skip
def test_values(text: str, expected: object) -> None:
    value = resolve(text)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize("text", ["._5", "1._5", "1.5_", "1__0.5"])
def test_what_ruby_raises_on(text: str) -> None:
    with pytest.raises(ScalarError):
        resolve(text)


def test_a_date() -> None:
    assert resolve("2022-04-15") == Date("2022-04-15", 2022, 4, 15)


@pytest.mark.parametrize(
    ("text", "epoch", "offset"),
    [
        ("2022-04-15 20:12:07", 1650053527, None),
        ("2022-04-15 20:12:07 +0800", 1650024727, 28800),
        ("2022-04-15 20:12:07+08:00", 1650024727, 28800),
        ("2022-04-15 20:12:07 +8", 1650024727, 28800),
        ("2022-04-15T20:12:07Z", 1650053527, 0),
        ("2022-04-15t20:12:07.987 -09:30", 1650087727, -34200),
        ("2022-4-5 8:05:00", 1649145900, None),
        ("2022-04-15 24:00:00 +0800", 1650038400, 28800),
    ],
)
def test_timestamps(text: str, epoch: int, offset: int | None) -> None:
    assert resolve(text) == Time(text, epoch, offset)


@pytest.mark.parametrize(
    "text", ["2022-04-15 25:00:00", "2022-04-15 20:12", "2022-04-15 20:60:00", "2022-04-15 20:12:07 CST"]
)
def test_what_is_no_timestamp_stays_text(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize(
    ("day", "exists"),
    [
        ((2000, 2, 29), True),
        ((1900, 2, 29), False),
        ((1500, 2, 29), True),
        ((1582, 10, 10), False),
        ((2022, 4, 31), False),
    ],
)
def test_days_are_julian_before_the_reform(day: tuple[int, int, int], exists: bool) -> None:
    assert valid_day(*day) is exists


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (True, "true"), (1.0, "1.0"), (1e20, "1.0e+20"), (1e-5, "1.0e-05"),
        (["a", None, 1], '["a", nil, 1]'),
        ({"a": "b"}, '{"a"=>"b"}'), ('a"b', 'a"b'), (['a"\n\t\\#{x}'], '["a\\"\\n\\t\\\\\\#{x}"]'),
        (["财　经"], '["财　经"]'),
        ([Date("2022-04-15", 2022, 4, 15)], "[#<Date: 2022-04-15 ((2459685j,0s,0n),+0s,2299161j)>]"),
        (Time("x", 1650053527, None), "2022-04-15 20:12:07 +0000"),
        (Time("x", 1650024727, 28800), "2022-04-15 20:12:07 +0800"),
    ],
)  # fmt: skip
def test_to_s(value: object, text: str) -> None:
    assert ruby.to_s(value) == text


def test_words_are_apart_by_ascii_blanks_only() -> None:
    assert ruby.split(" a\tb  c\u3000d\u00a0e\x1cf\n") == ["a", "b", "c\u3000d\u00a0e\x1cf"]


def test_case() -> None:
    assert ruby.downcase("ΑΣ") == "ασ"
    assert ruby.capitalize("ÉTÉ") == "Été"
    assert ruby.capitalize("") == ""
