"""The reader of flat front matter: lines of plain `key: value` and simple lists. For speed, and for salvage.

`flat` answers as the YAML loader does wherever it answers at all, and declines where it is not sure. `salvage`
reads the same
lines of front matter that is no YAML, allowed to take a value for the text it is written as, and refuses to guess.
"""

from __future__ import annotations

import re
from typing import Final

from pipelines.jekyll.scalars import WORDS, ScalarError, resolve

_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")
_KNOWN_KEYS: Final = {
    "title", "date", "tags", "categories", "layout", "category", "author", "published", "comments", "permalink", "tag",
    "description", "image", "excerpt", "subtitle", "slug", "updated", "link", "toc", "comment", "share", "lang",
}  # fmt: skip
_PLAIN_LINE: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_-]{0,99}): +(?:\"([^\"\\]*)\"|([^\W\d_][^:#]*)(?<! )) *")
"""The commonest lines: a text in double quotes, or one that begins with a letter and holds no sign that may
mean more.
"""

_NOT_YAML: Final = re.compile(r"[^ -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_INDICATORS: Final = frozenset("-?:,[]{}#&*!|>'\"%@` \t")
_FLOW_ITEM: Final = re.compile(
    r" *(?:\"([^\"\\]*)\"|'([^']*)'|([^ ,?:\[\]{}#&*!|>'\"%@`-](?:[^,?:\[\]{}#'\"]*[^ ,?:\[\]{}#'\"])?)) *(?:,|\Z)"
)


class UnsalvageableError(ValueError):
    """A line that is no plain `key: value`, or whose meaning would have to be guessed."""


class _Unsure(Exception):  # noqa: N818 - no error: the loader is asked next
    """The flat reader declines. Raised anew each time: a kept one would keep every text that it was raised over."""


def flat(fm: str) -> dict[str, object] | None:
    """The mapping, if every line of `fm` (from its opening fence on) is plain `key: value` or a simple list;
    else None.
    """
    data: dict[str, object] = {}
    lines = fm.split("\n")
    if lines[0].rstrip(" ") != "---":
        return None
    i, count = 1, len(lines)
    while i < count:
        line = lines[i]
        i += 1
        found = pair(line)
        if found is None:
            if (line.strip(" ") and line[0] != "#") or _NOT_YAML.search(line):
                return None
            continue
        key, value = found
        if value is None and line.rstrip(" ")[-1] == ":":
            try:
                value, i = _block_items(lines, i)
            except (_Unsure, ScalarError):
                return None
        data[key] = value
        if i < count and lines[i][:1] in (" ", "-"):
            return None  # goes on, or is nested; a line of blanks alone is left to the loader too
    return data


def pair(line: str) -> tuple[str, object] | None:
    """Key and value of a line that is plain `key: value` by itself, None for a value that is not there; None where it
    may be anything else. What begins with a blank or `-` in the line below would go on with it.
    """
    if not line.isprintable() and _NOT_YAML.search(line):
        return None
    found = _PLAIN_LINE.fullmatch(line)
    if found and found[1] not in WORDS:
        key, quoted, word = found.groups()
        return key, quoted if quoted is not None else WORDS.get(word, word)
    key, colon, value = line.partition(":")
    if not colon or (key not in _KNOWN_KEYS and (not _KEY.fullmatch(key) or key in WORDS)):
        return None
    if not value.strip(" "):
        return key, None
    if value[0] != " ":
        return None
    try:
        return key, _value(value.strip(" "))
    except (_Unsure, ScalarError):
        return None


def _block_items(lines: list[str], i: int) -> tuple[object, int]:
    """The list in the lines from `i` on (`- item`, one indent) and the line after it; None where there is no list."""
    if i >= len(lines):
        return None, i
    indent = len(lines[i]) - len(lines[i].lstrip(" "))
    mark = " " * indent + "- "
    if not lines[i].startswith(mark):
        return None, i
    items: list[object] = []
    while i < len(lines) and lines[i].startswith(mark):
        line = lines[i]
        if not line.isprintable() and _NOT_YAML.search(line):
            raise _Unsure
        item = line[len(mark) :].strip(" ")
        if not item:
            raise _Unsure
        items.append(_value(item))
        i += 1
    return items, i


def _value(text: str) -> object:
    """The value of a scalar or a flow list written in one line, without blanks around it."""
    first = text[0]
    if first not in _INDICATORS:
        if ": " in text or " #" in text or text[-1] == ":":
            raise _Unsure
        return resolve(text)
    last = text[-1]
    if first == '"':
        if last == '"' and len(text) > 1 and text.count('"') == 2 and "\\" not in text:
            return text[1:-1]
    elif first == "'":
        if last == "'" and len(text) > 1 and text.count("'") == 2:
            return text[1:-1]
    elif first == "[" and last == "]":
        return _flow_items(text[1:-1])
    raise _Unsure


def _flow_items(text: str) -> list[object]:
    if not text.strip(" "):
        return []
    items: list[object] = []
    i, end = 0, len(text)
    while i < end:
        found = _FLOW_ITEM.match(text, i)
        if not found:
            raise _Unsure
        double, single, plain = found.groups()
        items.append(resolve(plain) if plain is not None else double if double is not None else single)
        i = found.end()
    if text.rstrip(" ").endswith(","):
        raise _Unsure
    return items


STRUCTURED: Final = frozenset(
    {"date", "categories", "category", "tags", "tag", "published", "draft", "permalink", "layout", "slug", "defaults"}
)
"""Keys whose values mean something to Jekyll beyond their text. Salvage takes them only where the flat reader
is sure.
"""

_BLOCK_HEADER: Final = re.compile(r"[|>][-+0-9]*")


def salvage(fm: str) -> dict[str, object]:
    """The mapping of broken front matter whose lines are plain `key: value`.

    A value that is no YAML is taken for the text it is written as, without the quotes around the whole of it.
    Nothing is guessed: whatever could be read in two ways is refused, and then the whole front matter is.

    Raises:
        UnsalvageableError: says which line and why.
    """
    data: dict[str, object] = {}
    lines = fm.split("\n")
    if lines and not lines[-1].strip():
        lines.pop()
    i, count = 1, len(lines)
    while i < count:
        line, number = lines[i], i + 1
        i += 1
        if not line.strip(" ") or line[0] == "#":
            continue
        if any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in line):
            raise UnsalvageableError(f"line {number} holds a control character")
        key, colon, value = line.partition(":")
        if not colon or not _KEY.fullmatch(key) or key in WORDS or (value and value[0] != " "):
            raise UnsalvageableError(f"line {number} is no plain key: value")
        if key in data:
            raise UnsalvageableError(f"line {number} repeats the key {key}")
        value = value.strip(" ")
        try:
            if value:
                data[key] = _value(value)
            else:
                data[key], i = _block_items(lines, i)
        except (_Unsure, ScalarError):
            data[key] = _as_written(key, value, number)
        if i < count and lines[i][:1] in (" ", "-"):
            raise UnsalvageableError(f"line {i + 1} goes on or is nested")
    if not data:
        raise UnsalvageableError("there is no key: value")
    return data


