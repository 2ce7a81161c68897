"""Code in a body: what stands in it means itself, and is kept from the patterns that take markup away (`text`).

Fences, code spans, `{% highlight %}`; of `{% raw %}` only what would be Liquid. Indented code is not looked for. All in
time linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Final

_SIGNS: Final = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_AWAY: Final = 0xF0000
"""Where signs of code are kept meanwhile: a plane of private use."""

_KEEP: Final = {ord(sign): chr(_AWAY + ord(sign)) for sign in _SIGNS}
_KEEP_LIQUID: Final = {ord(sign): chr(_AWAY + ord(sign)) for sign in "{}%"}
_BACK: Final = {_AWAY + ord(sign): sign for sign in _SIGNS}
KEPT: Final = "[\U000f0021-\U000f007e]"
"""Finds what was kept."""

_LIQUID_BLOCK: Final = r"\{%-?\s*(?P<block>highlight|raw)\b[^%{}]*-?%\}"
IN_MARKDOWN: Final = re.compile(
    rf"^[ \t>]*(?P<fence>`{{3,}}|~{{3,}})[^\n`]*$|(?P<ticks>`+)|{_LIQUID_BLOCK}", re.MULTILINE
)
IN_HTML: Final = re.compile(_LIQUID_BLOCK)
"""Where code may begin."""

_FENCE_END: Final = re.compile(r"^[ \t>]*(`{3,}|~{3,})[ \t]*$", re.MULTILINE)
_TICKS: Final = re.compile("`+")
_LONGEST_FENCE: Final = 9
"""Longer ones are as long: how often a text is looked through is bounded."""


class _Ends:
    """Where code that begins in a text ends; what is not there is looked for once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.absent: set[str] = set()
        self.ticks: dict[int, list[int]] = {}
        self.blank = -1
        for run in _TICKS.finditer(text):
            self.ticks.setdefault(len(run[0]), []).append(run.start())

    def of_fence(self, fence: str, at: int) -> tuple[int, int] | None:
        """Start and end of the line that closes the fence."""
        fence = fence[:_LONGEST_FENCE]
        while fence not in self.absent and (found := _FENCE_END.search(self.text, at)):
            if found[1].startswith(fence):
                return found.span()
            at = found.end()
        self.absent.add(fence)
        return None

    def of_ticks(self, length: int, start: int) -> tuple[int, int] | None:
        """Start and end of the run of ticks that closes one; none beyond an empty line."""
        end = start + length
        if length == 1 and self.text[start - 1 : start].isspace() and self.text[end : end + 1].isspace():
            return None
        starts = self.ticks[length]
        nth = bisect_left(starts, end)
        if nth == len(starts):
            return None
        if self.blank < start:
            found = self.text.find("\n\n", start)
            self.blank = found if found >= 0 else len(self.text)
        return (starts[nth], starts[nth] + length) if starts[nth] < self.blank else None

    def of_block(self, name: str, at: int) -> tuple[int, int] | None:
        """Start and end of the tag that closes a block of Liquid's."""
        found = None if name in self.absent else re.compile(rf"\{{%-?\s*end{name}\s*-?%\}}").search(self.text, at)
        if not found:
            self.absent.add(name)
        return found.span() if found else None


def kept(text: str, begins: re.Pattern[str]) -> str:
    """The text with its code put out of the patterns' way, and without what marks it."""
    ends = _Ends(text)
    parts: list[str] = []
    at = 0
    for mark in begins.finditer(text):
        if mark.start() < at:
            continue
        found = mark.groupdict()
        if found.get("fence"):
            end = ends.of_fence(found["fence"], mark.end())
        elif found.get("ticks"):
            end = ends.of_ticks(len(found["ticks"]), mark.start())
        else:
            end = ends.of_block(found["block"], mark.end())
        if end:
            inside = text[mark.end() : end[0]].removesuffix("\n")
            parts += [text[at : mark.start()], inside.translate(_KEEP_LIQUID if found["block"] == "raw" else _KEEP)]
            at = end[1]
    parts.append(text[at:])
    return "".join(parts)


def back(text: str) -> str:
    """The text with its code as it was written."""
    return text.translate(_BACK)
