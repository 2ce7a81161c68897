"""Which markup a file has."""

from __future__ import annotations

import pytest

from pipelines.markup import extensions, is_markdown, markup_of

DEFAULT = "markdown,mkdown,mkdn,mkd,md"


@pytest.mark.parametrize(
    ("path", "written", "processor", "expected"),
    [
        pytest.param("_posts/2020-01-02-a.md", DEFAULT, "kramdown", "markdown", id="default"),
        pytest.param("_posts/2020-01-02-a.MKDOWN", DEFAULT, "kramdown", "markdown", id="any case of the name"),
        pytest.param("a.md", "MD", "KramDown", "markdown", id="any case of the settings"),
        pytest.param("a.markdown", "md, markdown", "kramdown", "other", id="Jekyll keeps the blank"),
        pytest.param("a. markdown", "md, markdown", "kramdown", "markdown", id="a name with the blank"),
        pytest.param("a.md", "txt", "kramdown", "other", id="md is not in the list"),
        pytest.param("a.txt", "txt,,", "kramdown", "markdown", id="txt is"),
        pytest.param("a.md", "", "kramdown", "other", id="empty list"),
        pytest.param("a.md", ".md", "kramdown", "other", id="a dot too many"),
        pytest.param("a.textile", "md,textile", "kramdown", "markdown", id="the list comes first"),
        pytest.param("a.md", DEFAULT, "CommonMark", "markdown (commonmark)", id="another processor"),
        pytest.param("a.html", DEFAULT, "redcarpet", "html", id="which only reads Markdown"),
        pytest.param("a.HTM", DEFAULT, "kramdown", "html", id="HTML"),
        pytest.param("a.textile", DEFAULT, "kramdown", "textile", id="Textile"),
        pytest.param("2020-01-02-v1.2.adoc", DEFAULT, "kramdown", "asciidoc", id="AsciiDoc"),
        pytest.param("a.org", DEFAULT, "kramdown", "org", id="Org"),
        pytest.param("a.rst", DEFAULT, "kramdown", "rst", id="reStructuredText"),
        pytest.param("a.txt", DEFAULT, "kramdown", "other", id="another extension"),
        pytest.param("x.md/a", DEFAULT, "kramdown", "other", id="no extension"),
        pytest.param(".md", DEFAULT, "kramdown", "other", id="a name that is a dot and a word"),
    ],
)
def test_markup_of_a_file(path: str, written: str, processor: str, expected: str) -> None:
    assert markup_of(path, extensions(written, processor)) == expected


def test_other_processors_read_markdown_too() -> None:
    assert is_markdown("markdown")
    assert is_markdown("markdown (redcarpet)")
    assert not is_markdown("html")