def _as_written(key: str, value: str, number: int) -> str:
    """The text of a value that is no YAML.

    Raises:
        UnsalvageableError: the text could be read in two ways.
    """
    if key in STRUCTURED:
        raise UnsalvageableError(f"line {number}: the value of {key} would be a guess")
    if _BLOCK_HEADER.fullmatch(value):
        raise UnsalvageableError(f"line {number} begins a block")
    first, last = value[:1], value[-1:]
    if first in ('"', "'"):
        if len(value) > 1 and first == last:
            inner = value[1:-1]
            if "\\" + first in value or "\\\\" in value or (first == "'" and "''" in inner):
                raise UnsalvageableError(f"line {number}: some quotes are escaped, others are not")
            if _closes(inner, inner.find(first)):
                raise UnsalvageableError(f"line {number}: the quotes may enclose the whole of it or parts of it")
            return inner
        if value.count(first) % 2:
            raise UnsalvageableError(f"line {number}: the quote is never closed")
    if " #" in value:
        raise UnsalvageableError(f"line {number}: ' #' may begin a comment")
    return value


def _closes(text: str, at: int) -> bool:
    """Whether a quote looks like a closing one: text before it, and a blank or a sign after it."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return at > 0 and not before.isspace() and (not after or not after.isalnum())
