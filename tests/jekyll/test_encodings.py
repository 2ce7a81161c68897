"""Names of encodings, and what they stand for."""

from __future__ import annotations

import pytest

from pipelines.jekyll.encodings import UNMARKED, UTF_8, codec


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", UNMARKED),
        ("UTF-8", UNMARKED),
        ("bom|utf-8", UNMARKED),
        ("utf-8:utf-8", UNMARKED),
        ("UTF-8-MAC", UNMARKED),
        ("cp65001", UTF_8),
        ("utf8", UTF_8),  # Ruby knows no such name
        ("latin1", UTF_8),
        ("klingon", UTF_8),
        ("binary", UTF_8),
        ("GBK", "gbk"),
        ("Shift_JIS", "shift_jis"),
        ("Windows-31J", "cp932"),
        ("ISO-8859-1", "iso8859-1"),
        ("kling\0on", UTF_8),
        ("utf-16", None),
        ("zip", None),
        ("hex", None),
        ("rot13", None),
        ("undefined", None),
        ("UTF-7", None),
        ("IBM037", None),
        ("Emacs-Mule", None),
    ],
)
def test_codec(written: str, expected: str | None) -> None:
    assert codec(written) == expected
