"""The rules as data: the built-in `rules.toml`, an owner's file over it, checked and frozen.

What a rule does stands where it is applied (`terms`, `urls`, `sources`, …); how to write one, in `rules.toml`; what is
wrong with one, `rule_checks`.
"""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import xxhash

from pipelines.normalise.rule_checks import first_wrong
from pipelines.untrusted import UnfitError, table, text_of
from warehouse.errors import UserError

BUILT_IN: Final = Path(__file__).with_name("rules.toml")


class RulesError(UserError):
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
    """All rules in force. Frozen and picklable: patterns are texts, compiled where they are used.

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

    def fingerprint(self, *kinds: str) -> str:
        """A hash of the rules of these kinds, each named as its field."""
        written = {kind: _plain(getattr(self, kind)) for kind in kinds}
        as_text = json.dumps(written, sort_keys=True, ensure_ascii=False)
        return xxhash.xxh3_128_hexdigest(as_text.encode())


def _plain(rules: Any) -> object:
    if isinstance(rules, tuple):
        return [dataclasses.asdict(rule) for rule in rules]
    return dataclasses.asdict(rules)


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
    in_force: dict[str, Any] = {**tables, **lists}
    rules = Rules(version="", **in_force)
    return dataclasses.replace(rules, version=rules.fingerprint(*in_force))


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
        text = text_of(path)
    except OSError as error:
        raise RulesError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnfitError as error:
        raise RulesError(f"{path}: {error}") from None
    try:
        rules = table(text).get("rules", {})
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        raise RulesError(f"{path}:{line}: {str(error).partition(' (at ')[0]}") from None
    except ValueError as error:
        raise RulesError(f"{path}: {error}") from None
    if wrong := first_wrong(text, rules, _TABLES, _LISTS, built_in):
        raise RulesError(f"{path}:{wrong.line}: {wrong.what}")
    return dict(rules)
