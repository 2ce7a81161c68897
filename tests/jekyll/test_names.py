"""Names: months, posts, what Jekyll passes over, globs."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.jekyll.names import DATED, DATELESS, Filter, extension, glob, month, refusal
from pipelines.jekyll.reasons import IGNORED

DEFAULT = Filter.of((".htaccess",), ("node_modules", "vendor/bundle/"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2022-04-15-a.md", "2022-04"), ("22-4-5-a.md", "2022-04"), ("70-4-5-a.md", "1970-04"),
        ("198-04-06-a.md", "0198-04"),
        ("2099-12-31-a.md", "2099-12"), ("2022-13-01-a.md", None), ("2022-00-01-a.md", None), ("a.md", None),
        ("-202205262391921712.md", None), ("202204-15-1-a.md", None), ("２０２２-04-15-a.md", None),
        ("2022-04-15.md", "2022-04"),
        ("000-01-01-a.md", None),
    ],
)  # fmt: skip
def test_month(name: str, expected: str | None) -> None:
    assert month(name) == expected


@pytest.mark.parametrize(
    ("entry", "groups"),
    [
        ("2022-04-15-a.b.md", ("2022-04-15", "a.b", ".md")),
        ("sub/dir/22-4-5-a.md", ("22-4-5", "a", ".md")),
        ("2022-01-01-dir/2022-04-15-a.md", ("2022-04-15", "a", ".md")),
        ("2022-04-15-.md", ("2022-04-15", "", ".md")),
        ("2022-01-01-dir.d/readme", ("2022-01-01", "dir", ".d/readme")),
        ("2022-04-15.md", None),
        ("2022-04-15-a", None),
        ("x2022-04-15-a.md", None),
    ],
)
def test_dated_names(entry: str, groups: tuple[str, ...] | None) -> None:
    found = DATED.search(entry)
    assert (found.groups() if found else None) == groups


def test_dateless_names() -> None:
    found = DATELESS.search("_drafts/a/b.c.md")
    assert found is not None
    assert found.groups() == ("b.c", ".md")


@pytest.mark.parametrize(
    ("name", "ext"), [("a.md", ".md"), ("a", ""), (".a", ""), ("a.b/c", ""), ("a.", "."), ("a.b.C", ".C")]
)
def test_extension(name: str, ext: str) -> None:
    assert extension(name) == ext


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("2022-04-15-a.md", None),
        ("sub/2022-04-15-a.md", None),
        ("sub/_under/2022-04-15-a.md", None),  # only the first folder and the name itself are looked at
        ("_under/2022-04-15-a.md", "special_name"),
        ("#2022-04-15-a.md", "special_name"),
        ("~2022-04-15-a.md", "special_name"),
        ("sub/_2022-04-15-a.md", "special_name"),
        (".2022-04-15-a.md", "hidden_name"),
        ("sub/.hid/2022-04-15-a.md", "hidden_name"),
        ("2022-04-15-a.md~", "backup"),
        ("2022-04-15-a.", "trailing_dot"),
        ("2022-04-15.md", "not_a_post_name"),
        ("a.md", "not_a_post_name"),
        ("2022-04-15-a.yml", "data_file"),
    ],
)
def test_what_jekyll_passes_over(entry: str, reason: str | None) -> None:
    assert refusal(entry, f"_posts/{entry}", DEFAULT, draft=False) == reason
    assert reason is None or reason in IGNORED


def test_a_draft_needs_no_date_but_an_extension() -> None:
    assert refusal("a.md", "_drafts/a.md", DEFAULT, draft=True) is None
    assert refusal("a", "_drafts/a", DEFAULT, draft=True) == "not_a_post_name"


def test_include_beats_all_but_dots() -> None:
    rules = Filter.of(("_under", "2022-04-15-kept.md"), ("_posts/2022",))
    assert refusal("_under/2022-04-15-a.md", "_posts/_under/2022-04-15-a.md", rules, draft=False) is None
    assert refusal("2022-04-15-kept.md", "_posts/2022-04-15-kept.md", rules, draft=False) is None
    assert refusal("2022-04-15-a.md", "_posts/2022-04-15-a.md", rules, draft=False) == "excluded"
    assert refusal(".2022-04-15-kept.md", "_posts/.2022-04-15-kept.md", rules, draft=False) == "hidden_name"


@pytest.mark.parametrize(
    ("pattern", "path", "folder", "matches"),
    [
        ("vendor/bundle/", "vendor/bundle", True, True),
        ("vendor/bundle/", "vendor/bundle", False, False),
        ("/vendor", "vendor", True, True),
        ("vend", "vendor", True, True),  # a prefix, however it goes on
        ("*.bak", "a/b.bak", False, True),  # a star crosses slashes here
        ("README*", "docs/README.md", False, False),
        ("a?c", "abc", False, True),
        ("[a-c]x", "bx", False, True),
        ("[!a-c]x", "bx", False, False),
    ],
)
def test_patterns(pattern: str, path: str, folder: bool, matches: bool) -> None:
    assert Filter.of((), (pattern,)).exclude.match(path, folder=folder) is matches


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("_posts/*/", "_posts/a/", True),
        ("_posts/*.md", "_posts/a.md", True),
        ("_posts/*.md", "_posts/a/b.md", False),
        ("**/b.md", "a/x/b.md", True),
        ("**/b.md", "b.md", True),
        ("*", ".hidden", False),
        ("{a,b}/*", "b/c", True),
        ("a*b*c*d*", "a" * 3000, False),
    ],
)
def test_globs_of_paths(pattern: str, path: str, matches: bool) -> None:
    assert bool(glob(pattern, path_name=True).fullmatch(path)) is matches


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("**/[Dd]raft*", "en/_posts/Draft-x/a.md", True),
        ("**/[a-z]*.draft.md", "en/_posts/abc/x.draft.md", True),
        ("*/[!_]*/**", "collections/_posts/x/a.md", True),
        ("*-[0-9]*", "en-US/_posts/2020-01-01-a.md", True),
        ("*a?b*", "aab-axb", True),
    ],
)
def test_stars_are_tried_everywhere(pattern: str, path: str, matches: bool) -> None:
    assert bool(glob(pattern).fullmatch(path)) is matches


@given(st.text("ab*?", max_size=9), st.text("ab/", max_size=9))
def test_globs_are_those_of_the_shell(pattern: str, path: str) -> None:
    assert bool(glob(pattern).fullmatch(path)) is fnmatchcase(path, pattern)


def test_many_stars_end_soon() -> None:
    assert not glob("*a" * 30 + "b").fullmatch("a" * 5000)
