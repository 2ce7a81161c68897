"""Definitions of links. Source: kramdown 2.4's `parser/kramdown/link.rb:parse_link_definition`."""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.blocks.state import BlockState
from pipelines.markdown.document import link_id
from pipelines.markdown.patterns import WHITE

_DEFINITION: Final = re.compile(r" {0,3}\[([^\n\]]+)\]:[ \t]*([^\n]*)\n")
_TITLE: Final = re.compile(r"[ \t]+([\"'])")
_TITLE_BEHIND: Final = re.compile(r">[ \t]+([\"'])")
_NEXT_LINE_TITLE: Final = re.compile(r"[ \t]*([\"'])[^\n]+\1[ \t]*\n")


def link_definition(state: BlockState) -> bool:
    """Read `[label]: url "title"`, whose title may stand on the next line."""
    found = _DEFINITION.match(state.text, state.at)
    if not found:
        return False
    rest, end = found[2], found.end()
    url = None
    titled = False
    if rest.startswith("<"):
        closing = _closing_angle(rest.rstrip(" \t"))
        if closing > 0:
            url = rest[1:closing]
            titled = bool(rest[closing + 1 :].strip(" \t"))
    if url is None:
        title = _TITLE.search(rest)
        titled = title is not None
        if title and not (title.start() and _is_title(rest[title.start() :])):
            return False
        url = rest[: title.start()] if title else rest.rstrip(" \t")
        if not url.strip(WHITE):
            return False
    if not titled and (following := _NEXT_LINE_TITLE.match(state.text, end)):
        end = following.end()
    state.document.links[link_id(found[1])] = (url, state.add("eob", "link"))
    state.at = end
    return True


def _closing_angle(line: str) -> int:
    """Return the place of the angle that ends a url: before the end or before a quoted title; -1 without."""
    if line.endswith(">"):
        return len(line) - 1
    found = (angle.start() for angle in _TITLE_BEHIND.finditer(line) if line.endswith(angle[1]))
    return next((at for at in found if _is_title(line[at + 1 :])), -1) if line[-1:] in ("'", '"') else -1


def _is_title(rest: str) -> bool:
    """Return True if nothing or a quoted title follows a url."""
    quoted = rest.strip(" \t")
    if not quoted:
        return True
    return rest[0] in " \t" and len(quoted) > 2 and quoted[0] in "\"'" and quoted[-1] == quoted[0]
