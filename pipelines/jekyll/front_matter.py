"""Front matter: where it stands, what it says, and what can be saved of it when its YAML is broken.

`frontmatter.parse` with `HANDLER` is the one door. Behind it stand two readers: `flat`, for lines of plain
`key: value`, which is what nearly every post has, and the YAML loader for all else. Where `flat` answers it answers as
the loader does; where it is not sure it declines. `salvage` is the same reader of lines, allowed to take a
value that is no YAML for the text it is written as.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

import frontmatter
from frontmatter.default_handlers import BaseHandler

from pipelines.jekyll import loader, ruby
from pipelines.jekyll.loader import YamlError, YamlLimitError
from pipelines.jekyll.scalars import WORDS, ScalarError, resolve

MAX_CHARACTERS: Final = 1024 * 1024
"""Longer front matter is refused."""

MAX_JSON_VALUES: Final = 100_000
"""Values that the JSON of one post may hold; what comes after (only aliases can make so many) is written as `…`."""

State = Literal["clean", "salvaged", "absent"]


class NotAMappingError(YamlError):
    """The front matter is a list or a scalar."""


class Split(NamedTuple):
    """Offsets into a text: the front matter is `text[:end]` (its opening fence included), the body `text[body:]`."""

    end: int
    body: int


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the front matter says.

    `data` has Ruby's values by key (see `ruby`), empty where there is none. `error` is the YAML error of salvaged
    front matter, None otherwise. `empty` says that the YAML holds nothing, so that Jekyll merges nothing.
    """

    data: dict[str, object] = field(default_factory=dict)
    state: State = "absent"
    error: str | None = None


_OPENING: Final = re.compile(rf"---[{ruby.BLANKS}]*\n")
_CLOSING: Final = re.compile(r"(?<=\n)(?:---|\.\.\.)[ \t\v\f\r]*(?=\n|\Z)")
_BLANK_RUN: Final = re.compile(rf"[{ruby.BLANKS}]*")


def split(text: str) -> Split | None:
    r"""Where the front matter ends and the body begins; None where there is none.

    Jekyll's `Document::YAML_FRONT_MATTER_REGEXP`, `\A(---\s*\n.*?\n?)^((---|\.\.\.)\s*$\n?)` with `m`, in
    linear time: `\s` runs over line ends, so blank lines after either fence belong to it.
    """
    if not text.startswith("---"):
        return None
    opening = _OPENING.match(text)
    if not opening:
        return None
    closing = _CLOSING.search(text, opening.end())
    if not closing:
        return None
    blank = _BLANK_RUN.match(text, closing.start() + 3)
    stop = blank.end() if blank else closing.end()
    line_end = text.rfind("\n", closing.start() + 3, stop)
    return Split(closing.start(), stop if line_end < 0 else line_end + 1)


class Handler(BaseHandler):
    """python-frontmatter's handler with Jekyll's fences and loader. Stateless."""

    FM_BOUNDARY = re.compile(r"^(?:---|\.\.\.)\s*$", re.MULTILINE)  # what the base class asks for; `split` knows better
    START_DELIMITER = "---"
    END_DELIMITER = "---"

    def detect(self, text: str) -> bool:
        return split(text) is not None

    def split(self, text: str) -> tuple[str, str]:
        found = split(text)
        if found is None:
            raise ValueError("no front matter")
        return text[: found.end], text[found.body :]

    def load(self, fm: str, **_: object) -> dict[str, object]:
        """The mapping that `fm`, its opening fence included, holds; empty where it holds nothing.

        Raises:
            YamlError: Jekyll cannot load it either.
        """
        data = flat(fm)
        if data is not None:
            return data
        value = loader.load(fm)
        if value is None or value is False:
            return {}
        if not isinstance(value, dict):
            raise NotAMappingError(
                f"front matter is {'a list' if isinstance(value, list) else 'no mapping'}: {ruby.to_s(value)[:80]}"
            )
        return value


HANDLER: Final = Handler()


def read(text: str, found: Split) -> FrontMatter:
    """What the front matter that `split` found says.

    Raises:
        YamlLimitError: it is beyond a documented limit.
        YamlError: it is broken and cannot be salvaged; the message says why, for the YAML and for the salvage.
    """
    if found.end > MAX_CHARACTERS:
        raise YamlLimitError(f"front matter of {found.end:,} characters, the limit is {MAX_CHARACTERS:,}")
    try:
        # Only the head is passed: the door strips what it is given and turns CRLF into LF, and the body is
        # kept as written.
        data, _ = frontmatter.parse(text[: found.body], handler=HANDLER)
        return FrontMatter(data, "clean")
    except YamlLimitError:
        raise
    except YamlError as error:
        try:
            return FrontMatter(salvage(text[: found.end].replace("\r\n", "\n")), "salvaged", str(error))
        except UnsalvageableError as refusal:
            raise type(error)(f"{error}; not salvaged: {refusal}") from None


