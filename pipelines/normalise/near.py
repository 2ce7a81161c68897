"""Which posts are nearly the same text, by MinHash: the rules switch it on (`duplicates.near`).

Compared are clauses, what stands between two marks of punctuation: cheap to find in any script, and a text that a
program filled in anew, with other names and numbers, is another text. A post's signature depends on its text alone;
which signatures are alike, on the whole archive.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl
import rensa

SIGNATURE_BYTES: Final = 128
"""Minima kept of each text, a byte each: similarities are right within 0.07, nineteen times of twenty."""

_MINIMA: Final = struct.Struct(f"<{SIGNATURE_BYTES}I")
"""Little endian, so that the lowest byte of each comes first."""

_BAND_BYTES: Final = 8
"""Two texts are compared if one of 16 bands is equal: 95 % of those with similarity 0.8, all but 0.3 % of 0.85."""

_SEED: Final = 1
_FEWEST_CLAUSES: Final = 8
_CLAUSE_ENDS: Final = bytes.maketrans(b'.;:!?()"ABCDEFGHIJKLMNOPQRSTUVWXYZ', b"," * 8 + b"abcdefghijklmnopqrstuvwxyz")
"""Case does not count. Bytes of ASCII occur in no other character of UTF-8."""

_WIDE_CLAUSE_ENDS: Final = "，。；：！？、"
_NEARLY: Final = 1 - 1 / 256
"""What is told of texts whose signatures are equal: near duplicates are not the same."""


def signatures(keys: pl.DataFrame, bare_texts: Sequence[str]) -> pl.DataFrame:
    """The table `near_signatures` of some posts; those with too few clauses to compare have no row.

    Args:
        keys: path, month.
        bare_texts: their texts, as `sources.bare_text` makes them.
    """
    clauses = [_clauses(text) for text in bare_texts]
    long_enough = [len(of_one) >= _FEWEST_CLAUSES for of_one in clauses]
    wanted = [of_one for of_one, is_long in zip(clauses, long_enough, strict=True) if is_long]
    minima = rensa.RMinHash.digest_matrix_from_token_byte_sets(wanted, SIGNATURE_BYTES, _SEED).to_rows()
    signed = [_MINIMA.pack(*row)[::4] for row in minima]
    return keys.filter(pl.Series(long_enough, dtype=pl.Boolean)).with_columns(
        signature=pl.Series(signed, dtype=pl.Binary)
    )


def _clauses(bare: str) -> set[bytes]:
    if not bare.isascii():
        for mark in _WIDE_CLAUSE_ENDS:
            bare = bare.replace(mark, ",")
    text = bare.encode().translate(_CLAUSE_ENDS)
    clauses = set(text.split(b","))
    clauses.discard(b"")
    return clauses


def alike(signed: pl.LazyFrame, least: float) -> Iterator[tuple[str, str, float]]:
    """Pairs of posts whose texts are alike, with how much, from `least` to less than 1; each pair once.

    Of many posts with an equal band each is compared with the first and the one before it, not with all: enough to
    find them one cluster.

    Args:
        signed: path, signature of all posts.
    """
    posts = signed.select("path", "signature").sort("path").collect()
    bands = [
        posts.lazy()
        .select("path", band=pl.col("signature").bin.slice(at, _BAND_BYTES))
        .filter(pl.len().over("band") > 1)
        .select(
            "path",
            first=pl.col("path").first().over("band"),
            before=pl.col("path").shift().over("band"),
        )
        .unpivot(index="path", value_name="other")
        .select("other", "path")
        .filter(pl.col("other") < pl.col("path"))
        for at in range(0, SIGNATURE_BYTES, _BAND_BYTES)
    ]
    pairs = pl.concat(bands).unique().sort("other", "path").collect()
    by_path = dict(posts.join(_either(pairs), on="path", how="semi").iter_rows())
    for one, other in pairs.iter_rows():
        similarity = _similarity(by_path[one], by_path[other])
        if similarity >= least:
            yield one, other, min(similarity, _NEARLY)


def _either(pairs: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([pairs.select("path"), pairs.select(path="other")]).unique()


def _similarity(one: bytes, other: bytes) -> float:
    """The share of equal minima, less those that are equal by chance."""
    equal = sum(a == b for a, b in zip(one, other, strict=True)) / SIGNATURE_BYTES
    return round(max(0.0, (equal - 1 / 256) / (1 - 1 / 256)), 3)
