"""What is remembered, and what is not."""

from __future__ import annotations

from pipelines.columns.memoise import LONGEST, remembered


def test_a_short_text_is_worked_out_once_and_a_long_one_each_time() -> None:
    asked = []

    @remembered(10)
    def doubled(text: str, times: int = 2) -> str:
        asked.append(text)
        return text * times

    short, long = "a" * LONGEST, "b" * (LONGEST + 1)
    assert [doubled(text) for text in (short, long, short, long)] == [short * 2, long * 2, short * 2, long * 2]
    assert asked == [short, long, long]


def test_what_else_is_given_counts() -> None:
    @remembered(10)
    def repeated(text: str, times: int) -> str:
        return text * times

    assert [repeated("a", 2), repeated("a", 3), repeated("a", 2)] == ["aa", "aaa", "aa"]
