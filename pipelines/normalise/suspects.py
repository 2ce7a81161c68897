"""Pairs of canonical terms that are probably one, though no rule joins them: for the owner to answer.

Spelling proposes: the same letters, the same words in another order, a plural, one slip of the pen. What the terms come
with weighs: the same terms of the other kind speak for a pair, standing beside each other in a post against it.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import polars as pl

from pipelines.normalise.names import Term

THRESHOLD: Final = 0.75
_SHORTEST: Final = 4
_LONGEST: Final = 100
"""Letters of a term in which a slip is looked for: the work is the square of their number."""
_NOT_LETTERS: Final = re.compile(r"[^\w+#]|_")
_WORDS: Final = re.compile(r"[-./ ]+")

_SAME_LETTERS, _SAME_BUT_ACCENTS, _SAME_WORDS, _PLURAL = 0.95, 0.9, 0.9, 0.88


class Suspect(NamedTuple):
    """A row of `suspects` but for its kind."""

    term: str
    other: str
    score: float
    posts: int
    other_posts: int


def suspects(
    canonical: Sequence[Term], rows: pl.DataFrame, company: pl.DataFrame, denied: Iterable[frozenset[str]]
) -> list[Suspect]:
    """Pairs of terms of one kind, likeliest first.

    Args:
        canonical: the terms of this kind.
        rows: post, id: each of them once a post.
        company: post, id: the posts' terms of the other kind.
        denied: sets of keys that are different terms, the owner says.
    """
    owners = [frozenset(owner) for owner in denied]
    id_of = {key: term.id for term in canonical for key in term.keys}
    proposed: dict[tuple[str, str], float] = {}
    for one, two, likeness in _alike(sorted(id_of)):
        pair = (min(id_of[one], id_of[two]), max(id_of[one], id_of[two]))
        if pair[0] != pair[1] and not any(one in owner and two in owner for owner in owners):
            proposed[pair] = max(likeness, proposed.get(pair, 0.0))
    if not proposed:
        return []
    wanted = {term for pair in proposed for term in pair}
    posts: dict[str, int] = dict(rows.group_by("id").len().iter_rows())
    together = _together(rows, wanted)
    met = _met(rows, company, wanted)
    common: dict[str, int] = dict(company.group_by("id").len().iter_rows())
    found = []
    for (one, two), likeness in proposed.items():
        score = _score(likeness, posts[one], posts[two], together[one, two], _company(met[one], met[two], common))
        if score >= THRESHOLD:
            term, other = sorted((one, two), key=lambda term: (-posts[term], term))
            found.append(Suspect(term, other, round(score, 3), posts[term], posts[other]))
    return sorted(found, key=lambda suspect: (-suspect.score, suspect.term, suspect.other))


def _alike(keys: Sequence[str]) -> Iterator[tuple[str, str, float]]:
    """Pairs of keys alike in spelling, with how much from 0 to 1; a pair may come more than once."""
    by_letters: defaultdict[str, list[str]] = defaultdict(list)
    by_bare_letters: defaultdict[str, list[str]] = defaultdict(list)
    by_words: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    by_all_but_one: defaultdict[str, list[str]] = defaultdict(list)
    for key in keys:
        letters = _NOT_LETTERS.sub("", key)
        by_letters[letters].append(key)
        by_bare_letters[_without_accents(letters)].append(key)
        words = _WORDS.split(key)
        if len(words) > 1:
            by_words[tuple(sorted(words))].append(key)
    for letters in by_letters:
        if _SHORTEST - 1 <= len(letters) <= _LONGEST:
            for left_out in {letters, *(letters[:place] + letters[place + 1 :] for place in range(len(letters)))}:
                by_all_but_one[left_out].append(letters)
    for group in by_letters.values():
        yield from ((one, two, _SAME_LETTERS) for one, two in _pairs(group))
    for group in by_bare_letters.values():
        yield from ((one, two, _SAME_BUT_ACCENTS) for one, two in _pairs(group))
    for group in by_words.values():
        yield from ((one, two, _SAME_WORDS) for one, two in _pairs(group))
    for letters in sorted(by_letters):
        if singular := _singular(letters):
            yield from ((one, two, _PLURAL) for one in by_letters.get(singular, ()) for two in by_letters[letters])
    seen: set[tuple[str, str]] = set()
    for group in by_all_but_one.values():
        for one, two in _pairs(group):
            if (one, two) not in seen and (likeness := _slip(one, two)):
                seen.add((one, two))
                for first, second in itertools.product(by_letters[one], by_letters[two]):
                    # Of a function's name, parent() and parents(), there is no plural.
                    if likeness != _PLURAL or (not first.endswith(")") and not second.endswith(")")):
                        yield first, second, likeness


def _singular(letters: str) -> str | None:
    """Of what an English plural of more than an s would be one."""
    if letters.endswith("ies"):
        return letters[:-3] + "y"
    return letters[:-2] if letters.endswith(("ches", "shes", "sses", "xes")) else None


def _without_accents(letters: str) -> str:
    if letters.isascii():
        return letters
    return "".join(letter for letter in unicodedata.normalize("NFD", letters) if not "\u0300" <= letter <= "\u036f")


_MOST: Final = 200
"""Members of a group of alike spellings from which on it says nothing: single letters of a large archive."""


def _pairs(group: Sequence[str]) -> Iterator[tuple[str, str]]:
    if len(group) <= _MOST:
        for place, one in enumerate(group):
            for two in group[place + 1 :]:
                yield one, two


def _slip(one: str, two: str) -> float:
    """How likely one is the other with one letter more, less, another, or two exchanged; 0 for more than that."""
    if len(one) > len(two):
        one, two = two, one
    if len(two) < _SHORTEST or one == two:
        return 0.0
    start = next((place for place, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), len(one))
    if len(one) < len(two):
        if one[start:] != two[start + 1 :]:
            return 0.0
        differing = two[start]
        is_doubled = start > 0 and two[start - 1] == differing
        if start == len(one) and differing == "s" and len(one) >= _SHORTEST - 1:
            return _PLURAL
        weight = 1.0 if is_doubled else 0.95 if 0 < start < len(one) else 0.7
    elif one[start + 1 :] == two[start + 1 :]:
        differing = one[start] + two[start]
        weight = 0.9 if 0 < start < len(one) - 1 else 0.72
    elif one[start : start + 2] == two[start : start + 2][::-1] and one[start + 2 :] == two[start + 2 :]:
        differing = one[start : start + 2]
        weight = 1.05 if start else 0.95
    else:
        return 0.0
    if any(letter.isdigit() for letter in differing):
        return 0.35  # versions and years; only what they come with can say more
    if any(letter in "+#" for letter in differing):
        return 0.1
    return weight * (1 - 1 / len(two))


def _score(likeness: float, posts: int, other_posts: int, together: int, company: float) -> float:
    """From the likeness of spelling; posts with each, with both; and how alike and their own their company is."""
    score = likeness
    fewer, more = sorted((posts, other_posts))
    if likeness < _PLURAL:
        # A slip is rare beside what was meant; two words that differ in a letter are both in use.
        score *= 1.05 if fewer * 10 <= more else 0.9 if fewer > 3 else 1.0
    if together:
        score *= 1 - 0.5 * min(1.0, 2 * together / fewer)
    return min(1.0, max(score, 0.85 * company) if likeness > 0.3 else score)


def _together(rows: pl.DataFrame, wanted: Iterable[str]) -> Counter[tuple[str, str]]:
    """In how many posts two terms stand beside each other; the lesser id first."""
    some = rows.select("post", "id").filter(pl.col("id").is_in(sorted(wanted)))
    pairs = some.join(some, on="post").filter(pl.col("id") < pl.col("id_right")).group_by("id", "id_right").len()
    return Counter({(one, two): number for one, two, number in pairs.iter_rows()})


def _met(rows: pl.DataFrame, company: pl.DataFrame, wanted: Iterable[str]) -> Mapping[str, Counter[str]]:
    """How often each term comes with each of the other kind."""
    some = rows.select("post", "id").filter(pl.col("id").is_in(sorted(wanted)))
    counted = some.join(company.select("post", other="id"), on="post").group_by("id", "other").len()
    met: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for term, other, number in counted.iter_rows():
        met[term][other] = number
    return met


def _company(one: Counter[str], two: Counter[str], common: Mapping[str, int]) -> float:
    """1 where two terms come with the same, and nothing else does; 0 where they share nothing or what all have."""
    if not one or not two:
        return 0.0
    all_one, all_two = one.total(), two.total()
    shared = sum(min(number / all_one, two[other] / all_two) for other, number in one.items())
    own = sum(one[other] + two[other] for other in one.keys() & two.keys())
    everywhere = sum(common[other] for other in one.keys() & two.keys())
    return shared * own / everywhere if everywhere else 0.0
