"""Front matter defaults: scope, precedence, merging."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.jekyll.config import Default, Site
from pipelines.jekyll.defaults import deep_merge, finder


def find(path: str, *defaults: Default, collections_dir: str = "") -> dict[str, object]:
    site = Site(root=Path("/s"), source=Path("/s"), name="s", defaults=defaults, collections_dir=collections_dir)
    return finder(site)(path)


@pytest.mark.parametrize(
    ("scope", "path", "applies"),
    [
        ("", "_posts/a.md", True),
        ("news", "news/_posts/a.md", True),
        ("news", "newsroom/_posts/a.md", True),  # a prefix, however it goes on
        ("news/", "newsroom/_posts/a.md", False),
        ("/news", "news/_posts/a.md", False),
        ("_posts/2022", "_posts/2022-04-05-a.md", True),
        ("*/_posts", "news/_posts/a.md", True),
        ("*/_posts", "a/b/_posts/a.md", False),
        ("**/_posts/*.md", "a/b/_posts/a.md", True),
        ("_posts/*.markdown", "_posts/a.md", False),
        ("/_posts/*", "_posts/a.md", False),  # of the file system's root
        ("./_posts//*", "_posts/a.md", True),
        ("news/../_posts/*", "_posts/a.md", True),
        ("_posts/*/", "_posts/a.md", False),  # a slash at the end names folders alone
        ("_posts/*/", "_posts/sub/a.md", True),
    ],
)
def test_paths(scope: str, path: str, applies: bool) -> None:
    assert bool(find(path, Default(scope, None, {"x": 1}))) is applies


@pytest.mark.parametrize(("scope", "applies"), [("c*", False), ("coll/*", True), ("coll/_posts/*", True)])
def test_a_glob_of_the_folder_of_collections_fits_no_post(scope: str, applies: bool) -> None:
    """What the glob finds loses that folder only with what lies below it."""
    found = find("_posts/a.md", Default(scope, None, {"x": 1}), collections_dir="coll")
    assert bool(found) is applies


def test_types() -> None:
    assert find("_posts/a.md", Default("", "posts", {"x": 1}), Default("", "pages", {"y": 1})) == {"x": 1}


@pytest.mark.parametrize(
    ("sets", "expected"),
    [
        pytest.param([Default("news", None, {"x": 1}), Default("", None, {"x": 2})], 1, id="the longer path wins"),
        pytest.param([Default("", None, {"x": 1}), Default("", None, {"x": 2})], 2, id="of two alike the last"),
        pytest.param(
            [Default("", "posts", {"x": 1}), Default("", None, {"x": 2})], 1, id="a type is not beaten by none"
        ),
        pytest.param([Default("", None, {"x": 1}), Default("", "posts", {"x": 2})], 2, id="a type wins"),
        pytest.param(
            [Default("", "posts", {"x": 1}), Default("", "posts", {"x": 2})], 2, id="of two alike with a type the last"
        ),
        pytest.param(
            [Default("", None, {"x": 1}), Default("news", None, {"x": None})], 1, id="null does not overwrite"
        ),
    ],
)
def test_precedence(sets: list[Default], expected: int) -> None:
    assert find("news/_posts/a.md", *sets)["x"] == expected


def test_scopes_within_the_collections_folder() -> None:
    assert find("news/_posts/a.md", Default("c/news", None, {"x": 1}), collections_dir="c") == {"x": 1}


def test_maps_are_merged_deep() -> None:
    target: dict[str, object] = {"a": {"b": 1, "c": [1]}, "d": 1}
    assert deep_merge(target, {"a": {"b": 2, "c": [2]}, "d": None, "e": None}) == {
        "a": {"b": 2, "c": [2]},
        "d": 1,
        "e": None,
    }
    assert target == {"a": {"b": 1, "c": [1]}, "d": 1}
