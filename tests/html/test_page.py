"""What HTML says by the standard's rules: text, links and anchors, headings, code."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipelines.html.page import CUT, GENERATED, Heading, Page, read
from tests.markdown.reading import A, B, Links, links_of, triples

LINKS: dict[str, tuple[str, Links]] = {
    "tags only": (f'[x]({A}) <a href="{B}">y</a>', [B]),
    "no quotes, capitals": (f"<A HREF={A}>x</A> <IMG SRC='b.png'/>", [A, ("img", "src", "b.png")]),
    "comment": (f'<!-- <a href="{A}"> --><a href="{B}">', [B]),
    "comment never closed": (f'<!-- <a href="{A}">', []),
    "script": (f"<script>'<a href=\"{A}\">'</script><a href='{B}'>", [B]),
    "text area": (f'<textarea><a href="{A}"></textarea><a href="{B}">', [B]),
    "tag never closed": (f'<a href="{A}"', []),
    "first of equal attributes": (f'<a href="{A}" href="{B}">', [A]),
    "entities with and without semicolon": ('<a href="?a&amp;b&copy&copy=1&nix;">', ["?a&b©&copy=1&nix;"]),
    "attribute without value": ("<a href>x</a>", [""]),
}

TEXTS = {
    "words that look like Markdown": (
        "<p>two *not em*, [no](link), `no code`, _a_</p>",
        "two *not em*, [no](link), `no code`, _a_",
    ),
    "numbers that start no item": ("<h2>1. One</h2>\n<p># Two</p>", "1. One\n\n# Two"),
    "blocks are apart": (
        "<article>alpha</article><article>beta</article><option>one</option><option>two</option>",
        "alpha\n\nbeta\n\none\ntwo",
    ),
    "line ends are blanks": ("<p>a\n  b\t c</p>d", "a b c\n\nd"),
    "a line break": ("a<br>b<br/> c<br><br>d", "a\nb\nc\nd"),
    "elements in a line": ("a<b>b</b> <i>c </i> d", "ab c d"),
    "items": ("<ul><li>a<ul><li>b</li></ul></li><li><p>c</p><p>d</p></li></ul>e", "a\nb\nc\n\nd\n\ne"),
    "terms": ("<dl><dt>a</dt><dd>b</dd></dl>", "a\nb"),
    "cells": ("<table><caption>a</caption><tr><th>b<td>c</table>", "a\nb c"),
    "parts of a table": ("<table><thead><tr><td>a</thead><tbody><tr><td>b</tbody></table>", "a\nb"),
    "what the page does not show": ("a<script>b</script><style>c</style><template>d</template><!-- e -->f", "af"),
    "what is generated": (f"a<sup {GENERATED}>1</sup> b<p {GENERATED}>c<i>d</i></p>", "a b"),
    "preformatted": ("a<pre>\n\n  b\n\n c\n</pre>d", "a\n\n  b\n\n c\n\nd"),
    "references": ("&lt;a&gt; &copy 2 &nix; &#x4e2d;&nbsp;b", "<a> \u00a9 2 &nix; 中\u00a0b"),
    "tags never closed": ("<p>a<b>b<p>c</b>d", "ab\n\ncd"),
    "half a tag": ("a <b", "a"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("html", "links"), LINKS.values(), ids=LINKS)
def test_links(html: str, links: Links) -> None:
    assert links_of(read(html)) == triples(links)


@pytest.mark.parametrize(("html", "text"), TEXTS.values(), ids=TEXTS)
def test_text(html: str, text: str) -> None:
    assert read(html).text == text


ANCHORS = {
    "text": ('<a href="/a"> a <b>b\n c</b></a> d', ["a b c"]),
    "no tag at the end": ('<p><a href="/a">a <</a></p>', ["a <"]),
    "no tag": ('<p><a href="/a">a < b</c </a></p>', ["a < b"]),
    "a link in a link": ('<a href="/a">x<a href="/b">y', ["x", "y"]),
    "an image": ('<img src="/a" alt=" b\n c">', ["b c"]),
    "an image with an empty text": ('<img src="/a" alt="">', [""]),
    "an image without a text": ('<img src="/a">', [None]),
    "a link around an image": ('<a href="/a"><img src="/b" alt="c"></a>', ["", "c"]),
    "another element": ('<iframe src="/a">b</iframe>', [""]),
}


@pytest.mark.parametrize(("html", "anchors"), ANCHORS.values(), ids=ANCHORS)
def test_anchors(html: str, anchors: Sequence[str | None]) -> None:
    assert [link.anchor for link in read(html).links] == anchors


@pytest.mark.parametrize(("html", "_"), [*LINKS.values(), *ANCHORS.values()], ids=[*LINKS, *ANCHORS])
def test_a_links_places_are_those_of_its_anchor_in_the_text(html: str, _: object) -> None:
    page = read(f"<p>甲 {html}")
    for link in page.links:
        shown = page.text[link.start : link.end]
        assert shown == (link.anchor if link.element == "a" else "")


def test_places_in_code_are_those_in_the_text() -> None:
    page = read(f'a<pre>\n\n\n<a href="/b">b</a>\n<a href="/c"> c</a>\n<!--{CUT}-->\n\n</pre>d<a href="/e">e</a>')
    assert page.text == "a\n\nb\n c\n\nde"
    assert [page.text[link.start : link.end] for link in page.links] == ["b", "c", "e"]
    assert page.text[: page.excerpt_characters] == "a\n\nb\n c"


def test_links_say_where_they_are() -> None:
    html = (
        '<h2>a</h2><a href="/1">b</a><a href="/2">c</a><ul><li><a href="/3">d</a></ul>'
        '<pre><a href="/4">e</a></pre><p><code><a href="/5">f</a></code></p>'
    )
    said = [(link.value, link.after_heading, link.in_item, link.code) for link in read(html).links]
    assert said == [
        ("/1", True, False, False),
        ("/2", False, False, False),
        ("/3", False, True, False),
        ("/4", False, False, True),
        ("/5", False, False, True),
    ]


HEADINGS = {
    "levels and ids": ('<h1>a</h1><h6 id="b">c <i>d</i></h6>', [Heading(1, None, "a"), Heading(6, "b", "c d")]),
    "in a block": ("<div><h2>a\n b</h2></div>", [Heading(2, None, "a b")]),
    "in code": ("<pre><h2>a</h2></pre><code><h3>b</h3></code>", []),
    "in what is not shown": ("<template><h2>a</h2></template>", []),
    "never closed": ("<h2>a<h3>b", [Heading(2, None, "a"), Heading(3, None, "b")]),
}


@pytest.mark.parametrize(("html", "headings"), HEADINGS.values(), ids=HEADINGS)
def test_headings(html: str, headings: list[Heading]) -> None:
    assert read(html).headings == headings


CODE: dict[str, tuple[str, list[tuple[str | None, int, str]]]] = {
    "a language": ('<pre><code class="language-c">a\nb\n</code></pre>', [("c", 2, "a\nb")]),
    "a language on the block": ('<pre class="x lang-c y">a\nb</pre>', [("c", 2, "a\nb")]),
    "none": ("<pre>a</pre><p>b</p><pre>\n\nc\n\n</pre>", [(None, 1, "a"), (None, 3, "c")]),
    "with elements": ("<p>a</p><pre><b>b</b>\n <i>c</i></pre>", [(None, 2, "b\n c")]),
    "empty": ("a<pre></pre>b", [(None, 1, "")]),
}


def blocks(page: Page) -> list[tuple[str | None, int, str]]:
    return [(block.language, block.lines, page.text[block.start : block.end]) for block in page.code_blocks]


@pytest.mark.parametrize(("html", "code"), CODE.values(), ids=CODE)
def test_blocks_of_code(html: str, code: list[tuple[str | None, int, str]]) -> None:
    assert blocks(read(html)) == code


def test_a_block_in_a_block_is_a_block() -> None:
    page = read("x<pre>\n\na<pre>b\n\n</pre>c</pre>")
    assert blocks(page) == [(None, 4, "a\n\nb\n\n\n\nc"), (None, 2, "b\n\n")]


def test_the_excerpt_ends_at_the_cut() -> None:
    page = read(f"<p>a</p><p>b<!--{CUT}-->c</p>")
    assert page.text[: page.excerpt_characters] == "a\n\nb"
    assert read("<p>a</p>").excerpt_characters == 1


def test_anchors_of_the_page() -> None:
    assert read('<p id="a"><a name="b">x</a><a id="c" name="d"><i name="e">').anchors == ["a", "b", "c"]
