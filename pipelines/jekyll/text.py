"""A post's body as plain text: no markup, no Liquid. All in time linear in the text.

Not a renderer: what Markdown, HTML and Liquid write round the words is taken away by patterns, what people read stays.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Final

_TAG: Final = re.compile(r"</?[A-Za-z][^<>]*>")
_BLOCK_TAG: Final = re.compile(
    r"</?(?:p|div|br|li|ul|ol|h[1-6]|tr|table|td|th|blockquote|pre|section|article|figure|figcaption|hr|dd|dt|dl)\b[^<>]*>", re.IGNORECASE
)
_AUTOLINK: Final = re.compile(r"<((?:[A-Za-z][A-Za-z0-9+.-]*:|[^\s<>@]+@)[^\s<>]*)>")
_RAW: Final = re.compile(r"<(/?)(script|style)\b[^<>]*>", re.IGNORECASE)
_LINK: Final = re.compile(r"!?\[([^\[\]\n]*)\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)?\)|\[[^\[\]\n]*\])")
_REFERENCE: Final = re.compile(r"^ {0,3}\[[^\]\n]+\]:.*$", re.MULTILINE)
_LINE_START: Final = re.compile(
    r"^[ \t]*(?:>[ \t]?|#{1,6}[ \t]+|[-*+][ \t]+|[0-9]{1,9}[.)][ \t]+)+", re.MULTILINE
)
_RULE: Final = re.compile(r"^[ \t]*(?:[-*_=|:+~`][-*_=|:+ \t~`]*)$", re.MULTILINE)
_FENCE: Final = re.compile(r"^[ \t]*(?:```+|~~~+)[^\n]*$", re.MULTILINE)
_ATTRIBUTES: Final = re.compile(r"\{:[^{}\n]*\}")
_EMPHASIS: Final = re.compile(r"\*+|`+|~~+|(?<![^\W_])_+|_+(?![^\W_])")
_ESCAPE: Final = re.compile(r"\\([\\`*_{}\[\]()#+.!<>|~\"'$:-])")
_BLANKS: Final = re.compile(r"[^\S\n]+")
_LINES: Final = re.compile(r"\n\s*\n\s*|\n")
_CJK: Final = "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U00016fe0-\U00018cff\U0001aff0-\U0001b2ff\U00020000-\U0003ffff"
_WORD: Final = re.compile(rf"[{_CJK}]|(?:(?![{_CJK}])[^\W_])+")
_PLAIN_WORD: Final = re.compile(r"[^\W_]+")


def plain(body: str) -> str:
    """The body without Markdown, HTML and Liquid; paragraphs apart by an empty line, entities as characters."""
    text = body
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        text = text.replace("\0", "")
    if "{%" in text:
        text = _without(_without_comments(text), "{%", "%}", " ")
    if "{{" in text:
        text = _without(text, "{{", "}}", " ")
    if "<!--" in text:
        text = _without(text, "<!--", "-->", "")
    if "](" in text or "][" in text:
        # Twice, for an image within a link.
        text = _LINK.sub(r"\1", text)
        if "](" in text:
            text = _LINK.sub(r"\1", text)
    if "]:" in text:
        text = _REFERENCE.sub("", text)
    if "<" in text:
        text = _AUTOLINK.sub(r"\1", text)
        if "<s" in text or "<S" in text:
            text = _without_raw(text)
        text = _TAG.sub("", _BLOCK_TAG.sub("\n", text))
    if "{:" in text:
        text = _ATTRIBUTES.sub("", text)
    if "```" in text or "~~~" in text:
        text = _FENCE.sub("", text)
    text = _LINE_START.sub("", _RULE.sub("", text))
    if "*" in text or "_" in text or "`" in text or "~~" in text:
        text = _EMPHASIS.sub("", text)
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    if "&" in text:
        text = html.unescape(text)
    text = _BLANKS.sub(" ", text)
    return _LINES.sub(lambda m: "\n\n" if m[0].count("\n") > 1 else "\n", text).replace(" \n", "\n").replace("\n ", "\n").strip()


def words(text: str) -> int:
    """Words of a plain text: a CJK character counts one, elsewhere a run of letters or digits."""
    if text.isascii():
        return len(_PLAIN_WORD.findall(text))
    return len(_WORD.findall(text))


def excerpt(body: str, separator: str) -> str:
    """What Jekyll would show of the body before `separator`, as plain text; nothing where the separator is empty.

    `Excerpt#extract_excerpt`; link references further down are markup only and are not needed here.
    """
    if not separator:
        return ""
    head, _, _ = body.partition(separator)
    return plain(head)


def _without(text: str, start: str, end: str, instead: str) -> str:
    """The text without what stands between `start` and `end`, each time; an opening that is never closed stays."""
    out: list[str] = []
    at = 0
    while True:
        begin = text.find(start, at)
        stop = text.find(end, begin + len(start)) if begin >= 0 else -1
        if stop < 0:
            break
        out.append(text[at:begin])
        at = stop + len(end)
    if not at:
        return text
    out.append(text[at:])
    return instead.join(out)


_LIQUID_COMMENT: Final = re.compile(r"\{%-?[ \t]*(end)?comment[ \t]*-?%\}")


def _without_comments(text: str) -> str:
    """The text without Liquid comments."""
    return _without_pairs(text, ((m.start(), m.end(), bool(m[1])) for m in _LIQUID_COMMENT.finditer(text)))


def _without_raw(text: str) -> str:
    """The text without scripts and style sheets."""
    return _without_pairs(text, ((m.start(), m.end(), bool(m[1])) for m in _RAW.finditer(text)))


def _without_pairs(text: str, marks: Iterable[tuple[int, int, bool]]) -> str:
    """The text without what stands between marks that open and marks that close: start, end, closes."""
    out: list[str] = []
    at, opened = 0, -1
    for start, end, closes in marks:
        if closes and opened >= 0:
            out.append(text[at:opened])
            at, opened = end, -1
        elif not closes and opened < 0:
            opened = start
    return "".join(out) + text[at:] if at else text
