"""kramdown's options as far as they decide what a page says: a site's `kramdown:` and a post's `{::options … /}`.

Source: kramdown 2.4's `options.rb`. A value that it refuses changes nothing here, where Jekyll would end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple

_RANGE: Final = re.compile(r"^([0-9])\.\.([0-9])$", re.MULTILINE)
_LIST: Final = re.compile(r"^[0-9](?:,[0-9])*$", re.MULTILINE)
_LEVELS: Final = (1, 2, 3, 4, 5, 6)


class Options(NamedTuple):
    """Each option by its name in kramdown, with Jekyll's defaults."""

    parse_block_html: bool = False
    parse_span_html: bool = True
    hard_wrap: bool = False
    gfm_quirks: tuple[str, ...] = ("paragraph_end",)
    auto_ids: bool = True
    auto_id_prefix: str = ""
    header_offset: int = 0
    toc_levels: tuple[int, ...] = _LEVELS
    footnote_prefix: str = ""
    footnote_backlink: str = "↩"
    link_defs: tuple[tuple[str, str], ...] = ()
    """Labels and urls."""

    @property
    def paragraph_end(self) -> bool:
        """True if a list, a heading and the like end a paragraph."""
        return "paragraph_end" in self.gfm_quirks

    @property
    def typographic(self) -> bool:
        """True if `<<` is a guillemet."""
        return "no_auto_typographic" not in self.gfm_quirks


DEFAULT: Final = Options()


def read(written: Mapping[str, object], before: Options = DEFAULT) -> Options:
    """Return the options with the values that are set. Other names are ignored."""
    options: dict[str, Any] = before._asdict()
    for name, value in written.items():
        if name in _READ:
            with suppress(ValueError):
                options[name] = _READ[name](value)
    return Options(**options)


def _text(value: object) -> str:
    """Return Ruby's `to_s`."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _truth(value: object) -> bool:
    """Return a Boolean as `Options.parse` does."""
    text = _text(value)
    return text != "" and text.strip().lower() != "false"


def _automatic(value: object) -> bool:
    """Return a Boolean that Jekyll sets itself: null does not overwrite it."""
    return value is None or _truth(value)


def _levels(value: object) -> tuple[int, ...]:
    if value is None:
        return _LEVELS
    if isinstance(value, str):
        if ends := _RANGE.search(value):
            levels = list(range(int(ends[1]), int(ends[2]) + 1))
        elif listed := _LIST.search(value):
            levels = [int(level) for level in listed[0].split(",")]
        else:
            raise ValueError(value)
    elif isinstance(value, list):
        levels = [int(_text(level)) for level in value]
    else:
        raise ValueError(value)
    if not set(levels) <= set(_LEVELS):
        raise ValueError(value)
    return tuple(levels)


def _links(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise ValueError(value)
    links: list[tuple[str, str]] = []
    for label, target in value.items():
        if not isinstance(target, list) or len(target) not in (1, 2):
            raise ValueError(value)
        links.append((_text(label), _text(target[0])))
    return tuple(links)


def _quirks(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        raise ValueError(value)
    return tuple(_text(quirk).strip() for quirk in value)


_READ: Final[dict[str, Callable[[object], object]]] = {
    "parse_block_html": _truth,
    "parse_span_html": _truth,
    "hard_wrap": _truth,
    "gfm_quirks": _quirks,
    "header_offset": lambda value: int(_text(value)),
    "auto_ids": _automatic,
    "auto_id_prefix": _text,
    "toc_levels": _levels,
    "footnote_prefix": _text,
    "footnote_backlink": _text,
    "link_defs": _links,
}
