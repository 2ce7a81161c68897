"""Ids of headings.

Source: kramdown-parser-gfm's `update_raw_text` and `generate_gfm_header_id`; for headings in HTML and in footnotes,
which that parser passes over, kramdown 2.4's `converter/base.rb:basic_generate_id`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from pipelines.html.references import decoded
from pipelines.liquid.tokens import without_tokens
from pipelines.markdown.document import Node
from pipelines.markdown.options import Options

_TYPOGRAPHY: Final = re.compile(r"-{2,3}|\.\.\.|['\"]")
_NUMBERED: Final = frozenset(("text", "codespan", "math", "markup"))


class HeadingIds:
    """Gives ids to the headings of a document, in their order."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._used: dict[tuple[bool, str], int] = {}

    def give(self, heading: Node, *, apart: bool) -> None:
        """Set the `id` attribute unless it is given. `apart`: the heading is in HTML or in a footnote."""
        if "id" in heading.attributes or not self._options.auto_ids:
            return
        words = _words(heading)
        made = own_id(words) if apart else gfm_id(words)
        number = self._used.get((apart, made), -1) + 1
        self._used[apart, made] = number
        heading.attributes["id"] = self._options.auto_id_prefix + (f"{made}-{number}" if number else made)


def _words(heading: Node) -> str:
    parts: list[str] = []
    for child in heading.children:
        if child.kind == "text":
            # kramdown makes elements of quotes, dashes and dots. Their characters are in no id.
            parts.append(_TYPOGRAPHY.sub("", without_tokens(child.value)))
        elif child.kind == "entity":
            parts.append(decoded(child.value))
        elif child.kind in _NUMBERED:
            parts.append(without_tokens(child.value))
        else:
            parts.append(_words(child))
    return "".join(parts)


class _Table(dict[int, str | None]):
    """What of each character an id has: filled as characters are met."""

    def __missing__(self, point: int) -> str | None:
        character = chr(point)
        kept = "-" if character in " \t" else character if character == "-" or _is_of_word(character) else None
        self[point] = kept
        return kept


_TABLE: Final = _Table()


def gfm_id(words: str) -> str:
    """Return the id of a heading with this text, without its number."""
    return words.lower().translate(_TABLE)


def _is_of_word(character: str) -> bool:
    r"""Return True for Ruby's `\p{Word}`: letters, marks, numbers of both sorts, connectors, circled letters."""
    category = unicodedata.category(character)
    return category[0] in "LM" or category in ("Nd", "Nl", "Pc") or "Ⓐ" <= character <= "ⓩ"


def own_id(words: str) -> str:
    """Return the id that kramdown makes without kramdown-parser-gfm."""
    return re.sub(r"[^a-zA-Z0-9 -]", "", re.sub(r"(?m)^[^a-zA-Z]+", "", words)).replace(" ", "-").lower() or "section"
