"""YAML as Psych and safe_yaml load it: libyaml's events, put together as `SafeYAML::PsychHandler` does.

libyaml is the parser on both sides, so what it refuses here Jekyll cannot read either, with the same line and column.
Nothing is constructed but plain values; tags other than !!binary are ignored. Aliases share, they
do not copy, but count as though they did.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from pipelines import limits
from pipelines.jekyll import ruby
from pipelines.jekyll.scalars import ScalarError, resolve

_BINARY_TAGS: Final = ("tag:yaml.org,2002:binary", "x-private:binary", "!binary")
_NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9+/]")


class YamlError(ValueError):
    """The text cannot be loaded as Jekyll would. The message is one line; it ends with line and column if known."""


class YamlLimitError(YamlError):
    """The document is beyond a limit of values, characters or nesting."""


def load(text: str) -> object:
    """The first document's value: None, bool, int, float, str, list, dict, `ruby.Date` or `ruby.Time`.

    Keys that are no text are wrapped in `ruby.Key`. Lines are counted from 1 at the start of `text`.

    Raises:
        YamlError: libyaml or safe_yaml refuses the text.
        YamlLimitError: the document is too large or too deep.
    """
    try:
        parser = yaml.CSafeLoader(text)
        try:
            return _build(parser)
        finally:
            parser.dispose()
    except yaml.MarkedYAMLError as error:
        raise YamlError(_message(error)) from None
    except yaml.YAMLError as error:
        raise YamlError(" ".join(str(error).split())) from None
    except ScalarError as error:
        raise YamlError(str(error)) from None


class _Anchored(NamedTuple):
    """A value that has a name; how many values and characters it is with its aliases expanded."""

    value: object
    values: int
    characters: int


def _build(parser: yaml.CSafeLoader) -> object:
    anchors: dict[str, _Anchored] = {}
    stack: list[tuple[object, str | None, int, int]] = []  # with their anchor, and the totals before them
    result: object = None
    begun = False
    pending: object = None  # the handler's @current_key: one for the whole document, so a null key shifts what follows
    values = characters = 0
    while True:
        event = parser.get_event()
        anchor: str | None = None
        container: object = None
        before = values, characters
        values += 1
        if isinstance(event, ScalarEvent):
            value = _scalar(event)
            characters += len(event.value)
            anchor = event.anchor
        elif isinstance(event, MappingStartEvent):
            value = container = {}
            anchor = event.anchor
        elif isinstance(event, SequenceStartEvent):
            value = container = []
            anchor = event.anchor
        elif isinstance(event, AliasEvent):
            named = anchors.get(event.anchor or "", _Anchored(None, 1, 0))
            value = named.value
            values += named.values - 1
            characters += named.characters
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            values -= 1
            whole, anchor, values_before, characters_before = stack.pop()
            if anchor and anchors[anchor].value is whole:
                anchors[anchor] = _Anchored(whole, values - values_before, characters - characters_before)
            continue
        elif isinstance(event, (DocumentEndEvent, StreamEndEvent)) or event is None:
            return result
        else:
            values -= 1
            continue
        if values > limits.YAML_VALUES:
            raise YamlLimitError(f"more than {limits.YAML_VALUES:,} values, aliases expanded")
        if characters > limits.YAML_CHARACTERS:
            raise YamlLimitError(f"more than {limits.YAML_CHARACTERS:,} characters, aliases expanded")
        if isinstance(event, AliasEvent) and isinstance(value, str):
            value = resolve(value)  # the handler guesses the type again, and a quoted text is plain by now
        if anchor:
            # Within itself a list or map is endless: no limit allows that.
            size = limits.YAML_VALUES if container is not None else 1
            anchors[anchor] = _Anchored(value, size, characters - before[1])
        target = stack[-1][0] if stack else None
        if not begun:
            begun, result = True, value
        elif isinstance(target, list):
            target.append(value)
        elif isinstance(target, dict):
            if pending is None:
                pending = value
            else:
                if pending == "<<":
                    if not isinstance(value, dict):
                        raise YamlError(f"no implicit conversion of {_class(value)} into Hash in a merge key (<<)")
                    target.update(value)
                else:
                    target[_key(pending)] = value
                pending = None
        if container is not None:
            stack.append((container, anchor, *before))
            if len(stack) > limits.YAML_DEPTH:
                raise YamlLimitError(f"nested more than {limits.YAML_DEPTH} deep")


def _key(value: object) -> object:
    return ruby.key(value) if not isinstance(value, (list, dict)) else ruby.Key(type(value)())


def _scalar(event: ScalarEvent) -> object:
    value: str = event.value
    if event.tag in _BINARY_TAGS:
        raw = _NOT_BASE64.sub("", value.split("=", 1)[0])
        try:
            return base64.b64decode(raw + "=" * (-len(raw) % 4)).decode("utf-8", "replace")
        except binascii.Error:
            return base64.b64decode(raw[:-1] + "=" * (-(len(raw) - 1) % 4)).decode("utf-8", "replace")
    return value if event.implicit[1] else resolve(value)


def _class(value: object) -> str:
    return {
        "NoneType": "nil",
        "bool": "boolean",
        "int": "Integer",
        "float": "Float",
        "str": "String",
        "list": "Array",
    }.get(type(value).__name__, type(value).__name__)


def _message(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    parts = " ".join(part for part in (error.problem, error.context) if part)
    return f"{parts} at line {mark.line + 1} column {mark.column + 1}" if mark else parts
