"""Posts that are one article."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest

from pipelines.normalise.duplicates import duplicates
from pipelines.normalise.rules import load_rules
from pipelines.normalise.sources import bare_text, text_hash
from warehouse import contracts

RULES = load_rules()
SOURCE = {"source_url": None, "source_id": None, "text_hash": None}
POST = {"name": None, "body_hash": None, "characters": 1}


def clusters(**posts: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """(cluster_id, path, reason) of posts given by path."""
    paths = list(posts)
    sources = [{"path": path, **SOURCE, **{k: v for k, v in posts[path].items() if k in SOURCE}} for path in paths]
    files = [
        {"path": path, **POST, "name": path, "body_hash": path, **{k: v for k, v in posts[path].items() if k in POST}}
        for path in paths
    ]
    texts = dict.fromkeys(("path", *SOURCE), pl.String)
    of_files = {"path": pl.String, "name": pl.String, "body_hash": pl.String, "characters": pl.Int64}
    unsigned = contracts.empty("near_signatures").lazy()
    found = duplicates(pl.LazyFrame(files, schema=of_files), pl.LazyFrame(sources, schema=texts), unsigned, RULES)
    return found.select("cluster_id", "path", "reason").rows()


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        pytest.param({"source_id": "X1"}, {"source_id": "X1"}, "source_id", id="source id"),
        pytest.param(
            {"source_id": "NW202204150000000001"},
            {"source_id": "202204150000000001"},
            "source_id",
            id="two feeds of one outlet",
        ),
        pytest.param(
            {"source_url": "http://e.com/a"}, {"source_url": "https://www.e.com/a"}, "source_url", id="source"
        ),
        pytest.param(
            {"source_url": "http://choicewzp1.eastmoney.com/html_News/NewsShare.html?infoCode=1"},
            {"source_url": "http://finews.zning.xyz/html_News/NewsShare.html?infoCode=1"},
            "source_url",
            id="a host that stands for another",
        ),
        pytest.param({"text_hash": "1"}, {"text_hash": "1"}, "text", id="text"),
        pytest.param(
            {"name": "n", "body_hash": "h"}, {"name": "n", "body_hash": "h"}, "text", id="a file in two folders"
        ),
        pytest.param(
            {"source_id": "1", "text_hash": "1"}, {"source_id": "1", "text_hash": "1"}, "source_id", id="strongest"
        ),
    ],
)
def test_one_article(one: Mapping[str, object], other: Mapping[str, object], reason: str) -> None:
    assert clusters(a=one, b=other) == [("a", "a", reason), ("a", "b", reason)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({}, {}, id="nothing known"),
        pytest.param({"source_id": "1"}, {"source_id": "2"}, id="another source id"),
        pytest.param(
            {"source_url": "https://e.com/"}, {"source_url": "https://e.com/"}, id="a site's home is no article"
        ),
        pytest.param({"source_url": "https://e.com/?a"}, {"source_url": "https://e.com/?b"}, id="another query"),
        pytest.param({"name": "n", "body_hash": "1"}, {"name": "n", "body_hash": "2"}, id="the same name alone"),
        pytest.param(
            {"name": "n", "body_hash": "h", "characters": 0},
            {"name": "n", "body_hash": "h", "characters": 0},
            id="empty",
        ),
    ],
)
def test_two_articles(one: Mapping[str, object], other: Mapping[str, object]) -> None:
    assert clusters(a=one, b=other) == []


def test_clusters_are_connected_and_each_post_has_its_strongest_reason() -> None:
    found = clusters(c={"text_hash": "t"}, b={"text_hash": "t", "source_id": "1"}, a={"source_id": "1"}, d={})
    assert found == [("a", "a", "source_id"), ("a", "b", "source_id"), ("a", "c", "text")]


TEXT = "A text that is long enough to be told from another one by its letters alone."


@pytest.mark.parametrize(
    ("other", "anchors"),
    [
        pytest.param(TEXT.replace(" ", " \n"), [], id="blanks"),
        pytest.param(f"{TEXT}\n\nhttps://e.com/x\n\nBack | Home", ["https://e.com/x", "Back", "Home"], id="last lines"),
    ],
)
def test_texts_that_are_one(other: str, anchors: list[str]) -> None:
    assert text_hash(bare_text(other, anchors)) == text_hash(bare_text(TEXT, []))


@pytest.mark.parametrize("ending", ["（文章来源：松河日报）", "（文章来源：南浦都市报）\n\n"], ids=["one", "another"])
def test_texts_that_name_another_publisher_at_the_end_are_one(ending: str) -> None:
    assert bare_text(f"{TEXT}\n\n{ending}", [], RULES.publishers) == bare_text(TEXT, [])


def test_a_publisher_named_before_the_end_is_text() -> None:
    text = f"（文章来源：松河日报）{TEXT}"
    assert bare_text(text, [], RULES.publishers) == bare_text(text, [])


def test_other_texts_are_not() -> None:
    assert text_hash(bare_text(TEXT + "!?", [])) != text_hash(bare_text(TEXT.replace("letters", "words"), []))


def test_a_short_text_is_no_evidence() -> None:
    assert text_hash(bare_text("Nothing to see here.", [])) is None
