"""The macro `search`: what it finds among a few posts, and in which order."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tables import post, table, write_lake
from warehouse import database
from warehouse.connection import connect

TEXTS: dict[str, tuple[str | None, str]] = {
    "python": ("Notes", "PYTHON and\nits friends: café, naïve."),
    "snake": ("Snakes", "A pythoness is no C++ program; nor is .NET 100% a_b."),
    "wide": ("全角", "ＧＤＰ増加、Ｐｙｔｈｏｎ、ｶﾞｲﾄﾞﾌﾞｯｸ。"),
    "simplified": ("国家发展", "气候变化与碳税，人民币汇率。"),
    "traditional": ("國家發展", "氣候變化與碳稅，人民幣匯率。"),
    "korean": ("쿠버네티스에서", "데이터베이스를 관리하는 방법"),
    "japanese": ("資本市場", "データベースを使う。"),
    "quotes": ("It's", "it's {0} and {1}; '); DROP TABLE posts; -- \\E [x] (y $1 ^"),
    "compost": ("Garden", "compost heap; Signposts."),
    "posts": ("Blog", "Two posts, a carbon\n  tax, football."),
    "untitled": (None, "unheard of"),
    "owner": (None, "x"),
}


def _post(name: str, title: str | None = None, **more: Any) -> dict[str, Any]:
    return post(f"_posts/2022-04-15-{name}.md", title=title, **more)


def stage(build: Path, posts: list[dict[str, Any]], texts: dict[str, str]) -> Path:
    """Return a database of these posts; their texts by name. An excerpt ends at the first empty line."""
    bodies = [{"path": row["path"], "month": row["month"], "text": texts[row["path"][18:-3]]} for row in posts]
    for row, body in zip(posts, bodies, strict=True):
        own = "excerpt" in row.get("front_matter", "")
        body["excerpt_characters"] = None if own else len(body["text"].split("\n\n")[0])
    counted = [row | {"characters": len(body["text"])} for row, body in zip(posts, bodies, strict=True)]
    write_lake(build, posts=table("posts", *counted), post_bodies=table("post_bodies", *bodies))
    return database.stage(build, None)


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    posts = [_post(name, title) for name, (title, _) in TEXTS.items()]
    posts[-1]["front_matter"] = '{"excerpt": "abridged by hand"}'
    staged = stage(tmp_path_factory.mktemp("search"), posts, {name: text for name, (_, text) in TEXTS.items()})
    with connect(staged) as connection:
        yield connection


def found(connection: duckdb.DuckDBPyConnection, words: str) -> list[str]:
    """The names of the posts found, best first."""
    return [path[18:-3] for (path,) in connection.execute("SELECT path FROM search(?)", [words]).fetchall()]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        pytest.param("python", {"python", "snake", "wide"}, id="case"),
        pytest.param("ｐｙｔｈｏｎ", {"python", "snake", "wide"}, id="wide_word"),
        pytest.param("gdp", {"wide"}, id="wide_text"),
        pytest.param("ガイド", {"wide"}, id="half_width_text"),
        pytest.param("ﾃﾞｰﾀﾍﾞｰｽ", {"japanese"}, id="half_width_word"),
        pytest.param("气候变化", {"simplified", "traditional"}, id="simplified"),
        pytest.param("國家 匯率", {"simplified", "traditional"}, id="traditional"),
        pytest.param("민", set(), id="nothing"),
        pytest.param("데이터베이스", {"korean"}, id="korean_before_a_particle"),
        pytest.param("네티스", {"korean"}, id="korean_within_a_word"),
        pytest.param("市場", {"japanese"}, id="japanese_within_a_word"),
        pytest.param("notes friends", {"python"}, id="one_in_title_one_in_text"),
        pytest.param("python 碳税", set(), id="all_words"),
        pytest.param("post", {"posts", "quotes"}, id="where_a_word_begins"),
        pytest.param('"post"', set(), id="a_whole_word"),
        pytest.param('"carbon tax"', {"posts"}, id="phrase_over_lines"),
        pytest.param('"tax carbon"', set(), id="phrase_in_order"),
        pytest.param("“carbon　tax”", {"posts"}, id="chinese_quotes"),
        pytest.param("python -snake", {"python", "wide"}, id="excluded_title"),
        pytest.param("气候 -碳稅", set(), id="excluded_in_each_spelling"),
        pytest.param('python -"no c++"', {"python", "wide"}, id="excluded_phrase"),
        pytest.param("CAFÉ", {"python"}, id="accents"),
        pytest.param("c++", {"snake"}, id="punctuation"),
        pytest.param(".net", {"snake"}, id="leading_dot"),
        pytest.param("100%", {"snake"}, id="percent"),
        pytest.param("a_b", {"snake"}, id="underscore"),
        pytest.param("p%n", set(), id="no_wildcard"),
        pytest.param("p.thon", set(), id="no_pattern"),
        pytest.param("it's '); drop table", {"quotes"}, id="sql"),
        pytest.param("{0} {1}", {"quotes"}, id="braces"),
        pytest.param(r"\E [x] (y $1", {"quotes"}, id="escapes"),
        pytest.param('python "', {"python", "snake", "wide"}, id="an_open_quote"),
        pytest.param("unheard", {"untitled"}, id="without_title"),
        pytest.param("abridged", {"owner"}, id="front_matters_excerpt"),
        pytest.param("x -abridged", {"quotes"}, id="excluded_front_matters_excerpt"),
        pytest.param("a two posts tax carbon football blog two posts", {"posts"}, id="many_words"),
    ],
)
def test_which_posts_are_found(words: str, names: set[str], texts: duckdb.DuckDBPyConnection) -> None:
    assert set(found(texts, words)) == names


@pytest.mark.parametrize("words", ["", "  ", '""', "-football", "-"])
def test_a_search_for_nothing_is_an_error(words: str, texts: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.Error, match="which words"):
        found(texts, words)


HOSTILE = st.text(st.sampled_from("ab '\\-+({[|^$.*?%_\n\x7fAガ气國É"), min_size=1, max_size=12)


@settings(deadline=None, max_examples=25)
@given(HOSTILE.map(lambda text: text.strip(" -\n")).filter(bool))
def test_whatever_is_sought_fits_itself(texts: duckdb.DuckDBPyConnection, words: str) -> None:
    """The query that is written for it runs, and its pattern fits what it was made from."""
    texts.execute("SELECT count(*) FROM search(?)", [words]).fetchall()
    fits = texts.execute("SELECT regexp_matches($1, stored.search_marks('\"' || $1 || '\"'))", [words]).fetchall()
    assert fits == [(True,)]


DAY = datetime(2022, 4, 15, tzinfo=UTC)
RANKED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "inatitle": ({"title": "Inatitle"}, {"text": "inatitle inatitle inatitle"}),
    "inashorttitle": ({"title": "Inashorttitle"}, {"title": "Inashorttitle and many other things"}),
    "asawholeword": ({"title": "It is asawholeword"}, {"title": "Asawholewords"}),
    "inanexcerpt": ({"text": "inanexcerpt\n\nand so on"}, {"text": "and so on\n\ninanexcerpt inanexcerpt"}),
    "inanownexcerpt": (
        {"front_matter": '{"excerpt": "inanownexcerpt"}'},
        {"text": "x\n\ninanownexcerpt inanownexcerpt"},
    ),
    "moreoften": ({"text": "moreoften moreoften"}, {"text": "moreoften and"}),
    "inashorttext": ({}, {"text": "inashorttext" + " and so on" * 50}),
    "innewerposts": ({"published_at": DAY.replace(day=16)}, {"published_at": DAY}),
}
"""For each word two posts, of which the first is better: by default with the word once in the text."""


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The worse post has the smaller path, so that a tie would put it first."""
    usual = {
        f"{word}-{n}": {"text": word, "title": "x"} | row
        for word, rows in RANKED.items()
        for n, row in zip((2, 1), rows, strict=True)
    }
    texts = {name: str(row.pop("text")) for name, row in usual.items()}
    staged = stage(tmp_path_factory.mktemp("ranked"), [_post(name, **row) for name, row in usual.items()], texts)
    with connect(staged) as connection:
        yield connection


