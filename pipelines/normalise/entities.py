"""What a link points at, by the rules: an article, a listed security, a repository, …"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from pipelines.normalise.rules import Entity, pattern

_GROUP: Final = re.compile(r"\\([0-9])")
_CACHED: Final = 50_000


class Thing(NamedTuple):
    """What a link points at: `kind` names the sort, `id` which one."""

    kind: str | None
    id: str | None


NOTHING: Final = Thing(None, None)


class EntityFinder:
    """Finds what the urls of a site point at, and remembers what it found (bounded)."""

    def __init__(self, rules: Sequence[Entity], site_host: str | None) -> None:
        self._rules = rules
        self._site_host = site_host
        self._by_host: dict[str, tuple[Entity, ...]] = {}
        self._found: dict[tuple[str, str], Thing] = {}

    def find(self, url: str, host: str, role: str) -> Thing:
        """By the first rule that fits the canonical url of a link with this role."""
        found = self._found.get((url, role))
        if found is None:
            if len(self._found) >= _CACHED:
                self._found.clear()
            found = self._found[url, role] = self._by_rules(url, host, role)
        return found

    def _by_rules(self, url: str, host: str, role: str) -> Thing:
        rules = self._by_host.get(host)
        if rules is None:
            rules = self._by_host[host] = tuple(
                rule for rule in self._rules if _holds_for(rule, host, self._site_host)
            )
        for rule in rules:
            if (
                rule.contains in url
                and rule.role in ("", role)
                and (found := _by_rule(rule, url)) is not None
            ):
                return found
        return NOTHING


def _holds_for(rule: Entity, host: str, site_host: str | None) -> bool:
    for name in rule.hosts:
        if name == "{site}":
            fits = site_host is not None and host.removeprefix("www.") == site_host.removeprefix("www.")
        elif name.startswith("*."):
            fits = host == name[2:] or host.endswith(name[1:])
        else:
            fits = host.removeprefix("www.") == name.removeprefix("www.")
        if fits:
            return True
    return not rule.hosts


def _by_rule(rule: Entity, url: str) -> Thing | None:
    found = pattern(rule.url).search(url)
    if found is None or (rule.unless and pattern(rule.unless).search(url)):
        return None
    name = _GROUP.sub(lambda group: found[int(group[1])] or "", rule.id)
    return Thing(rule.kind, name.lower() if rule.fold else name) if name else None
