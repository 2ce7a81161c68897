"""Which keys are one term, and what a term is called: by the whole archive's evidence and the owner's word.

Two things an archive says of itself that no list could: that a name with a blank was split in two by Jekyll, and that a
category is the slug of a name which the tag beside it spells out. How a spelling becomes a key: `terms`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import polars as pl

from pipelines.normalise import terms
from pipelines.normalise.clusters import Clusters
from pipelines.normalise.rules import Rules

CONVENTION: Final = 0.9
"""The share of posts from which on a way of writing is the archive's own, and what differs an exception."""

_CONVENTION_POSTS: Final = 20
_ALWAYS: Final = 0.95
_COUPLED: Final = 0.5
_ENDING_SHARE: Final = 0.8
_ENDING_TERMS: Final = 3
_LONGEST_ENDING: Final = 4

_SLUG: Final = re.compile(r"[\x21-\x7e]*[A-Za-z][\x20-\x7e]*")


class Term(NamedTuple):
    """A canonical term: its id, its name, and the keys that belong to it."""

    id: str
    name: str
    keys: frozenset[str]


class SplitName(NamedTuple):
    """A name with blanks that Jekyll split: as written, and the keys of its parts."""

    written: str
    parts: tuple[str, ...]
    posts: int
    alone: int
    """Posts whose one term is the first part."""


def canonical(kind: str, spellings: pl.DataFrame, split: Iterable[SplitName], rules: Rules) -> list[Term]:
    """The canonical terms of a kind ("category" or "tag"), by id; their keys are disjoint and all keys there are.

    Args:
        spellings: spelling, key, posts (that have it); keys are not null.
        split: names that are one though Jekyll has them in parts (`split_names`).
        rules: what the owner says (`same`, `different`) beats all evidence.
    """
    apart = [set(keys(rule.terms, rules)) for rule in rules.different if rule.kind == kind]
    clusters: Clusters[str] = Clusters()
    whole: dict[str, SplitName] = {}
    for name in split:
        if not any(len(owner & set(name.parts)) > 1 for owner in apart):
            clusters.join((*name.parts, *keys([name.written], rules)))
            whole[name.parts[0]] = name
    chosen: list[str] = []
    for rule in rules.same:
        if rule.kind == kind and (said := keys(rule.terms, rules)):
            clusters.join(said)
            chosen.append(said[0])

    spelt: defaultdict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for spelling, key, posts in spellings.select("spelling", "key", "posts").iter_rows():
        spelt[clusters.root(key)].append((-posts, spelling, key))
    ids = {clusters.root(key): key for key in reversed(chosen)}
    return sorted(_term(members, ids.get(root), whole, rules) for root, members in spelt.items())


def _term(
    spelt: Sequence[tuple[int, str, str]], chosen: str | None, whole: Mapping[str, SplitName], rules: Rules
) -> Term:
    """The term of some spellings, each as posts (negative), spelling, key."""
    by_key: Counter[str] = Counter()
    for posts, _, key in spelt:
        by_key[key] += posts
    split = [whole[key] for key in sorted(by_key) if key in whole]
    first = split[0].parts[0] if split else min(by_key, key=lambda key: (by_key[key], key))
    name = terms.tidy(min((posts, spelling) for posts, spelling, key in spelt if key == first)[1], rules.terms)
    if split and split[0].posts >= split[0].alone:
        name = split[0].written
    return Term(chosen or first, name, frozenset(by_key))


