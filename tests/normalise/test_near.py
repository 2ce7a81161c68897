"""Posts that are nearly the same text."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.normalise import near
from pipelines.normalise.archive import summarise
from pipelines.normalise.posts import normalise
from pipelines.normalise.rules import Rules, load_rules
from tests.normalise.frames import SITE, Post, as_lake, as_read
from warehouse import contracts


def rules(least: float) -> Rules:
    built_in = load_rules()
    return dataclasses.replace(built_in, duplicates=dataclasses.replace(built_in.duplicates, near=least))


def text(*clauses: object) -> str:
    return "，".join(f"第{clause}条消息说明了一些事情" for clause in clauses)


def signed(*texts: str) -> pl.DataFrame:
    rows = [(f"{n}.md", "2022-04") for n in range(len(texts))]
    keys = pl.DataFrame(rows, schema={"path": pl.String, "month": pl.String}, orient="row")
    return contracts.check("near_signatures", near.signatures(keys, texts))


def pairs(*texts: str, least: float = 0.8) -> list[tuple[str, str]]:
    return [(one, other) for one, other, _ in near.alike(signed(*texts).lazy(), least)]


BASE = text(*range(50))


@pytest.mark.parametrize(
    ("other", "found"),
    [
        pytest.param(text(*range(49)), True, id="a clause less"),
        pytest.param(text("new", *range(50)), True, id="a clause before"),
        pytest.param(text(*range(25), "new", *range(26, 50)), True, id="a clause changed"),
        pytest.param(text(*reversed(range(50))), True, id="another order"),
        pytest.param(BASE.replace("，", "。"), True, id="other punctuation"),
        pytest.param(text(*range(25), *range(100, 125)), False, id="half of it"),
        pytest.param(text(*range(100, 150)), False, id="another text of the same words"),
    ],
)
def test_texts_that_share_most_clauses_are_alike(other: str, found: bool) -> None:
    assert pairs(BASE, other) == ([("0.md", "1.md")] if found else [])


def test_case_does_not_count() -> None:
    written = "Alpha, beta; gamma. Delta: epsilon! Zeta? Eta (theta) iota, kappa.".replace(" ", "")
    assert pairs(written, written.upper()) == [("0.md", "1.md")]


@pytest.mark.parametrize("written", ["", "，，，", text(1, 2, 3), "no punctuation at all " * 50], ids=repr)
def test_texts_of_few_clauses_are_not_compared(written: str) -> None:
    assert signed(written).is_empty()


def test_similarity_is_below_one() -> None:
    [(_, _, similarity)] = near.alike(signed(BASE, BASE).lazy(), 0.8)
    assert 0.99 < similarity < 1


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 50))
def test_similarity_is_the_share_of_clauses(kept: int) -> None:
    one, other = signed(BASE, text(*range(kept), *range(100, 150 - kept)))["signature"]
    assert abs(near._similarity(one, other) - kept / (100 - kept)) < 0.2


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=5))
def test_any_text_can_be_signed(texts: list[str]) -> None:
    assert signed(*texts).height <= len(texts)


def test_signatures_do_not_depend_on_what_else_is_signed() -> None:
    assert signed(BASE, text(*range(9)))["signature"][0] == signed(BASE)["signature"][0]


def test_many_alike_are_one_cluster() -> None:
    made = near.alike(signed(*(text(n + 100, *range(60)) for n in range(40))).lazy(), 0.8)
    assert {path for one, other, _ in made for path in (one, other)} == {f"{n}.md" for n in range(40)}


def test_off_by_default() -> None:
    assert "near_signatures" not in normalise(*as_read(Post(BASE)), SITE, load_rules())


def test_near_duplicates_are_clusters_with_their_similarity() -> None:
    posts, bodies, links = as_read(Post(BASE), Post(text("new", *range(50))), Post(BASE), Post(text(*range(90, 140))))
    found = summarise(as_lake(posts, bodies, links, rules(0.8)), rules(0.8))["duplicates"]
    exactly = {"_posts/001.md": "text", "_posts/002.md": "near", "_posts/003.md": "text"}
    assert dict(found.select("path", "reason").iter_rows()) == exactly
    assert found["cluster_id"].unique().to_list() == ["_posts/001.md"]
    assert found.filter(pl.col("reason") == "near")["similarity"].item() < 1
