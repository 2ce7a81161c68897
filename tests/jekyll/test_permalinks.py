"""Urls: placeholders, slugs, escapes, and what of a path is left out."""

from __future__ import annotations

from datetime import datetime

import pytest

from pipelines.jekyll.permalinks import (
    STYLES,
    Document,
    PermalinkError,
    escape,
    output_ext,
    slugify,
    unknown_placeholder,
    url,
)

POST = Document(
    "_posts/2022-04-05-a-b.md", "A b_c--ü", ["Foo Bar", "财经", "foo bar"], datetime(2022, 4, 5, 8, 9, 7), ".html"
)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (STYLES["date"], "/foo%20bar/%E8%B4%A2%E7%BB%8F/2022/04/05/A-b_c-%C3%BC.html"),
        (STYLES["pretty"], "/foo%20bar/%E8%B4%A2%E7%BB%8F/2022/04/05/A-b_c-%C3%BC/"),
        (STYLES["ordinal"], "/foo%20bar/%E8%B4%A2%E7%BB%8F/2022/095/A-b_c-%C3%BC.html"),
        (STYLES["weekdate"], "/foo%20bar/%E8%B4%A2%E7%BB%8F/2022/W14/Tue/A-b_c-%C3%BC.html"),
        (STYLES["none"], "/foo%20bar/%E8%B4%A2%E7%BB%8F/A-b_c-%C3%BC.html"),
        ("/:slug/:name/:slugified_categories", "/a-b-c-%C3%BC/2022-04-05-a-b/foo-bar/%E8%B4%A2%E7%BB%8F"),
        ("/:path:output_ext", "/2022-04-05-a-b.html"),
        ("/:collection/:i_month-:i_day-:short_year", "/posts/4-5-22"),
        ("/:short_month/:long_month/:long_day/:w_year/:w_day", "/Apr/April/Tuesday/2022/2"),
        ("/:hour:minute:second", "/080907"),
        ("/:year_:month", "/2022_04"),
        ("x", "/x"),
        ("", "/"),
        ("/../a/./b//c", "/a/b/c"),
        ("pretty", "/pretty"),
    ],
)
def test_templates(template: str, expected: str) -> None:
    assert url(template, POST) == expected


@pytest.mark.parametrize(
    ("text", "pretty", "slug"),
    [
        ("UPPER_Case--x", True, "UPPER_Case-x"), ("a.b.c", True, "a.b.c"), ("pct%20hash#q?", True, "pct-20hash-q"),
        ("🎉-party-🚀", True, "party"), ("Cafe\u0301", True, "Cafe\u0301"),
        ("The _config.yml file", False, "the-config-yml-file"),
        ("", True, ""), ("---", True, ""), ("-a-", True, "a"), ("ΑΣ", False, "ασ"),
    ],
)  # fmt: skip
def test_slugs(text: str, pretty: bool, slug: str) -> None:
    assert slugify(text, pretty=pretty) == slug


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("", ""), ("a/b.c-d", "a/b.c-d"), ("C#", "C%23"), ("a#b#c", "a%23b%23c"), ("50%", "50%25"), ("a&b", "a&b"),
        ('["b", "c"]', "%5B%22b%22,%20%22c%22%5D"), ("what?", "what?"), ("c: d", "c:%20d"), ("a\nb!", "a\nb!"),
    ],
)  # fmt: skip
def test_escapes(text: str, escaped: str) -> None:
    assert escape(text) == escaped


@pytest.mark.parametrize("text", ["中:文", ":x"], ids=["a word", "nothing"])
def test_a_scheme_that_is_none_makes_no_url(text: str) -> None:
    with pytest.raises(PermalinkError, match="scheme"):
        escape(text)


def test_an_unknown_placeholder() -> None:
    assert unknown_placeholder("/:year/:moon") == "moon"
    with pytest.raises(PermalinkError, match=":moon"):
        url("/:moon", POST)


@pytest.mark.parametrize(
    ("permalink", "ext", "expected"),
    [
        (None, ".md", ".html"), (None, ".MD", ".html"), (None, ".html", ".html"), (None, ".textile", ".textile"),
        (None, ".scss", ".css"), ("/a.json", ".md", ".json"), ("/a/", ".md", ".html"), ("/a", ".md", ".html"),
    ],
)  # fmt: skip
def test_output_extension(permalink: str | None, ext: str, expected: str) -> None:
    assert output_ext(permalink, ext, frozenset({".md"})) == expected
