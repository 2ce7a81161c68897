"""What is wrong with a rules file: the first thing, in one line, with its line in the file.

What rules there are: `rules`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import polars as pl
import re2

from pipelines.normalise.clusters import Clusters
from pipelines.normalise.patterns import pattern

_PATTERNS: Final = {
    ("sources", "label"),
    ("navigation", "label"),
    ("duplicates", "source_id"),
    ("publishers", "text"),
    ("entities", "url"),
}
_GROUPS_WANTED: Final = {("duplicates", "source_id"), ("publishers", "text"), ("entities", "url")}
_DEMANDED: Final = {("publishers", "text"), ("entities", "url")}
"""Patterns that may not be empty: a rule would fit everything."""

_HOSTS: Final = {("hosts", "host"), ("hosts", "alias_of"), ("entities", "hosts")}
_HOST: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
_CHOICES: Final = {
    ("same", "kind"): ("category", "tag"),
    ("different", "kind"): ("category", "tag"),
    ("entities", "role"): ("source", "navigation", "image", "body"),
}


class Wrong(NamedTuple):
    """What is wrong, and in which line, from 1."""

    line: int
    what: str


class _Place(NamedTuple):
    """What is wrong, and with which key of which rule."""

    what: str
    section: str = "rules"
    key: str = ""
    nth: int = 0


def first_wrong(
    text: str,
    rules: object,
    tables: Mapping[str, type[Any]],
    lists: Mapping[str, type[Any]],
    built_in: Mapping[str, set[str]],
) -> Wrong | None:
    """The first thing wrong with the table `rules` of a file.

    Args:
        text: the file.
        rules: the table, as read.
        tables: the sections that are one table, each with its dataclass.
        lists: those that are lists of tables.
        built_in: names of the built-in rules of the latter, which the file can switch off.
    """
    for place in _wrong(rules, tables, lists, built_in):
        return Wrong(_line(text, place.section, place.key, place.nth), place.what)
    return None


def _wrong(
    rules: object,
    tables: Mapping[str, type[Any]],
    lists: Mapping[str, type[Any]],
    built_in: Mapping[str, set[str]],
) -> Iterator[_Place]:
    """All that is wrong, up to what makes looking on senseless."""
    if not isinstance(rules, dict):
        yield _Place("rules must be a table")
        return
    for section, content in rules.items():
        if section in tables:
            if isinstance(content, dict):
                yield from _wrong_rule(section, content, tables[section], 0)
            else:
                yield _Place(f"rules.{section} must be a table: [rules.{section}]", section)
        elif section in lists:
            if isinstance(content, list) and all(isinstance(rule, dict) for rule in content):
                for nth, rule in enumerate(content):
                    yield from _wrong_rule(section, rule, lists[section], nth, is_one_of_many=True)
                yield from _wrong_among(section, content, built_in.get(section, ()))
            else:
                yield _Place(f"rules.{section} must be a list of tables: [[rules.{section}]]", section)
        else:
            known = ", ".join([*tables, *lists])
            yield _Place(f"rules.{section} is no kind of rule; known are {known}", section)
    yield from _contradictions(rules)


def _wrong_rule(
    section: str, rule: Mapping[str, Any], cls: type[Any], nth: int, *, is_one_of_many: bool = False
) -> Iterator[_Place]:
    fields = {field.name: field for field in dataclasses.fields(cls)}
    for key, value in rule.items():
        where = f"rules.{section}.{key}"
        if key == "off" and is_one_of_many:
            if not isinstance(value, bool):
                yield _Place(f"{where} must be true or false", section, key, nth)
        elif key not in fields:
            yield _Place(f"{where} is unknown; known are {', '.join(fields)}", section, key, nth)
        elif what := _wrong_value(section, key, value, str(fields[key].type), rule):
            yield _Place(f"{where} {what}", section, key, nth)
    missing = [
        field.name for field in fields.values() if field.default is dataclasses.MISSING and field.name not in rule
    ]
    if is_one_of_many and missing and not rule.get("off", False):
        yield _Place(f"rules.{section} lacks {', '.join(missing)}", section, "", nth)


def _wrong_value(section: str, key: str, value: object, declared: str, rule: Mapping[str, Any]) -> str | None:
    if declared == "bool":
        return None if isinstance(value, bool) else "must be true or false"
    if declared == "float":
        fine = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
        return None if fine else "must be a number from 0 to 1"
    if declared.startswith("tuple"):
        fine = isinstance(value, list) and all(isinstance(item, str) and item for item in value)
        if not fine:
            return "must be a list of texts"
        if (section, key) in _HOSTS:
            hosts = (item.lstrip("!").removeprefix("*.") for item in value if item != "{site}")  # type: ignore[attr-defined]
            return next(filter(None, map(_wrong_host, hosts)), None)
        return "needs two terms or more" if key == "terms" and len(value) < 2 else None  # type: ignore[arg-type]
    if not isinstance(value, str):
        return "must be a text"
    if key == "label" and not value:
        return "must not be empty: it would fit every word"
    choices = _CHOICES.get((section, key))
    if choices and value not in choices:
        return f"must be one of {', '.join(choices)}, not {value!r}"
    if (section, key) in _HOSTS and (reason := _wrong_host(value)):
        return reason
    if (section, key) in _PATTERNS and (value or (section, key) in _DEMANDED):
        try:
            groups = pattern(value).groups
        except re2.error as error:
            reason = error.args[0] if error.args else error
            reason = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
            return f"is no RE2 pattern: {reason}"
        if (section, key) == ("duplicates", "source_id"):
            try:
                pl.select(pl.lit("").str.extract(value, 1))
            except pl.exceptions.ComputeError as error:
                reason = next((line for line in str(error).splitlines() if line.startswith("error:")), "error")
                return f"is no pattern for whole columns (Rust's regex): {reason}"
        if (section, key) in _GROUPS_WANTED and not groups:
            return "needs a group: ( )"
        if (section, key) == ("entities", "url"):
            named = [int(number) for number in re.findall(r"\\([0-9])", str(rule.get("id", "")))]
            if any(number > groups for number in named):
                return f"has {groups} group{'s' * (groups != 1)}, id names \\{max(named)}"
    return None


def _wrong_host(value: str) -> str | None:
    fine = _HOST.fullmatch(value)
    return None if fine else f"must be a host as canonical urls have it (news.example.com, xn--…), not {value!r}"


def _wrong_among(section: str, rules: Sequence[Mapping[str, Any]], built_in: Iterable[str]) -> Iterator[_Place]:
    """What is wrong with a list of rules though each is right."""
    seen: set[str] = set()
    for nth, rule in enumerate(rules):
        name = rule.get("name", "")
        if name and name in seen:
            yield _Place(f"a second rule of rules.{section} is named {name!r}", section, "", nth)
        if rule.get("off", False) and name not in built_in:
            yield _Place(f"no built-in rule of rules.{section} is named {name!r}", section, "", nth)
        seen.add(name)


def _contradictions(rules: Mapping[str, Any]) -> Iterator[_Place]:
    """Terms that the rules call different and the same."""
    one: Clusters[tuple[str, str]] = Clusters()
    for rule in rules.get("same", []):
        one.join((rule["kind"], term) for term in rule.get("terms", []))
    for nth, rule in enumerate(rules.get("different", [])):
        roots: dict[tuple[str, str], str] = {}
        for term in rule.get("terms", []):
            other = roots.setdefault(one.root((rule["kind"], term)), term)
            if other != term:
                yield _Place(f"{other!r} and {term!r} are the same by rules.same", "different", "", nth)


def _line(text: str, section: str, key: str, nth: int) -> int:
    """Where it is written, as well as a search can tell: TOML's reader keeps no places."""
    lines = text.splitlines()
    header = re.compile(rf"\s*\[\[?\s*rules\s*\.\s*{re.escape(section)}\b")
    headers = [number for number, line in enumerate(lines) if header.match(line)]
    start = headers[min(nth, len(headers) - 1)] if headers else 0
    if headers and not key:
        return start + 1
    wanted = re.compile(rf"""(?:^|[\s.,{{"'])["']?{re.escape(key or section)}["']?\s*[=.]""")
    for number in range(start, len(lines)):
        if wanted.search(lines[number]) and not lines[number].lstrip().startswith("#"):
            return number + 1
    return start + 1
