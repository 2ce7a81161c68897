"""The table macro `search('words')` of the database: posts by words, best first. No index, no extension.

    FROM search('气候 "carbon tax" -football') LIMIT 20

Every word must occur, in title, excerpt or text; `-` excludes a word, quotes hold a phrase. Case does not matter, nor
width (Ａ is A, ｶﾞ is ガ), nor whether Chinese is written in traditional or simplified characters. A word that begins
with a Latin letter or digit is found where one begins (`post` finds posts, not compost), in quotes only as a whole;
elsewhere words are not parted by blanks, so any place will do.

The macro writes a query for the words and runs it, for a pattern that is a constant is compiled once, not for each
post; `SELECT stored.search_sql('words')` shows it. Words enter it as escaped patterns in quotes. Texts are searched as
they are, for a word in each of its spellings: to normalise them would cost many times what it costs to read them.
The macros are in search.sql; here are the characters. Why there is no index: docs/decisions/search.md.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import opencc

DESCRIPTION: Final = (
    "Posts by words, best first: score, published_on, state, title, url, path, month, occurrences, snippet. Every word "
    "must occur in title, excerpt or text; -word excludes, quotes hold a phrase"
)
"""What the macro finds, for its comment in the database."""

_NARROW: Final = string.digits + string.ascii_letters + "!#$%&'()*+,./:;<=>?@[\\]^_`{|}~"
"""What has a wide form, but for what means something in a search: blank, quotes and minus."""
_KANA: Final = "".join(map(chr, range(0x30A1, 0x30FD)))
_HAN: Final = "".join(map(chr, range(0x4E00, 0xA000)))


@cache
def statements() -> str:
    """What makes the macro, in the database in use: it needs `posts` and `stored.post_bodies`."""
    spellings = (f"CREATE OR REPLACE MACRO stored.{name}(word) AS {sql};\n" for name, sql in _spellings().items())
    return "".join(spellings) + Path(__file__).with_suffix(".sql").read_text("utf-8")


def _spellings() -> dict[str, str]:
    """The macros that write a word in another way, where there is one."""
    half = _half_kana()
    voiced = {letter: form for letter, form in half.items() if len(form) == 2}
    unvoiced = {letter: form for letter, form in half.items() if len(form) == 1}
    folded = [(_wide(letter), letter) for letter in [*_NARROW, '"', "-"]]
    folded += [("\u3000", " "), ("\0", " "), ("“", '"'), ("”", '"'), ("„", '"')]
    folded += [(form, letter) for letter, form in unvoiced.items()] + [("\uff9e", "\u3099"), ("\uff9f", "\u309a")]
    return {
        "search_folded": f"nfc_normalize({_translate('word', folded)})",
        "search_wide": _translate("word", [(letter, _wide(letter)) for letter in _NARROW]),
        "search_half": _translate(_replace("word", voiced), unvoiced.items()),
        "search_simplified": _translate("word", _han("t2s")),
        "search_traditional": _translate("word", _han("s2t")),
    }


def _wide(letter: str) -> str:
    return chr(ord(letter) + 0xFEE0)


def _half_kana() -> dict[str, str]:
    """The half-width form of each katakana that has one: a character, or two with the voice mark."""
    forms = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)}
    for letter, form in list(forms.items()):
        for mark, half_mark in (("\u3099", "\uff9e"), ("\u309a", "\uff9f")):
            forms[unicodedata.normalize("NFC", letter + mark)] = form + half_mark
    return {letter: forms[letter] for letter in _KANA if letter in forms}


def _han(conversion: str) -> list[tuple[str, str]]:
    """Each Chinese character with its other one, by OpenCC, one by one: what depends on the word is left aside."""
    converted = opencc.OpenCC(conversion).convert("\n".join(_HAN)).split("\n")
    return [(old, new) for old, new in zip(_HAN, converted, strict=True) if len(new) == 1]


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _translate(subject: str, pairs: Iterable[tuple[str, str]]) -> str:
    """SQL that replaces characters by others."""
    old, new = ("".join(side) for side in zip(*((old, new) for old, new in pairs if old != new), strict=True))
    return f"translate({subject}, {_text(old)}, {_text(new)})"


def _replace(subject: str, pairs: dict[str, str]) -> str:
    """SQL that replaces texts by others."""
    for old, new in pairs.items():
        subject = f"replace({subject}, {_text(old)}, {_text(new)})"
    return subject
