"""What a site's configuration sets of kramdown, or a post by `{::options … /}`, as far as it decides which links there
are.

What belongs elsewhere: what an option does (`markdown_elements`, `markdown_tags`, `markdown_contents`, `links`).

Source: kramdown 2.4's `options.rb`. A value that it refuses, and for which Jekyll would end, changes nothing here.
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
    """kramdown's options, each by its name there, as they are where nothing is set."""

    parse_block_html: bool = False
    parse_span_html: bool = True
    auto_ids: bool = True
    auto_id_prefix: str = ""
    toc_levels: tuple[int, ...] = _LEVELS
    footnote_prefix: str = ""
    footnote_backlink: str = "↩"
    link_defs: tuple[tuple[str, str], ...] = ()
    """Labels and urls."""

    @property
    def keep_html(self) -> bool:
        """Whether what is written as HTML is read as kramdown reads it by itself."""
        return self.parse_span_html and not self.parse_block_html


DEFAULT: Final = Options()


def read(written: Mapping[str, object], before: Options = DEFAULT) -> Options:
    """The options of before with those that are set; names that decide nothing here are passed over."""
    options: dict[str, Any] = before._asdict()
    for name, value in written.items():
        if name in _READ:
            with suppress(ValueError):
                options[name] = _READ[name](value)
    return Options(**options)


def _text(value: object) -> str:
    """`to_s`."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _truth(value: object) -> bool:
    """`Options.parse` of a Boolean."""
    text = _text(value)
    return text != "" and text.strip().lower() != "false"


def _automatic(value: object) -> bool:
    """One that Jekyll sets itself: null does not overwrite it."""
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


_READ: Final[dict[str, Callable[[object], object]]] = {
    "parse_block_html": _truth,
    "parse_span_html": _truth,
    "auto_ids": _automatic,
    "auto_id_prefix": _text,
    "toc_levels": _levels,
    "footnote_prefix": _text,
    "footnote_backlink": _text,
    "link_defs": _links,
}
