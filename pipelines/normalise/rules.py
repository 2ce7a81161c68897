"""The rules as data: the built-in `rules.toml`, an owner's file over it, checked and frozen.

What a rule does stands where it is applied (`terms`, `urls`, `sources`, …); how to write one, in `rules.toml`.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import polars as pl
import re2
import xxhash

from pipelines.normalise.clusters import Clusters

BUILT_IN: Final = Path(__file__).with_name("rules.toml")


class RulesError(Exception):
    """A rules file is wrong. One line: file, line, what."""


@dataclasses.dataclass(frozen=True)
class Terms:
    """How a spelling becomes a key."""

    ends: str
    simplify: bool


@dataclasses.dataclass(frozen=True)
class Urls:
    """How a url becomes canonical. `tracking` holds lower-case names of parameters, a trailing * for a prefix."""

    tracking: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Sources:
    """Where a post says what it came from."""

    keys: tuple[str, ...]
    publisher_keys: tuple[str, ...]
    label: str


@dataclasses.dataclass(frozen=True)
class Navigation:
    """Which last lines lead to the site's own pages."""

    label: str


@dataclasses.dataclass(frozen=True)
class Duplicates:
    """What makes two posts one article. `near`: how alike near duplicates are, from 0 to 1; 0 to look for none."""

    source_id: str
    near: float


@dataclasses.dataclass(frozen=True)
class Host:
    """One host that stands for another."""

    name: str
    host: str
    alias_of: str
    path: str = ""


@dataclasses.dataclass(frozen=True)
class Publisher:
    """Where a post's text names its publisher."""

    name: str
    contains: str
    text: str


@dataclasses.dataclass(frozen=True)
class Entity:
    """What a link points at."""

    name: str
    kind: str
    url: str
    hosts: tuple[str, ...] = ()
    contains: str = ""
    unless: tuple[str, ...] = ()
    role: str = ""
    id: str = r"\1"
    fold: bool = False


@dataclasses.dataclass(frozen=True)
class Same:
    """Spellings that are one term, the owner says."""

    kind: str
    terms: tuple[str, ...]
    name: str = ""


@dataclasses.dataclass(frozen=True)
class Different:
    """Spellings that are not one term, the owner says."""

    kind: str
    terms: tuple[str, ...]
    name: str = ""


@dataclasses.dataclass(frozen=True)
class Rules:
    """All rules in force. Frozen and picklable: patterns are texts, compiled where they are used by `pattern`.

    `version` is a hash of the rules in force, whichever file they came from.
    """

    version: str
    terms: Terms
    urls: Urls
    sources: Sources
    navigation: Navigation
    duplicates: Duplicates
    hosts: tuple[Host, ...]
    publishers: tuple[Publisher, ...]
    entities: tuple[Entity, ...]
    same: tuple[Same, ...]
    different: tuple[Different, ...]


_TABLES: Final[dict[str, type[Any]]] = {
    "terms": Terms,
    "urls": Urls,
    "sources": Sources,
    "navigation": Navigation,
    "duplicates": Duplicates,
}
_LISTS: Final[dict[str, type[Any]]] = {
    "hosts": Host,
    "publishers": Publisher,
    "entities": Entity,
    "same": Same,
    "different": Different,
}
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


@functools.lru_cache(maxsize=1024)
def pattern(written: str) -> re2._Regexp[str]:
    """The pattern, compiled once a process."""
    return re2.compile(written, _options())


@functools.cache
def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False  # an error is raised; the library would write to stderr as well
    return options


def load_rules(override: Path | None = None) -> Rules:
    """The built-in rules, with an owner's file laid over them.

    Raises:
        RulesError: a file cannot be read, is no TOML, or holds a rule that is unknown or wrong.
    """
    effective = _read(BUILT_IN, {})
    if override is not None:
        named = {name: {rule["name"] for rule in effective.get(name, [])} for name in _LISTS}
        effective = _laid_over(effective, _read(override, named))
    tables = {name: _made(cls, effective[name]) for name, cls in _TABLES.items()}
    lists = {
        name: tuple(_made(cls, rule) for rule in effective.get(name, []) if not rule.get("off", False))
        for name, cls in _LISTS.items()
    }
    as_text = json.dumps(
        {name: dataclasses.asdict(table) for name, table in tables.items()}
        | {name: [dataclasses.asdict(rule) for rule in rules] for name, rules in lists.items()},
        sort_keys=True,
        ensure_ascii=False,
    )
    in_force: dict[str, Any] = {**tables, **lists}
    return Rules(version=xxhash.xxh3_128_hexdigest(as_text.encode()), **in_force)


_Made = TypeVar("_Made")


def _made(cls: type[_Made], written: Mapping[str, Any]) -> _Made:
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in written.items() if key != "off"}
    return cls(**values)


