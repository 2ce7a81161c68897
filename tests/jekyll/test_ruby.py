"""Values as Ruby writes them."""

import pytest

from pipelines.jekyll import ruby


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.5, "1.5"),
        (100000000000000.0, "100000000000000.0"),
        (1e15, "1.0e+15"),
        (-1234567890123456.0, "-1.234567890123456e+15"),
        (1e22, "1.0e+22"),
        (0.0001, "0.0001"),
        (0.00001, "1.0e-05"),
        (float("-inf"), "-Infinity"),
    ],
    ids=str,
)
def test_numbers(value: float, written: str) -> None:
    assert ruby.to_s(value) == written


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("👨\u200d👩", "👨\u200d👩"),
        ("a\u3000b\u00a0c", "a\u3000b\u00a0c"),
        ("\ue000\u0085", "\ue000\u0085"),
        ("\u2028\u0080\u0378", "\\u2028\\u0080\\u0378"),
        ("\U000e0002", "\\u{E0002}"),
        ('#{a} #b "c"', '\\#{a} #b \\"c\\"'),
    ],
    ids=["joined", "blanks", "private", "lines, controls, none", "beyond the first plane", "marks of Ruby's"],
)
def test_a_text_in_a_list(text: str, shown: str) -> None:
    assert ruby.inspect([text]) == f'["{shown}"]'
