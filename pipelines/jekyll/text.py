"""A post's body as plain text: no markup, no Liquid. Columns in, columns out, all in time linear in the text.

Not a renderer: what Markdown, HTML and Liquid write round the words is taken away by patterns, what people
read stays. The patterns run in Polars' engine, which has no backtracking.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.jekyll import code
from pipelines.untrusted import unescape

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

_LABEL: Final = r"(?:[^\[\]\n]|\n[^\[\]\n]|\[[^\[\]\n]*\])*\n?"
_PLACE: Final = r"\((?:[^()\"\n]|\n[^()\"\n]|\"[^\"\n]*(?:\n[^\"\n]+)*\"|\([^()\n]*\)|\")*\)"
"""Of a link, between its brackets and between its parentheses: lines may end there, paragraphs may not."""

_Rule = tuple[str, str, str]
"""What a text must hold for the rule to matter; what is taken away; what is left in its place."""

_LINE_ENDS: Final[tuple[_Rule, ...]] = (
    ("\r", r"\r\n?", "\n"),
    ("\0", r"\x00+", ""),
    ("comment", r"(?s)\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}", " "),
)
_LIQUID: Final[tuple[_Rule, ...]] = (
    ("{%", r"(?s)\{%.*?%\}", " "),
    ("{{", r"(?s)\{\{.*?\}\}", " "),
)
_HTML: Final[tuple[_Rule, ...]] = (
    ("<!--", r"(?s)<!--.*?-->", ""),
    ("<s", r"(?is)<script\b[^<>]*>.*?</script\s*>|<style\b[^<>]*>.*?</style\s*>", " "),
)
_TAGS: Final[tuple[_Rule, ...]] = (
    (
        "</",
        r"(?i)</(?:p|div|li|ul|ol|dl|dt|dd|h[1-6]|tr|td|th|table|blockquote|pre|section|figure|summary|caption)\s*>",
        "\n",
    ),
    ("<", r"(?i)<[bh]r\b[^<>]*>", "\n"),
    ("<", r"</?[A-Za-z](?:[^<>\n]|\n[^<>\n])*\n?>", ""),
)
_LINKS: Final[tuple[_Rule, ...]] = (
    # Images leave nothing, links their text.
    ("![", rf"!\[{_LABEL}\]{_PLACE}", ""),
    ("](", rf"\[({_LABEL})\]{_PLACE}", "${1}"),
    (":", r"<([A-Za-z][A-Za-z0-9+.-]*:[^\s<>]*)>", "${1}"),
    ("@", r"<([^\s<>@/]+@[^\s<>]+)>", "${1}"),
)
_MARKS: Final[tuple[_Rule, ...]] = (
    ("{::", r"(?s)\{::comment\}.*?\{:/(?:comment)?\}", ""),
    ("{:", r"(?m)^[ \t]*[-*+][ \t][^\n]*\n\{:[^{}\n]*\btoc\b[^{}\n]*\}", ""),
    ("{:", r"\{:[^{}\n]*(?:\n[^{}\n]+)*\}", ""),
    ("{#", r"(?m)[ \t]+\{#[^{}\n]*\}[ \t]*$", ""),
    ("```", r"(?m)^[ \t]*```[^\n]*$", ""),
    ("~~~", r"(?m)^[ \t]*~~~[^\n]*$", ""),
    # Rules and table lines; then quotation, heading and list marks where lines begin.
    ("\n", r"(?m)\n[ \t]*[-*_=|:+][-*_=|:+ \t]*$", "\n"),
    ("\n", r"\n[ \t]*(?:(?:>[ \t]?|[-*+:][ \t]+|[0-9]{1,9}\.[ \t]+)+(?:#{1,6}[ \t]+)?|#{1,6}[ \t]+)", "\n"),
    # Emphasis and code marks, but for those that are escaped or stand apart; then the other escapes.
    ("*", r"\\(\*)|( \*+ )|\*+", "${1}${2}"),
    ("`", r"\\(`)|`+", "${1}"),
    ("~~", r"\\(~)|~~+", "${1}"),
    ("_", r"\\(_)|\b_+|_+\b", "${1}"),
    ("\\", r"\\\n", "\n"),
    ("\\", r"\\([!-)+-/:-@\[-^{-}])", "${1}"),
)
_IN_MARKDOWN: Final = (*_LIQUID, *_HTML, *_LINKS, *_TAGS, *_MARKS)
_IN_HTML: Final = (*_LIQUID, *_HTML, *_TAGS)

_BLANKS: Final = " \t\u00a0\u3000"
_GAP: Final = "\n\n"
_COMMON_RULES: Final = tuple(rule for rule in _IN_MARKDOWN if rule[0] in {"![", "](", ":", "<", "</", "\n", "*", "_"})
"""The rules whose signs many bodies hold. Those of all others are tried only on bodies that hold one of their signs."""

# Anything narrower takes the engine a dozen times as long.
_RARE: Final = r"[\r\x00`@\\{~]|<[!sS][^pt]|<[sS][tT][yY]|\][ \n]?[\[:]"

_DEFINITION: Final = re.compile(
    r"""^ {0,3}\[(?!\^)([^\]\n]+)\]:.*$(?:\n[ \t]*(?:"[^\n]*"|'[^\n]*')[ \t]*$)?""", re.MULTILINE
)
_FOOTNOTE: Final = re.compile(r"^ {0,3}\[\^[^\]\n]+\]:[ \t]*|\[\^[^\]\n]+\]", re.MULTILINE)
_REFERENCE: Final = re.compile(rf"(!?)\[({_LABEL})\](?:[ \n]?\[([^\[\]\n]*)\])?")


def plain(bodies: pl.Series, markdown: pl.Series) -> pl.Series:
    """The bodies without Markdown, HTML and Liquid; paragraphs apart by an empty line, entities as characters.

    Args:
        markdown: whether Jekyll would convert each; else it is HTML already.
    """
    rare = bodies.str.contains(_RARE)
    made = pl.Series(bodies)
    for rows, way in ((rare & markdown, _of_markdown), (~rare & markdown, _of_common), (~markdown, _of_html)):
        if (chosen := rows.arg_true()).len():
            made = made.scatter(chosen, way(bodies.gather(chosen)))  # works in place, hence on a copy
    return made


def plain_with_excerpts(
    bodies: Sequence[str], excerpts: Sequence[str], markdown: Sequence[bool]
) -> tuple[pl.Series, pl.Series]:
    """The bodies and what their excerpts are made of, both as `plain` makes them; an excerpt that is the whole body is
    the same object.

    Nearly always the excerpt is the body's first paragraph, and then it is not made plain twice.
    """
    written = pl.Series("body", bodies, pl.String)
    converted = pl.Series(markdown, dtype=pl.Boolean)
    is_common = (~written.str.contains(_RARE) & converted).to_list()
    cut: list[int] = []
    others: list[int] = []
    for row, (body, excerpt) in enumerate(zip(bodies, excerpts, strict=True)):
        if excerpt is not body:
            begins = body.startswith(_GAP, len(excerpt)) and body.startswith(excerpt)
            is_cut = begins and is_common[row] and excerpt.rfind("<") <= excerpt.rfind(">")
            (cut if is_cut else others).append(row)
    firsts = [excerpts[row] for row in cut]
    rests = [bodies[row][len(first) + len(_GAP) :] for row, first in zip(cut, firsts, strict=True)]
    parts = _of_common(pl.Series(firsts + rests, dtype=pl.String))
    first, rest = parts[: len(cut)], parts[len(cut) :]
    gap = pl.when((first != "") & (rest != "")).then(pl.lit(_GAP)).otherwise(pl.lit(""))
    uncut = pl.Series(sorted(set(range(len(bodies))).difference(cut)), dtype=pl.UInt32)
    made = pl.Series(written)
    made.scatter(pl.Series(cut, dtype=pl.UInt32), pl.select(first + gap + rest).to_series())  # works in place
    made.scatter(uncut, plain(written.gather(uncut), converted.gather(uncut)))
    made_of_excerpts = pl.Series(made)
    made_of_excerpts.scatter(pl.Series(cut, dtype=pl.UInt32), first)
    others_rows = pl.Series(others, dtype=pl.UInt32)
    others_texts = pl.Series([excerpts[row] for row in others], dtype=pl.String)
    made_of_excerpts.scatter(others_rows, plain(others_texts, converted.gather(others_rows)))
    return made.alias("text"), made_of_excerpts.alias("excerpt")


def _of_common(bodies: pl.Series) -> pl.Series:
    """Of Markdown bodies in which no rare sign stands."""
    return _tidied(_without("\n" + bodies, _COMMON_RULES)).str.strip_chars()


def _of_markdown(bodies: pl.Series) -> pl.Series:
    texts, pieces = _code_taken_out(_without("\n" + bodies, _LINE_ENDS), code.IN_MARKDOWN)
    rows = texts.str.contains("]:", literal=True).arg_true()
    changed = [_without_references(texts[row], pieces.get(row, [])) for row in rows]
    texts = texts.scatter(rows, pl.Series(changed, dtype=pl.String))
    return _code_put_back(_tidied(_without(texts, _IN_MARKDOWN)), pieces).str.strip_chars()


def _of_html(bodies: pl.Series) -> pl.Series:
    texts, pieces = _code_taken_out(_without("\n" + bodies, _LINE_ENDS), code.IN_HTML)
    return _code_put_back(_tidied(_without(texts, _IN_HTML)), pieces).str.strip_chars()


def _tidied(texts: pl.Series) -> pl.Series:
    """Entities as characters; no blanks at the lines' ends, no more than one empty line or one blank together."""
    texts = _where(texts, "&nbsp;", lambda part: part.str.replace_all("&nbsp;", "\u00a0", literal=True))
    texts = _where(texts, "&", lambda part: pl.Series([unescape(text) for text in part], dtype=pl.String))
    texts = texts.str.replace_all(r"\n[ \t\x{a0}\x{3000}]+", "\n")
    for blank in _BLANKS:
        texts = _where(texts, f"{blank}\n", lambda part: part.str.replace_all(r"[ \t\x{a0}\x{3000}]+\n", "\n"))
    texts = _where(texts, "\n\n\n", lambda part: part.str.replace_all(r"\n{3,}", "\n\n"))
    return _where(texts, "  ", lambda part: part.str.replace_all(r" {2,}", " "))