def _laid_over(built_in: dict[str, Any], owner: dict[str, Any]) -> dict[str, Any]:
    effective = dict(built_in)
    for name in _TABLES.keys() & owner.keys():
        table = dict(built_in[name])
        for key, value in owner[name].items():
            table[key] = _list_over(table[key], value) if isinstance(value, list) else value
        effective[name] = table
    for name in _LISTS.keys() & owner.keys():
        replaced = {rule["name"]: rule for rule in owner[name] if rule.get("name")}
        kept = built_in.get(name, [])
        own = [rule for rule in owner[name] if rule.get("name", "") not in {rule["name"] for rule in kept}]
        effective[name] = own + [replaced.get(rule["name"], rule) for rule in kept]
    return effective


def _list_over(built_in: list[str], owner: list[str]) -> list[str]:
    off = {value[1:] for value in owner if value.startswith("!")}
    added = [value for value in owner if not value.startswith("!")]
    return [value for value in dict.fromkeys(built_in + added) if value not in off]


def _read(path: Path, built_in: Mapping[str, set[str]]) -> dict[str, Any]:
    """The checked table `rules` of the file, empty where it has none; `built_in` are names that it can switch off."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RulesError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise RulesError(f"{path}: is not UTF-8") from None
    try:
        rules = tomllib.loads(text).get("rules", {})
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        raise RulesError(f"{path}:{line}: {str(error).partition(' (at ')[0]}") from None
    _check(path, text, rules, built_in)
    return dict(rules)


def _check(path: Path, text: str, rules: object, built_in: Mapping[str, set[str]]) -> None:
    """Raises RulesError for the first thing wrong."""

    def wrong(what: str, section: str = "rules", key: str = "", nth: int = 0) -> RulesError:
        return RulesError(f"{path}:{_line(text, section, key, nth)}: {what}")

    if not isinstance(rules, dict):
        raise wrong("rules must be a table")
    for section, content in rules.items():
        cls = _TABLES.get(section) or _LISTS.get(section)
        if cls is None:
            known = ", ".join([*_TABLES, *_LISTS])
            raise wrong(f"rules.{section} is no kind of rule; known are {known}", section)
        is_list = section in _LISTS
        if not isinstance(content, list if is_list else dict):
            shape = f"a list of tables: [[rules.{section}]]" if is_list else f"a table: [rules.{section}]"
            raise wrong(f"rules.{section} must be {shape}", section)
        for nth, rule in enumerate(content if is_list else [content]):
            if not isinstance(rule, dict):
                raise wrong(f"rules.{section} must be a list of tables: [[rules.{section}]]", section)
            fields = {field.name: field for field in dataclasses.fields(cls)}
            for key, value in rule.items():
                where = f"rules.{section}.{key}"
                if key == "off" and is_list:
                    if not isinstance(value, bool):
                        raise wrong(f"{where} must be true or false", section, key, nth)
                    continue
                if key not in fields:
                    raise wrong(f"{where} is unknown; known are {', '.join(fields)}", section, key, nth)
                what = _wrong_value(section, key, value, str(fields[key].type), rule)
                if what:
                    raise wrong(f"{where} {what}", section, key, nth)
            missing = [
                field.name
                for field in fields.values()
                if field.default is dataclasses.MISSING and field.name not in rule
            ]
            if is_list and missing and not rule.get("off", False):
                raise wrong(f"rules.{section} lacks {', '.join(missing)}", section, "", nth)
        if isinstance(content, list) and (among := _wrong_among(section, content, built_in.get(section, ()))):
            raise wrong(among[1], section, "", among[0])
    if contradiction := _contradiction(rules):
        raise wrong(contradiction[1], "different", "", contradiction[0])


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


def _wrong_among(section: str, rules: Sequence[Mapping[str, Any]], built_in: Iterable[str]) -> tuple[int, str] | None:
    """What is wrong with a list of rules though each is right, and with which of them."""
    seen: set[str] = set()
    for nth, rule in enumerate(rules):
        name = rule.get("name", "")
        if name and name in seen:
            return nth, f"a second rule of rules.{section} is named {name!r}"
        if rule.get("off", False) and name not in built_in:
            return nth, f"no built-in rule of rules.{section} is named {name!r}"
        seen.add(name)
    return None


def _contradiction(rules: Mapping[str, Any]) -> tuple[int, str] | None:
    """Two terms that the rules call different and the same, and in which rule of `different`."""
    one: Clusters[tuple[str, str]] = Clusters()
    for rule in rules.get("same", []):
        one.join((rule["kind"], term) for term in rule.get("terms", []))
    for nth, rule in enumerate(rules.get("different", [])):
        roots: dict[tuple[str, str], str] = {}
        for term in rule.get("terms", []):
            other = roots.setdefault(one.root((rule["kind"], term)), term)
            if other != term:
                return nth, f"{other!r} and {term!r} are the same by rules.same"
    return None


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
