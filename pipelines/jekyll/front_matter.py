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
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

import frontmatter
from frontmatter.default_handlers import BaseHandler

from pipelines.jekyll import loader, ruby
from pipelines.jekyll.flat_lines import UnsalvageableError, flat, salvage
from pipelines.jekyll.loader import YamlError, YamlLimitError

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
    # Nearly always the first line that begins so is the fence; a plain search finds it at a tenth of the
    # pattern's cost.
    end = text.find("\n---\n", opening.end() - 1) + 1
    if not end or text.find("\n---", opening.end() - 1, end) != end - 1 or 0 <= text.find("\n...", 3, end) < end:
        closing = _CLOSING.search(text, opening.end())
        if not closing:
            return None
        end = closing.start()
    blank = _BLANK_RUN.match(text, end + 3)
    stop = blank.end() if blank else end + 3
    if stop == len(text):
        return Split(end, stop)
    line_end = text.rfind("\n", end + 3, stop)
    return Split(end, stop if line_end < 0 else line_end + 1)


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


def to_json(data: dict[str, object]) -> str:
    """The front matter as JSON: every key, dates as written, nothing that JSON does not have."""
    parts = []
    for key, value in data.items():
        kind = type(value)
        if type(key) is not str:
            return _any_json(data)
        if kind is str:
            written = _quoted(value)
        elif kind is ruby.Time or kind is ruby.Date:
            written = _quoted(_plain(value))
        elif kind is list and all(type(item) is str for item in value):  # type: ignore[attr-defined]
            written = "[" + ", ".join(map(_quoted, value)) + "]"  # type: ignore[call-overload]
        elif value is None:
            written = "null"
        else:
            return _any_json(data)
        parts.append(f"{_quoted(key)}: {written}")
    return "{" + ", ".join(parts) + "}"


_quoted: Final[Callable[[Any], str]] = json.encoder.encode_basestring
"""A text as JSON. An encoder made for each post costs three times as much as all of its texts."""


def _plain(value: object) -> str:
    return value.text if isinstance(value, (ruby.Date, ruby.Time)) else ruby.to_s(value)


def _any_json(data: object) -> str:
    """The same for whatever is nested or is a number."""

    def plain(value: object, depth: int) -> object:
        if isinstance(value, (dict, list)) and depth > ruby.MAX_DEPTH * 5:
            return "…"
        if isinstance(value, list):
            return [plain(item, depth + 1) for item in value]
        if isinstance(value, dict):
            return {ruby.to_s(ruby.plain_key(k)): plain(v, depth + 1) for k, v in value.items()}
        if isinstance(value, float) and (not math.isfinite(value)):
            return ruby.to_s(value)
        return value if value is None or isinstance(value, (str, bool, int, float)) else _plain(value)

    return json.dumps(plain(data, 0), ensure_ascii=False)
