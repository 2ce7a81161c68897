"""Categories and tags, as Jekyll unites, splits and repeats them."""

from __future__ import annotations

import pytest

from pipelines.jekyll import loader, terms
from pipelines.jekyll.terms import TermsError, merge


def data(folders: list[object], *layers: str) -> dict[str, object]:
    merged: dict[str, object] = {"categories": folders}
    for layer in layers:
        loaded = loader.load(layer)
        assert isinstance(loaded, dict)
        merged = merge(merged, loaded)
    return merged


@pytest.mark.parametrize(
    ("folders", "layers", "expected"),
    [
        pytest.param([], ["categories: a b c"], ["a", "b", "c"], id="words"),
        pytest.param([], ["category: a b"], ["a b"], id="the singular is not split"),
        pytest.param([], ["category: x\ncategories: y"], ["y", "x"], id="both: the singular comes last"),
        pytest.param([], ["categories: a, b"], ["a,", "b"], id="commas do not split"),
        pytest.param([], ["categories: [A, a, A]"], ["A", "a"], id="case kept, repeats gone"),
        pytest.param([], ["categories: 财经　新闻"], ["财经　新闻"], id="an ideographic blank does not split"),
        pytest.param([], ["categories:"], [], id="null"),
        pytest.param([], ['category: ""'], [""], id="an empty text"),
        pytest.param([], ["category: 2020"], ["2020"], id="a number, singular"),
        pytest.param(
            [], ["categories: [1, true, ~, 1.5, x]"], ["1", "true", "", "1.5", "x", "1", "true", "", "1.5"], id="types"
        ),
        pytest.param([], ["categories: [a, [b, c]]"], ["a", '["b", "c"]', '["b", "c"]', "b", "c"], id="nested"),
        pytest.param(["foo", "Bar"], ["categories: [bar, foo]"], ["foo", "Bar", "bar"], id="folders first"),
        pytest.param(["d"], ["categories: [dc]", "categories: own"], ["d", "dc", "own"], id="folders, defaults, own"),
        pytest.param(["d"], ["categories: [dc]", "categories:"], ["d", "dc"], id="null keeps the defaults"),
    ],
)
def test_categories(folders: list[object], layers: list[str], expected: list[str]) -> None:
    assert terms.categories(data(folders, *layers)) == expected


@pytest.mark.parametrize("value", ["2020", "true", "2020-01-01", "{a: b}", "1.5"])
def test_categories_that_ruby_cannot_unite(value: str) -> None:
    with pytest.raises(TermsError, match="categories is"):
        data([], f"categories: {value}")


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        pytest.param(["tags: a b c"], ["a", "b", "c"], id="words"),
        pytest.param(["tag: a b"], ["a b"], id="the singular is not split"),
        pytest.param(["tag: a\ntags: [b, c]"], ["a"], id="the singular beats the plural"),
        pytest.param(["tag:\ntags: [b, c]"], ["b", "c"], id="null does not"),
        pytest.param(["tags: [a, a, ~, A]"], ["a", "a", "A"], id="repeats stay, nulls go"),
        pytest.param(["tags: 2020"], [], id="a number is dropped"),
        pytest.param(["tags: {a: b}"], [], id="a map is dropped"),
        pytest.param(["tags: [{a: b}, [x, 1.5]]"], ['{"a"=>"b"}', "x", "1.5"], id="nested"),
        pytest.param(["tags: [dt]", "tags: [own]"], ["own"], id="own beat defaults"),
        pytest.param(["tags: [dt]", "tags:"], ["dt"], id="null keeps defaults"),
    ],
)
def test_tags(layers: list[str], expected: list[str]) -> None:
    assert terms.tags(data([], *layers)) == expected


@pytest.mark.parametrize(
    ("path", "special", "expected"),
    [
        ("_posts/a.md", "_posts", []),
        ("foo/Bar/_posts/deep/a.md", "_posts", ["foo", "Bar"]),
        ("foo/_drafts/a.md", "_drafts", ["foo"]),
        ("my_posts/x/_posts/a.md", "_posts", ["my"]),  # the first `_posts` on the path ends it
    ],
)
def test_folders(path: str, special: str, expected: list[str]) -> None:
    assert terms.from_folders(path, special, "a.md") == expected