@pytest.mark.parametrize("word", RANKED)
def test_what_ranks_higher(word: str, ranked: duckdb.DuckDBPyConnection) -> None:
    assert found(ranked, word) == [f"{word}-2", f"{word}-1"]


def test_a_row_says_what_a_list_needs(texts: duckdb.DuckDBPyConnection) -> None:
    result = texts.execute("SELECT * EXCLUDE (score) FROM search('football')")
    names = [column[0] for column in result.description or []]
    assert dict(zip(names, result.fetchall()[0], strict=True)) == {
        "published_on": date(2022, 4, 15),
        "state": "published",
        "title": "Blog",
        "url": "",
        "path": "_posts/2022-04-15-posts.md",
        "month": "2022-04",
        "occurrences": 1,
        "snippet": "Two posts, a carbon tax, football.",
    }


def test_a_snippet_is_of_the_place_where_a_word_is_found(tmp_path: Path) -> None:
    staged = stage(tmp_path, [_post("a")], {"a": "before " * 30 + "the word " + "after " * 40})
    with connect(staged) as connection:
        ((snippet,),) = connection.execute("SELECT snippet FROM search('word')").fetchall()
    assert (snippet[0], snippet[-1], "the word after" in snippet, len(snippet) <= 162) == ("…", "…", True, True)


def test_the_macro_has_a_comment(texts: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT comment FROM duckdb_functions() WHERE function_name = 'search' AND database_name = 'warehouse'"
    ((comment,),) = texts.execute(query).fetchall()
    assert "best first" in comment
