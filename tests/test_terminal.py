"""Lines and tables of a terminal: harmless, and no wider than it is."""

import io
import json

import pytest
from rich.cells import cell_len
from rich.console import Console

from pipelines import tables, terminal


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("[bold]气候[/]", "[bold]气候[/]"),
        ("全\u3000角\xa0e\u0301", "全\u3000角\xa0e\u0301"),
        ("\ud800\u2028\ufeff\U000e0041\x7f", "\\ud800\\u2028\\ufeff\\U000e0041\\x7f"),
        (["\x1b"], '["\\u001b"]'),
        (None, "null"),
    ],
    ids=["escape", "lines", "c1", "direction", "markup", "blanks", "unseen", "list", "nothing"],
)
def test_a_value_is_one_harmless_line(value: object, said: str) -> None:
    assert terminal.plain(value) == said


def test_what_is_said_is_one_line_in_its_style(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    terminal.say(("[red]\x1b]0;x\x07", "bold"), "\n:smile:", file=stream)
    assert stream.getvalue() == "\x1b[1m[red]\\x1b]0;x\\x07\x1b[0m\\n:smile:\n"


def test_json_holds_the_same_value_and_no_harm(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"\x9b": "\x1b\u202e\U000e0041 气候"}
    terminal.say_json(value)
    said = capsys.readouterr().out
    assert (json.loads(said), said[:-1].isprintable(), "气候" in said) == (value, True, True)


def shown(width: int, names: list[str], rows: list[list[object]]) -> tuple[list[str], list[str]]:
    """The lines on a terminal of this width, without colours, and the columns left out."""
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=width, color_system=None, highlight=False)
    left_out = tables.table(names, rows, console)
    return stream.getvalue().splitlines(), left_out


def test_long_values_give_way() -> None:
    lines, left_out = shown(40, ["n", "title"], [[1, "很长的标题" * 20]])
    assert (left_out, max(map(cell_len, lines)) <= 40, "…" in lines[2]) == ([], True, True)


def test_columns_that_do_not_fit_are_named() -> None:
    names = [f"column_{n}" for n in range(9)]
    lines, left_out = shown(50, names, [["x" * 30] * 9] * 4)
    assert left_out == names[3:]
    assert max(map(cell_len, lines)) <= 50


def test_few_rows_of_many_columns_stand_one_below_the_other() -> None:
    lines, left_out = shown(30, ["a", "long_name", *"cdef"], [["x" * 20] * 6])
    assert (left_out, lines[:2]) == ([], ["a          " + "x" * 20, "long_name  " + "x" * 20])


def test_numbers_stand_to_the_right() -> None:
    lines, _ = shown(40, ["number", "text"], [[1, "1"], [None, "2"]])
    assert [line[:10].rstrip() for line in lines[2:4]] == ["     1   1", "  null   2"]


def test_markup_in_values_is_text() -> None:
    lines, _ = shown(40, ["[red]a[/]"], [["[link=x]b[/]"]])
    assert ("[red]a[/]" in lines[0], "[link=x]b[/]" in lines[2]) == (True, True)
