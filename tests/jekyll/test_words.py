"""Counting words."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.jekyll.words import CJK, WINDOW, words


@pytest.mark.parametrize(
    ("plain_text", "count"),
    [
        ("", 0), ("one two", 2), ("财经新闻", 4), ("财经 news 2022年", 5), ("it's", 2), ("カタカナ", 4),
        ("한국어", 3),
        ("Été à la plage", 4), ("cafe\u0301 noir", 2), ("a—b, c。", 3), ("人々", 2), ("𠮷野家", 3),
        ("１２３", 1), ("🎉", 0),
    ],
)  # fmt: skip
def test_words(plain_text: str, count: int) -> None:
    assert words(pl.Series([plain_text])).to_list() == [count]


LETTERS = st.one_of(st.sampled_from("ab1é中々한𠮷\u0301 ,。\n"), st.characters(codec="utf-8"))


@settings(deadline=None)
@given(st.lists(st.text(LETTERS, max_size=12), max_size=8), st.sampled_from([1, 2, 5, WINDOW]))
def test_words_are_those_that_a_pattern_finds_however_much_is_looked_at_at_once(texts: list[str], window: int) -> None:
    word = rf"[{CJK}]|[[\p{{L}}\p{{M}}\p{{N}}]--[{CJK}]]+"
    column = pl.Series(texts, dtype=pl.String)
    assert words(column, window).to_list() == column.str.count_matches(word).to_list()