def split_names(posts: pl.DataFrame, key_of: Mapping[str, str | None]) -> list[SplitName]:
    """Names with blanks that Jekyll split in two or more terms, recognised by how the archive is written.

    A text of several words is one name where the archive as a rule gives a post one term (in nine of ten posts, of 20
    or more), or where the posts' terms of the other kind are split likewise, always the same; and where every word
    after the first stands in no other text.

    Args:
        posts: a post with terms a row: terms (Jekyll's), text (the front matter's, where it is one text), others (the
            terms of the other kind).
        key_of: the key of each spelling.
    """
    count = pl.col("terms").list.len()
    single = posts.filter(count == 1).height
    convention = posts.height >= _CONVENTION_POSTS and single >= CONVENTION * posts.height
    several = (
        posts.filter(count.is_between(2, 4), pl.col("text").is_not_null())
        .group_by("terms", "others")
        .agg(text=pl.col("text").min(), posts=pl.len())
        .sort("text", "terms", "others")
    )
    others: defaultdict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    seen: Counter[tuple[str, ...]] = Counter()
    written: dict[tuple[str, ...], str] = {}
    for names, other, text, number in several.iter_rows():
        keys = tuple(key_of.get(name) or "" for name in names)
        if "" not in keys and len(set(keys)) == len(keys) and text.split() == names:
            others[keys].append(tuple(other))
            seen[keys] += number
            written.setdefault(keys, " ".join(names))
    if not seen:
        return []
    first_words = {keys[0] for keys in seen}
    later_words = {key for keys in seen for key in keys[1:]}
    wanted = [spelling for spelling, key in key_of.items() if key in first_words or key in later_words]
    rows = (
        posts.select("terms", alone=count == 1)
        .with_row_index("post")
        .explode("terms")
        .filter(pl.col("terms").is_in(wanted))
    )
    total: Counter[str | None] = Counter()
    alone: Counter[str | None] = Counter()
    for spelling, is_alone, number in rows.group_by("terms", "alone").agg(pl.col("post").n_unique()).iter_rows():
        total[key_of[spelling]] += number
        alone[key_of[spelling]] += number if is_alone else 0
    found = []
    for keys, number in sorted(seen.items()):
        likewise = set(others[keys])
        is_split_likewise = number > 1 and len(likewise) == 1 and len(next(iter(likewise))) == len(keys)
        if (
            (convention or is_split_likewise)
            and all(total[key] == number for key in keys[1:])
            and total[keys[0]] == number + alone[keys[0]]
        ):
            found.append(SplitName(written[keys], keys, number, alone[keys[0]]))
    return found


def spelt_out(pairs: pl.DataFrame, categories: Mapping[str, int], publishers: pl.DataFrame) -> dict[str, str]:
    """The names of categories that are slugs, from the tags that spell them out, by category id.

    Holds where a post as a rule has one category and one tag, and most posts' category is a slug in ASCII that always
    comes with the same tag in another script. An ending that most of these tags share, or that makes a tag of the name
    of its posts' publisher, is no part of the name.

    Args:
        pairs: category (id), tag (name), posts: of the posts that have exactly one category and one tag.
        categories: posts of each category, by id.
        publishers: tag (name), publisher, posts: of the same posts.
    """
    together = sum(pairs["posts"])
    if together < CONVENTION * sum(categories.values()):
        return {}
    coupled: dict[str, tuple[str, int]] = {}
    for category, tag, posts in pairs.iter_rows():
        if posts >= _ALWAYS * categories[category] and _SLUG.fullmatch(category) and not tag.isascii():
            coupled[category] = (tag, posts)
    if not coupled or sum(posts for _, posts in coupled.values()) < _COUPLED * together:
        return {}
    ending = _ending({tag for tag, _ in coupled.values()}, publishers)
    return {category: tag.removesuffix(ending) or tag for category, (tag, _) in coupled.items()}


def _ending(tags: set[str], publishers: pl.DataFrame) -> str:
    """What the tags have at their ends beside the name."""
    votes: Counter[str] = Counter()
    for tag, publisher, posts in publishers.iter_rows():
        if tag in tags and tag.startswith(publisher) and len(tag) - len(publisher) <= _LONGEST_ENDING:
            votes[tag[len(publisher) :]] += posts
    if votes:
        return min(votes, key=lambda ending: (-votes[ending], ending))
    if len(tags) < _ENDING_TERMS:
        return ""
    shared = Counter(tag[-length:] for tag in tags for length in range(1, _LONGEST_ENDING + 1) if length < len(tag))
    return max(
        (ending for ending, number in shared.items() if number >= _ENDING_SHARE * len(tags)),
        key=len,
        default="",
    )


def keys(spellings: Sequence[str], rules: Rules) -> list[str]:
    """The keys of spellings of which something is left."""
    return [key for spelling in spellings if (key := terms.key(spelling, rules.terms)) is not None]
