"""Counting words."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

CJK: Final = (
    r"\x{2e80}-\x{2fdf}\x{3005}-\x{3007}\x{3021}-\x{3029}\x{3031}-\x{3035}\x{3038}-\x{303c}\x{3041}-\x{30ff}"
    r"\x{3105}-\x{312f}\x{3131}-\x{318e}\x{31a0}-\x{31bf}\x{31f0}-\x{31ff}\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}"
    r"\x{a960}-\x{a97f}\x{ac00}-\x{d7ff}\x{f900}-\x{faff}\x{ff66}-\x{ffdc}\x{16fe0}-\x{18cff}\x{1aff0}-\x{1b2ff}"
    r"\x{20000}-\x{3ffff}"
)
"""Ideographs, kana, bopomofo and hangul, marks of repetition included; as ranges of a character class."""

_UNKNOWN, _NO_WORD, _CHARACTER, _RUN = range(4)
WINDOW: Final = 1 << 20
"""Characters that are looked up at once: bounds the memory that a text of megabytes takes."""


def words(texts: pl.Series, window: int = WINDOW) -> pl.Series:
    """Return the number of words of each text: a CJK character counts one, elsewhere a run of letters or digits.

    Code points are looked up in a table. A pattern takes three times as long: it matches nearly every character of a
    Chinese text by itself.
    """
    lengths = texts.str.len_chars().to_numpy().astype(np.int64) + 1
    ends = lengths.cumsum()
    starts = ends - lengths
    joined = "\n".join([*texts, ""])  # a line's end belongs to no word
    counts = np.zeros(len(texts), np.int64)
    before = _NO_WORD
    for at in range(0, len(joined), window):
        kinds = _kinds(np.frombuffer(joined[at : at + window].encode("utf-32-le"), np.uint32))
        begins = kinds == _CHARACTER
        in_run = kinds == _RUN
        begins[1:] |= in_run[1:] & ~in_run[:-1]
        begins[0] |= in_run[0] and before != _RUN
        before = kinds[-1]
        first, last = np.searchsorted(ends, at, "right"), np.searchsorted(starts, at + len(kinds), "left")
        counts[first:last] += np.add.reduceat(begins, np.maximum(starts[first:last] - at, 0), dtype=np.int64)
    return pl.Series(counts, dtype=pl.Int64)


_known: Final = np.full(0x110000, _UNKNOWN, np.uint8)
"""Kinds of the code points that were met."""


def _kinds(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Return of each code point if it is a word, or part of a word, by the Unicode tables of Polars' engine."""
    kinds = _known[points]
    if not kinds.all():
        met = np.zeros(len(_known), np.bool_)
        met[points] = True
        new = np.flatnonzero(met & (_known == _UNKNOWN))
        characters = pl.Series([chr(point) for point in new])
        of_run = characters.str.contains(r"[\p{L}\p{M}\p{N}]").to_numpy()
        of_itself = characters.str.contains(rf"[{CJK}]").to_numpy()
        _known[new] = np.where(of_itself, _CHARACTER, np.where(of_run, _RUN, _NO_WORD))
        kinds = _known[points]
    return kinds
