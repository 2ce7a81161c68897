"""Pairs of terms that may be one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import pytest

from pipelines.normalise.names import Term
from pipelines.normalise.suspects import Suspect, suspects


def rows(posts: Sequence[Sequence[str]]) -> pl.DataFrame:
    pairs = [(number, term) for number, terms in enumerate(posts) for term in terms]
    return pl.DataFrame(pairs, schema={"post": pl.UInt32, "id": pl.String}, orient="row")


def found(
    posts: Sequence[Sequence[str]],
    company: Sequence[Sequence[str]] = (),
    denied: Sequence[frozenset[str]] = (),
    keys: Mapping[str, str] | None = None,
) -> list[Suspect]:
    ids = {term for terms in posts for term in terms}
    canonical = [Term(term, term, frozenset({term, *(keys or {}).get(term, "").split()})) for term in sorted(ids)]
    return suspects(canonical, rows(posts), rows(company), denied)


@pytest.mark.parametrize(
    "pair",
    [
        pytest.param(("node.js", "nodejs"), id="a dot"),
        pytest.param(("github-actions", "githubactions"), id="a separator"),
        pytest.param(("promise", "promises"), id="plural"),
        pytest.param(("library", "libraries"), id="plural of y"),
        pytest.param(("checkbox", "checkboxes"), id="plural of x"),
        pytest.param(("javascript", "javscript"), id="a letter left out"),
        pytest.param(("design", "desiign"), id="a letter doubled"),
        pytest.param(("slideshow", "sildeshow"), id="letters exchanged"),
        pytest.param(("refactoring", "refaktoring"), id="a wrong letter"),
        pytest.param(("web-design", "design-web"), id="words in another order"),
        pytest.param(("editor", "editör"), id="an accent"),
        pytest.param(("21shijijingjibaodao", "21shijiejingjibaodao"), id="pinyin misspelt"),
    ],
)
def test_likely_one(pair: tuple[str, str]) -> None:
    assert [{one.term, one.other} for one in found([[pair[0]], [pair[0]], [pair[1]]])] == [set(pair)]


@pytest.mark.parametrize(
    "pair",
    [
        pytest.param(("css2", "css3"), id="versions"),
        pytest.param(("firefox", "firefox4"), id="with and without a version"),
        pytest.param(("git", "gist"), id="short words"),
        pytest.param(("mail", "gmail"), id="a letter before"),
        pytest.param(("rotatex", "rotatey"), id="the last letter"),
        pytest.param(("parent()", "parents()"), id="functions have no plural"),
        pytest.param(("c", "c++"), id="the Cs"),
        pytest.param(("notepad", "notepad++"), id="with pluses"),
        pytest.param(("react", "vue"), id="nothing alike"),
        pytest.param(("人民日报", "人民网报"), id="two names in Chinese"),
    ],
)
def test_not_likely_one(pair: tuple[str, str]) -> None:
    assert found([[pair[0]], [pair[0]], [pair[1]]]) == []


def test_what_they_come_with_and_nothing_else_does_makes_up_for_a_digit() -> None:
    posts = [["36ke"], ["36ke"], ["35ke"], ["other"]]
    company = [["样例新闻"], ["样例新闻"], ["样例新闻"], ["他"]]
    assert [one[:2] for one in found(posts, company)] == [("36ke", "35ke")]


def test_what_everything_comes_with_says_nothing() -> None:
    assert found([["36ke"], ["35ke"], ["other"], ["more"]], [["x"]] * 4) == []


def test_standing_beside_each_other_speaks_against() -> None:
    assert found([["polyfill", "ponyfill"]] * 3) == []


def test_the_commoner_comes_first_and_posts_are_counted() -> None:
    pair = found([["toools"], ["tools"], ["tools"]])[0]
    assert (pair.term, pair.other, pair.posts, pair.other_posts) == ("tools", "toools", 2, 1)


def test_what_the_owner_denies_is_not_asked_again() -> None:
    assert found([["tool"], ["tools"]], denied=[frozenset({"tool", "tools"})]) == []


def test_keys_of_one_term_do_not_suspect_each_other() -> None:
    assert found([["tool"]], keys={"tool": "tools"}) == []


def test_a_key_speaks_for_its_term() -> None:
    assert [one[:2] for one in found([["a"], ["a"], ["javascripts"]], keys={"a": "javascript"})] == [
        ("a", "javascripts")
    ]


def test_no_terms_no_suspects() -> None:
    assert found([]) == []
