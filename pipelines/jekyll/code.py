"""Code in a body: what stands in it means itself, and is kept from the patterns that take markup away (`text`).

Fences, code spans, `{% highlight %}`; of `{% raw %}` only what would be Liquid. Indented code is not looked for. All in
time linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Final

_TOKEN: Final = re.compile("\U000f0000([0-9]{1,9})\U000f0001")
_LIQUID: Final = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
_BLOCK: Final = re.compile(r"\{%-?\s*(highlight|raw)\b[^%{}]*-?%\}")

IN_MARKDOWN: Final = re.compile(r"``*|~~~~*|\{%")
IN_HTML: Final = re.compile(r"\{%")
"""Where code may begin. Each alternative begins with a letter of its own, so that Python skips to the next place."""

_BEFORE_FENCE: Final = frozenset(" \t>")
_FENCE_END: Final = re.compile(r"^[ \t>]*(`{3,}|~{3,})[ \t]*$", re.MULTILINE)
_TICKS: Final = re.compile("`+")
_LONGEST_FENCE: Final = 9
"""Longer ones are as long: how often a text is looked through is bounded."""


class _Code:
    """The code of a text, as far as it was looked for; what is not there is looked for once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.absent: set[str] = set()
        self.blank = -1
        self.ticks: dict[int, list[int]] = {}
        """Where runs of ticks begin before `blank`, by their length."""

    def begins(self, mark: str, at: int, end: int) -> tuple[str, int, int, int] | None:
        """What begins with this mark: its kind, where its inside begins and ends, and where what closes it ends."""
        if mark[0] == "{":
            block = _BLOCK.match(self.text, at)
            return self._block(block[1], block.end()) if block else None
        if len(mark) >= 3 and self._begins_line(at):
            line_end = self.text.find("\n", end)
            if line_end >= 0 and self.text.find("`", end, line_end) < 0:
                return self._fence(mark, line_end)
        return self._span(mark, at, end) if mark[0] == "`" else None

    def _begins_line(self, at: int) -> bool:
        while at and self.text[at - 1] in _BEFORE_FENCE:
            at -= 1
        return not at or self.text[at - 1] == "\n"

    def _block(self, name: str, at: int) -> tuple[str, int, int, int] | None:
        found = None if name in self.absent else re.compile(rf"\{{%-?\s*end{name}\s*-?%\}}").search(self.text, at)
        if found is None:
            self.absent.add(name)
            return None
        return name, at, found.start(), found.end()

    def _fence(self, mark: str, at: int) -> tuple[str, int, int, int] | None:
        fence = mark[:_LONGEST_FENCE]
        start = at
        while fence not in self.absent and (found := _FENCE_END.search(self.text, at)):
            if found[1].startswith(fence):
                return "fence", start, found.start(), found.end()
            at = found.end()
        self.absent.add(fence)
        return None

    def _span(self, mark: str, start: int, end: int) -> tuple[str, int, int, int] | None:
        """A code span; none goes beyond an empty line, and a lonely tick begins none."""
        text = self.text
        if len(mark) == 1 and text[start - 1 : start].isspace() and text[end : end + 1].isspace():
            return None
        if self.blank < start:
            found = text.find("\n\n", start)
            self.blank = found if found >= 0 else len(text)
            self.ticks = {}
            for run in _TICKS.finditer(text, start, self.blank):
                self.ticks.setdefault(run.end() - run.start(), []).append(run.start())
        alike = self.ticks.get(len(mark), [])
        following = bisect_left(alike, end)
        if following == len(alike):
            return None
        at = alike[following]
        return "span", end, at, at + len(mark)


def taken_out(text: str, marks: re.Pattern[str]) -> tuple[str, list[str]]:
    """The text with one opaque word for each piece of code, without what marks it; and the pieces."""
    code = _Code(text)
    parts: list[str] = []
    pieces: list[str] = []
    done = at = 0
    while mark := marks.search(text, at):
        at = mark.end()
        found = code.begins(mark[0], mark.start(), at)
        if not found:
            continue
        kind, start, end, after = found
        parts.append(text[done : mark.start()])
        if kind == "raw":
            parts.append(_LIQUID.sub(lambda liquid: _token(pieces, liquid[0]), text[start:end]))
        else:
            parts.append(_token(pieces, text[start:end].strip("\n")))
        done = at = after
    parts.append(text[done:])
    return "".join(parts), pieces


def _token(pieces: list[str], piece: str) -> str:
    pieces.append(piece)
    return f"\U000f0000{len(pieces) - 1}\U000f0001"


def put_back(text: str, pieces: list[str]) -> str:
    """The text with its code as it was written."""
    return _TOKEN.sub(lambda found: pieces[int(found[1])] if int(found[1]) < len(pieces) else found[0], text)
