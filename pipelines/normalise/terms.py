"""From a category's or tag's spelling to its key: what people vary without meaning anything by it is removed.

The key depends on the spelling and the rules alone. Which keys are one term by the archive's evidence: `names`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final

import opencc

from pipelines.columns.memoise import remembered
from pipelines.normalise.rules import Terms
from pipelines.untrusted import unescape

_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\ud800-\udfff]"
)
"""Controls, soft hyphens, zero-width and direction marks, variation selectors."""

_SEPARATORS: Final = re.compile(r"[\s_\-\u2010-\u2015\u2212]+")
_HAN: Final = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BESIDE_HAN: Final = re.compile(rf"(?<=[{_HAN}])-(?=[a-z0-9])|(?<=[a-z0-9])-(?=[{_HAN}])")
"""A blank between Chinese or Japanese and Latin writing is typography."""

_NOT_ASCII_OR_ENTITY: Final = re.compile(r"[^\x20-\x25\x27-\x7e]")
_HASHTAG: Final = re.compile(r"\A#+(?=\w\w)")
_BRACKETS: Final = {
    "(": ")",
    "[": "]",
    "{": "}",
    "<": ">",
    "《": "》",
    "「": "」",
    "『": "』",
    "【": "】",
    "〈": "〉",
}


@remembered(1 << 17)
def key(spelling: str, rules: Terms) -> str | None:
    """The key of a spelling; None where nothing is left of it. `key(key(x)) == key(x)`."""
    # A rule may make room for one before it (an entity for a full-width form, a comma for a bracket). Settled after
    # one or two rounds in all but made-up spellings.
    for _ in range(8):
        made = _round(spelling, rules)
        if made == spelling:
            break
        spelling = made
    return spelling or None


def tidy(spelling: str, rules: Terms) -> str:
    """A spelling fit to be shown as a name: entities resolved, without what splitting left at its ends."""
    return _without_ends(" ".join(unescape(spelling).split()), rules.ends) or spelling


def _round(text: str, rules: Terms) -> str:
    if _NOT_ASCII_OR_ENTITY.search(text):
        if "&" in text:
            text = unescape(text)
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
        if rules.simplify:
            text = _simplifier().convert(text)
        # Casefolding takes "İ" apart into "i" and a dot; readers of Turkish and others write the same tag with "i".
        text = unicodedata.normalize("NFKC", text.casefold()).replace("i\u0307", "i")
        text = _BESIDE_HAN.sub("", _SEPARATORS.sub("-", text))
    else:
        text = _SEPARATORS.sub("-", text.lower())
    return _without_ends(text, rules.ends + "-")


def _without_ends(text: str, ends: str) -> str:
    opening = ends + "".join(bracket for bracket, partner in _BRACKETS.items() if partner not in text)
    closing = ends + "".join(partner for bracket, partner in _BRACKETS.items() if bracket not in text)
    return _HASHTAG.sub("", text.lstrip(opening).rstrip(closing))


@functools.cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
