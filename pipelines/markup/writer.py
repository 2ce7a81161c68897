"""Two things that all languages of this package share: a writer of blocks and a reader of spans.

Both take time in proportion to the text. No pattern here may read on past its own opening mark, and a token that has no
end is taken as text with all that was read of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from pipelines.html.references import escaped, escaped_markup

MAX_DEPTH: Final = 40
"""Deepest nesting of lists and blocks. Deeper ones are taken as their parent's."""

URL: Final = r"""(?P<url>\b(?:https?|ftp)://[^\s<>\[\]"`|{}\\]+)"""
BRACKETS: Final = r"\[(?P<{}>[^\[\]]*+(?:\[[^\[\]]*+\][^\[\]]*+)*+)\]"
"""A text in brackets, which may hold brackets one level deep."""
RUN: Final = r"(?P<run>(?P<one>[*_\#^~+/?-])(?P=one){2,})"
"""Three and more marks, which emphasise nothing."""
BESIDE_TEXT: Final = r"(?:(?<=[^\s].)|(?=[^\s]))"
"""After a mark of one character: text is on one of its sides."""
IMAGE: Final = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|bmp)$", re.IGNORECASE)

_ANYWHERE: Final = frozenset(("**", "__", "##", "??", "^", "~"))
"""Marks that count inside words too."""
_AFTER_URL: Final = ".,;:!?'*_~+="


def trimmed(url: str) -> tuple[str, str]:
    """Return an address in running text and the punctuation after it."""
    unmatched = url.count(")") - url.count("(")
    end = len(url)
    while end and (url[end - 1] in _AFTER_URL or (url[end - 1] == ")" and unmatched > 0)):
        unmatched -= url[end - 1] == ")"
        end -= 1
    return url[:end], url[end:]


def link(url: str, html: str) -> str:
    return f'<a href="{escaped(url)}">{html}</a>'


def image(url: str, alt: str | None) -> str:
    return f'<img src="{escaped(url)}"' + ("" if alt is None else f' alt="{escaped(alt)}"') + ">"


class Tokens:
    """The spans of a language: one pattern of its tokens, with the group `url` and, for emphasis, `mark`.

    `write` returns the HTML of any other token. Marks of emphasis go where both are found and stay where one is.
    Tokens of links are text inside the text of a link.
    """

    def __init__(self, pattern: str, write: Callable[[re.Match[str], Tokens], str] | None = None) -> None:
        self._pattern = re.compile(pattern, re.VERBOSE if write else 0)
        self._write = write

    def html(self, text: str) -> str:
        edits: list[tuple[int, int, str]] = []
        opened: dict[str, tuple[int, int]] = {}
        for found in self._pattern.finditer(text):
            kind, place = found.lastgroup, found.span()
            if kind == "mark":
                mark, before, after = found[0], text[place[0] - 1 : place[0]], text[place[1] : place[1] + 1]
                if mark in opened and _closes(mark, before, after):
                    edits += [(*opened.pop(mark), ""), (*place, "")]
                elif mark not in opened and _opens(mark, before, after):
                    opened[mark] = place
            elif self._write is None or kind == "url":
                url, rest = trimmed(found["url"])
                edits.append((*place, link(url, escaped(url)) + escaped(rest)))
            elif kind != "run":
                edits.append((*place, self._write(found, self)))
        parts: list[str] = []
        at = 0
        for start, end, html in sorted(edits):
            parts += [escaped_markup(text[at:start]), html]
            at = end
        return "".join((*parts, escaped_markup(text[at:])))


def _opens(mark: str, before: str, after: str) -> bool:
    return bool(after.strip()) and (mark in _ANYWHERE or not _is_word(before))


def _closes(mark: str, before: str, after: str) -> bool:
    return bool(before.strip()) and (mark in _ANYWHERE or not _is_word(after))


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


class _Open(NamedTuple):
    key: object
    end: str
    is_list: bool


class Writer:
    """HTML of blocks, and the lists and containers that are open."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._opened: list[_Open] = []
        self._ids: dict[str, int] = {}
        self.keeps_lists = False
        """True where the next block belongs to the last item."""

    def block(self, html: str) -> None:
        if not self.keeps_lists:
            self.close_lists()
        self.keeps_lists = False
        self._parts.append(html)

    def paragraph(self, html: str) -> None:
        self.block(f"<p>{html}</p>\n")

    def code(self, lines: Iterable[str], language: str = "") -> None:
        name = f' class="language-{escaped(language)}"' if language else ""
        self.block(f"<pre{name}><code>{escaped(chr(10).join(lines))}</code></pre>\n")

    def heading(self, level: int, html: str, anchor_id: str = "") -> None:
        self.close_lists()
        name = f' id="{escaped(anchor_id)}"' if anchor_id else ""
        self.block(f"<h{min(level, 6)}{name}>{html}</h{min(level, 6)}>\n")

    def unique(self, anchor_id: str) -> str:
        """Return an id that no heading has: `name`, `name-2`."""
        nth = self._ids[anchor_id] = self._ids.get(anchor_id, 0) + 1
        return anchor_id if nth == 1 else f"{anchor_id}-{nth}"

    def table(self, rows: Iterable[Iterable[str]]) -> None:
        cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in rows)
        self.block(f"<table>{cells}</table>\n")

    def item(self, tag: str, key: object, html: str, term: str = "") -> None:
        """Write an item of the list that has the key; a new list is inside the last item."""
        self.keeps_lists = False
        element = "dd" if tag == "dl" else "li"
        if len(self._opened) >= MAX_DEPTH and self._opened[-1].is_list:
            key = self._opened[-1].key
        if any(outer.key == key for outer in self._lists()):
            while self._opened[-1].key != key:
                self._close()
            self._parts.append(f"</{element}>")
        else:
            self._parts.append(f"<{tag}>")
            self._opened.append(_Open(key, f"</{element}></{tag}>\n", True))
        self._parts.append((f"<dt>{term}</dt>" if tag == "dl" else "") + f"<{element}>{html}")

    def _lists(self) -> list[_Open]:
        """The lists inside the innermost container."""
        first = len(self._opened)
        while first and self._opened[first - 1].is_list:
            first -= 1
        return self._opened[first:]

    def close_lists(self, deeper_than: int = -1) -> None:
        """Close the lists whose keys are larger than a number, or all of them."""
        while self._opened and self._opened[-1].is_list:
            key = self._opened[-1].key
            if isinstance(key, int) and key <= deeper_than:
                return
            self._close()

    def container(self, key: str, tag: str) -> None:
        """Open a block that holds blocks, or close it where it is open."""
        if any(outer.key == key and not outer.is_list for outer in self._opened):
            while self._opened[-1].key != key:
                self._close()
            self._close()
        elif len(self._opened) < MAX_DEPTH:
            self.block(f"<{tag}>")
            self._opened.append(_Open(key, f"</{tag}>\n", False))

    def _close(self) -> None:
        self._parts.append(self._opened.pop().end)

    def written(self) -> str:
        while self._opened:
            self._close()
        return "".join(self._parts)
