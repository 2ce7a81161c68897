"""A table of contents (`{:toc}`): which headers it lists, by which ids, and what of their text.

What belongs elsewhere: where it stands and how it is written (`links`).

Source: kramdown 2.4's `converter/html.rb` and `converter/base.rb`, kramdown-parser-gfm.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from pipelines.normalise.markdown_inline import Hyperlink, Span
from pipelines.normalise.markdown_options import Options
from pipelines.normalise.markdown_tree import Block
from pipelines.untrusted import unescape

_ENTITY: Final = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]*|#[0-9]+|#[xX][0-9a-fA-F]+);")


class Header(NamedTuple):
    """A header with its text. `apart`: within HTML or a footnote, where kramdown-parser-gfm gives no ids."""

    block: Block
    spans: list[str | Span]
    apart: bool


def entries(headers: Iterable[Header], options: Options) -> Iterator[tuple[str, list[str | Span]]]:
    """Id and text of each header that the contents list, in order."""
    used: dict[tuple[bool, str], int] = {}
    for block, spans, apart in headers:
        identity = block.attributes.get("id")
        if identity is None and options.auto_ids:
            words = _own_id(_words(spans)) if apart else _gfm_id(_words(spans))
            seen = used.get((apart, words), -1) + 1
            used[apart, words] = seen
            identity = options.auto_id_prefix + (f"{words}-{seen}" if seen else words)
        left_out = block.level not in options.toc_levels or "no_toc" in block.attributes.get("class", "").split()
        if identity is not None and not left_out:
            yield identity, _listed(spans)


def _listed(spans: list[str | Span]) -> list[str | Span]:
    """The text without footnotes, its Markdown links unwrapped (`fix_for_toc_entry`)."""
    kept: list[str | Span] = []
    for span in spans:
        if isinstance(span, str):
            kept.append(span)
        elif span.name != "footnote":
            children = _listed(span.children)
            kept += children if isinstance(span, Hyperlink) else [span.holding(children)]
    return kept


def _words(spans: list[str | Span]) -> str:
    """The text of a header as its id is made of it: dashes of two and three are typographic and go."""
    return "".join(
        re.sub("-{2,3}", "", _ENTITY.sub(lambda entity: unescape(entity[0]), span))
        if isinstance(span, str)
        else span.text + _words(span.children)
        for span in spans
    )


def _gfm_id(words: str) -> str:
    """`generate_gfm_header_id` of kramdown-parser-gfm, without its number; Ruby's `\\p{Word}` holds marks."""
    lower = words.lower()
    return "".join("-" if c in " \t" else c for c in lower if c in "- \t" or _is_of_word(c))


def _is_of_word(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LM" or category in ("Nd", "Pc")


def _own_id(words: str) -> str:
    """`basic_generate_id` of kramdown's `converter/base.rb`."""
    return re.sub(r"[^a-zA-Z0-9 -]", "", re.sub(r"(?m)^[^a-zA-Z]+", "", words)).replace(" ", "-").lower() or "section"
