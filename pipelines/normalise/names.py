"""Which keys are one term, and what a term is called, by the whole archive's evidence and the owner's word."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import polars as pl

from pipelines.normalise import terms
from pipelines.normalise.rules import Rules


class Term(NamedTuple):
    """A canonical term: its id, its name, and the keys that belong to it."""

    id: str
    name: str
    keys: frozenset[str]


def canonical(kind: str, spellings: pl.DataFrame, rules: Rules) -> list[Term]:
    """The canonical terms of a kind ("category" or "tag"), by id.

    Args:
        spellings: spelling, key, posts (that have it); keys are not null.
    """
    owner = _said_to_be_one(kind, rules)
    members: defaultdict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for spelling, key, posts in spellings.select("spelling", "key", "posts").iter_rows():
        members[owner.get(key, key)].append((-posts, spelling, key))
    return sorted(
        Term(id=term, name=min(spelt)[1], keys=frozenset(key for _, _, key in spelt))
        for term, spelt in members.items()
    )


def _said_to_be_one(kind: str, rules: Rules) -> dict[str, str]:
    """The id of each key that the owner's rules join to others; the first rule that names a key holds."""
    ids: dict[str, str] = {}
    for rule in rules.same:
        if rule.kind == kind:
            keys = [key for term in rule.terms if (key := terms.key(term, rules.terms)) is not None]
            first = next((ids[key] for key in keys if key in ids), keys[0] if keys else "")
            ids = {key: first for key in keys} | ids
    return ids
