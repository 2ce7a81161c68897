"""Attribute lists on a line of their own, their definitions, and extensions: `{: …}`, `{:name: …}`, `{::name …}`.

Source: kramdown 2.4's `parser/kramdown/extensions.rb:parse_block_extensions`.
"""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.attributes import ATTRIBUTES, AttributeList
from pipelines.markdown.blocks.state import BlockState
from pipelines.markdown.document import Node
from pipelines.markdown.options import read
from pipelines.markdown.patterns import EXTENSION, ID
from pipelines.markdown.tags import BLANK

_DEFINITION: Final = re.compile(rf" {{0,3}}\{{:({ID}):({ATTRIBUTES})\}}{BLANK}*?\n")
_EXTENSION: Final = re.compile(rf" {{0,3}}(?:{EXTENSION}){BLANK}*?\n")
_IAL: Final = re.compile(rf" {{0,3}}\{{:(?![:/])({ATTRIBUTES})\}}{BLANK}*?\n")
NAMES: Final = frozenset(("comment", "nomarkdown", "options"))
"""The extensions that there are."""


def block_extension(state: BlockState) -> bool:
    """Read what starts with `{:`."""
    text, tree = state.text, state.tree
    found = _DEFINITION.match(text, state.at)
    if found:
        state.document.attribute_lists.setdefault(found[1], AttributeList()).read(found[2])
        state.add("eob", "attributes")
        state.at = found.end()
        return True
    found = _EXTENSION.match(text, state.at)
    if found:
        return _extension(state, found)
    found = _IAL.match(text, state.at)
    if not found:
        return False
    last = tree.last()
    if last is not None and last.kind != "blank" and (last.kind != "eob" or last.value in _WITH_IAL):
        last.ial = last.ial or AttributeList()
        last.ial.read(found[1])
        if not _IAL.match(text, found.end()):
            state.add("eob", "ial")
    else:
        state.ial = state.ial or AttributeList()
        state.ial.read(found[1])
    state.at = found.end()
    return True


_WITH_IAL: Final = frozenset(("link", "abbreviation", "footnote"))


def _extension(state: BlockState, found: re.Match[str]) -> bool:
    name, options = found[1], found[2] or ""
    if name not in NAMES:
        return False
    end, body = found.end(), ""
    if not found[3]:
        key = f"{{:/{name}"
        if state.absent.get(key, state.end + 1) <= end:
            return False
        stop = re.compile(rf"^ {{0,3}}\{{:/(?:{name})?\}}{BLANK}*?\n", re.MULTILINE).search(state.text, end)
        if not stop:
            state.absent[key] = end
            return False
        body, end = state.text[end : stop.start()], stop.end()
    if name == "options":
        state.document.options = read(AttributeList(options).attributes, state.document.options)
        state.add("eob", "options")
    elif name == "nomarkdown" and is_for_html(options):
        raw = Node("raw", body)
        raw.at = state.at if state.is_body else -1
        state.tree.children.append(raw)
    else:
        state.tree.children.append(Node("comment", f"<!-- {body} -->" if name == "comment" else ""))
    state.at = end
    return True


def is_for_html(options: str) -> bool:
    """Return True if a `nomarkdown` extension names no type, or HTML."""
    types = AttributeList(options).attributes.get("type", "").split()
    return not types or "html" in types