# The reader of flat lines.

_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")
_KNOWN_KEYS: Final = {
    "title", "date", "tags", "categories", "layout", "category", "author", "published", "comments", "permalink", "tag",
    "description", "image", "excerpt", "subtitle", "slug", "updated", "link", "toc", "comment", "share", "lang",
}  # fmt: skip
_NOT_YAML: Final = re.compile(r"[^ -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_INDICATORS: Final = frozenset("-?:,[]{}#&*!|>'\"%@` \t")
_FLOW_ITEM: Final = re.compile(
    r" *(?:\"([^\"\\]*)\"|'([^']*)'|([^ ,?:\[\]{}#&*!|>'\"%@`-](?:[^,?:\[\]{}#'\"]*[^ ,?:\[\]{}#'\"])?)) *(?:,|\Z)"
)


class UnsalvageableError(ValueError):
    """A line that is no plain `key: value`, or whose meaning would have to be guessed."""


class _Unsure(Exception):  # noqa: N818 - no error: the loader is asked next
    """The flat reader declines."""


_UNSURE: Final = _Unsure()


def flat(fm: str) -> dict[str, object] | None:
    """The mapping, if every line of `fm` (from its opening fence on) is plain `key: value` or a simple list;
    else None.
    """
    data: dict[str, object] = {}
    lines = fm.split("\n")
    if lines[0].rstrip(" ") != "---":
        return None
    i, count = 1, len(lines)
    try:
        while i < count:
            line = lines[i]
            i += 1
            if not line.isprintable() and _NOT_YAML.search(line):
                return None
            key, colon, value = line.partition(":")
            if key not in _KNOWN_KEYS and (not _KEY.fullmatch(key) or key in WORDS):
                if not line.strip(" ") or line[0] == "#":
                    continue
                return None
            if not colon:
                return None
            if not value or not value.strip(" "):
                items, i = _block_items(lines, i)
                data[key] = items
            elif value[0] != " ":
                return None
            else:
                data[key] = _value(value.strip(" "))
            if i < count and lines[i][:1] in (" ", "-"):
                return None  # goes on, or is nested; a line of blanks alone is left to the loader too
    except (_Unsure, ScalarError):
        return None
    return data


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
            raise _UNSURE
        item = line[len(mark) :].strip(" ")
        if not item:
            raise _UNSURE
        items.append(_value(item))
        i += 1
    return items, i


def _value(text: str) -> object:
    """The value of a scalar or a flow list written in one line, without blanks around it."""
    first = text[0]
    if first not in _INDICATORS:
        if ": " in text or " #" in text or text[-1] == ":":
            raise _UNSURE
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
    raise _UNSURE


def _flow_items(text: str) -> list[object]:
    if not text.strip(" "):
        return []
    items: list[object] = []
    i, end = 0, len(text)
    while i < end:
        found = _FLOW_ITEM.match(text, i)
        if not found:
            raise _UNSURE
        double, single, plain = found.groups()
        items.append(resolve(plain) if plain is not None else double if double is not None else single)
        i = found.end()
    if text.rstrip(" ").endswith(","):
        raise _UNSURE
    return items


# Salvage.

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


# The column.


def to_json(data: dict[str, object]) -> str:
    """The front matter as JSON: every key, dates as written, nothing that JSON does not have."""
    try:
        return (
            json.dumps(data, ensure_ascii=False, allow_nan=False, default=_plain) if _simple(data) else _careful(data)
        )
    except (ValueError, TypeError, RecursionError):
        return _careful(data)


def _simple(data: dict[str, object]) -> bool:
    """Whether there is nothing nested but lists of scalars, so that the size is that of the text."""
    for value in data.values():
        if type(value) is dict or (type(value) is list and any(type(item) in (dict, list) for item in value)):
            return False
    return True


def _plain(value: object) -> str:
    return value.text if isinstance(value, (ruby.Date, ruby.Time)) else ruby.to_s(value)


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_plain)


def _careful(data: object) -> str:
    budget = MAX_JSON_VALUES

    def plain(value: object, depth: int) -> object:
        nonlocal budget
        budget -= 1
        if isinstance(value, (dict, list)):
            if budget < 0 or depth > ruby.MAX_DEPTH * 5:
                return "…"
            if isinstance(value, list):
                return [plain(item, depth + 1) for item in value if budget >= 0]
            return {ruby.to_s(ruby.plain_key(k)): plain(v, depth + 1) for k, v in value.items()}
        if isinstance(value, float) and (not math.isfinite(value)):
            return ruby.to_s(value)
        return value if value is None or isinstance(value, (str, bool, int, float)) else _plain(value)

    return json.dumps(plain(data, 0), ensure_ascii=False)
