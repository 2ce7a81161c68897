"""Texts of people who may mean harm: small regular files, numbers of any length."""

from __future__ import annotations

import html
import os
from pathlib import Path

import pytest

from pipelines import limits
from pipelines.untrusted import UnfitError, table, text_of, unescape

LENGTHS = (1, 7, 8, 20, 4_299, 4_300, 4_301, 100_000)


class TestUnescape:
    @pytest.mark.parametrize("length", LENGTHS)
    @pytest.mark.parametrize("base", ["", "x", "X"])
    def test_numbers_of_every_length_are_characters(self, base: str, length: int) -> None:
        zeros = "0" * (length - 1)
        assert unescape(f"a&#{base}{zeros}9;b") == "a\tb"
        assert len(unescape(f"a&#{base}{'1' * length};b")) in (2, 3)
        if length > 7:
            assert unescape(f"a&#{base}{'1' * length};b") == "a\N{REPLACEMENT CHARACTER}b"

    @pytest.mark.parametrize(
        "text",
        ["&#65;&#x41;", "&amp;&lt", "&#;&#x;", "&#0;", "&#00000000065;b", "&#x0000000041b", "&#11111111", "&#x110000;"],
    )
    def test_shorter_ones_are_as_python_has_them(self, text: str) -> None:
        assert unescape(text) == html.unescape(text)


class TestTextOf:
    def test_a_small_file(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes("ä".encode())
        assert text_of(tmp_path / "a") == "ä"

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a")
        with pytest.raises(UnfitError, match="not a regular file"):
            text_of(tmp_path / "a")

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(UnfitError, match="not a regular file"):
            text_of(tmp_path)

    def test_a_large_file(self, tmp_path: Path) -> None:
        with (tmp_path / "a").open("wb") as file:
            file.truncate(300_000_000)
        with pytest.raises(UnfitError, match="larger than 1,048,576 bytes"):
            text_of(tmp_path / "a")
        with (tmp_path / "a").open("wb") as file:
            file.truncate(limits.CONFIGURATION_BYTES)
        assert len(text_of(tmp_path / "a")) == limits.CONFIGURATION_BYTES

    def test_another_encoding(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"a\xff")
        with pytest.raises(UnfitError, match=r"not UTF-8 \(byte 2\)"):
            text_of(tmp_path / "a")


class TestTable:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            pytest.param(f"a = {'[' * 3_000}", "nested too deep", id="nested"),
            pytest.param(f"a = {'1' * 5_000}", "more than 4,300 digits", id="digits"),
            pytest.param("a = =", "line 1", id="broken"),
        ],
    )
    def test_what_cannot_be_read_is_a_value_error(self, text: str, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            table(text)
