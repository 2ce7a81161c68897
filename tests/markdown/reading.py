"""What the page of a body of Markdown says, and short forms of what is expected of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pipelines.html.page import Page
from pipelines.jekyll.bodies import read_body
from pipelines.markdown import options

A: Final = "http://a.example/"
B: Final = "http://b.example/"

Triple = tuple[str, str, str]
Links = Sequence[str | Triple]
"""Element, attribute and value of each; a url alone stands for a link."""


def read(body: str, written: Mapping[str, object] | None = None) -> Page:
    """Return what the page of a body says, by the parser, under the options that a site writes."""
    return read_body(body, None, "markdown", options.read(written or {}))


def triples(links: Links) -> list[Triple]:
    return [("a", "href", link) if isinstance(link, str) else link for link in links]


def links_of(page: Page) -> list[Triple]:
    return [(link.element, link.attribute, link.value) for link in page.links]