def _code_taken_out(texts: pl.Series, marks: re.Pattern[str]) -> tuple[pl.Series, dict[int, list[str]]]:
    """The texts with their code taken out, and what was taken, by row."""
    rows = texts.str.contains(r"`|~~~|\{%-?\s*(?:highlight|raw)").arg_true()
    taken = [code.taken_out(text, marks) for text in texts.gather(rows)]
    left = pl.Series([text for text, _ in taken], dtype=pl.String)
    return texts.scatter(rows, left), {row: pieces for row, (_, pieces) in zip(rows, taken, strict=True) if pieces}


def _code_put_back(texts: pl.Series, pieces: dict[int, list[str]]) -> pl.Series:
    written = [code.put_back(texts[row], taken) for row, taken in pieces.items()]
    return texts.scatter(list(pieces), pl.Series(written, dtype=pl.String)) if pieces else texts


def _without(texts: pl.Series, rules: Sequence[_Rule]) -> pl.Series:
    for sign, pattern, left in rules:
        texts = _where(texts, sign, partial(_replaced, pattern=pattern, left=left))
    return texts


def _replaced(texts: pl.Series, pattern: str, left: str) -> pl.Series:
    return texts.str.replace_all(pattern, left)


def _without_references(text: str, pieces: list[str]) -> str:
    """The text without what defines links, with what is so defined as its text alone, and footnotes as texts.

    `pieces` are those of code that were taken out of it.
    """
    defined: set[str] = set()

    def key(label: str) -> str:
        """As labels are compared: blanks are one, case is none."""
        return " ".join(code.put_back(label, pieces).lower().split())

    def define(found: re.Match[str]) -> str:
        defined.add(key(found[1]))
        return ""

    def shown(found: re.Match[str]) -> str:
        image, label, given = found.groups()
        return found[0] if key(given or label) not in defined else "" if image else label

    return _REFERENCE.sub(shown, _FOOTNOTE.sub("", _DEFINITION.sub(define, text)))


def words(texts: pl.Series, window: int = WINDOW) -> pl.Series:
    """Words of plain texts: a CJK character counts one, elsewhere a run of letters or digits.

    Code points are looked up in a table: a pattern takes three times as long, since it matches nearly every character
    of a Chinese text by itself.
    """
    lengths = texts.str.len_chars().to_numpy().astype(np.int64) + 1
    ends = lengths.cumsum()
    starts = ends - lengths
    joined = "\n".join([*texts, ""])  # a line's end is no word's
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
"""Kinds of code points that were met."""


def _kinds(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Of each code point whether it is a word, or part of a run that is one, by the engine's own Unicode tables."""
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


def _where(texts: pl.Series, sign: str, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """The texts, those changed that hold the sign."""
    rows = texts.str.contains(sign, literal=True).arg_true()
    if not len(rows):
        return texts
    if len(rows) * 2 > len(texts):
        return change(texts)
    return texts.clone().scatter(rows, change(texts.gather(rows)))  # scatter works in place
