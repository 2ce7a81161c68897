"""kramdown's options: what a site or a post writes, and what the page says then."""

from __future__ import annotations

import pytest

from pipelines.markdown import options
from pipelines.markdown.options import DEFAULT, Options
from tests.markdown.reading import A, B, links_of, read, triples

SET: dict[str, tuple[dict[str, object], Options]] = {
    "nothing": ({}, DEFAULT),
    "what decides no link": ({"input": "GFM", "syntax_highlighter_opts": {"disable": True}}, DEFAULT),
    "true": ({"parse_block_html": True}, DEFAULT._replace(parse_block_html=True)),
    "true, as a text": ({"parse_block_html": "True"}, DEFAULT._replace(parse_block_html=True)),
    "any word is true": ({"parse_block_html": "no"}, DEFAULT._replace(parse_block_html=True)),
    "false, as a text": ({"parse_span_html": " False "}, DEFAULT._replace(parse_span_html=False)),
    "null is false": ({"parse_span_html": None}, DEFAULT._replace(parse_span_html=False)),
    "null, for what Jekyll sets": ({"auto_ids": None, "toc_levels": None}, DEFAULT),
    "a number as a text": ({"auto_id_prefix": 7}, DEFAULT._replace(auto_id_prefix="7")),
    "levels, a range": ({"toc_levels": "2..4"}, DEFAULT._replace(toc_levels=(2, 3, 4))),
    "levels, words with commas": ({"toc_levels": "1,3"}, DEFAULT._replace(toc_levels=(1, 3))),
    "levels, a list": ({"toc_levels": [2, "3"]}, DEFAULT._replace(toc_levels=(2, 3))),
    "levels, beyond six": ({"toc_levels": "1..7"}, DEFAULT),
    "levels, words": ({"toc_levels": "all"}, DEFAULT),
    "levels, a number": ({"toc_levels": 3}, DEFAULT),
    "links": ({"link_defs": {"a": ["/b", "t"], "c": ["/d"]}}, DEFAULT._replace(link_defs=(("a", "/b"), ("c", "/d")))),
    "quirks, a list": ({"gfm_quirks": ["no_auto_typographic"]}, DEFAULT._replace(gfm_quirks=("no_auto_typographic",))),
    "quirks, words with commas": ({"gfm_quirks": "a, b"}, DEFAULT._replace(gfm_quirks=("a", "b"))),
    "an offset": ({"header_offset": "2"}, DEFAULT._replace(header_offset=2)),
    "an offset, a word": ({"header_offset": "x"}, DEFAULT),
    "links, a wrong one": ({"link_defs": {"a": "/b"}}, DEFAULT),
    "one wrong, one right": ({"toc_levels": "x", "auto_ids": False}, DEFAULT._replace(auto_ids=False)),
}


@pytest.mark.parametrize(("written", "expected"), SET.values(), ids=SET)
def test_options(written: dict[str, object], expected: Options) -> None:
    assert options.read(written) == expected


def test_a_posts_options_are_set_on_top_of_the_sites() -> None:
    site = options.read({"auto_ids": False})
    assert options.read({"parse_block_html": "true"}, site) == site._replace(parse_block_html=True)


LINKS: dict[str, tuple[dict[str, object], str, list[str]]] = {
    "Markdown in blocks of HTML": ({"parse_block_html": True}, f"<div><p>[x]({A})</p></div>", [A]),
    "no Markdown in inline HTML": ({"parse_span_html": False}, f"a <b>[x]({A})</b> [y]({B})", [B]),
    "no ids": ({"auto_ids": False}, "* x\n{:toc}\n\n# A\n\n# B {#b}", ["#b"]),
    "ids that begin alike": ({"auto_id_prefix": "z-"}, "* x\n{:toc}\n\n# A", ["#z-a"]),
    "levels of the contents": ({"toc_levels": "2..3"}, "* x\n{:toc}\n\n# A\n\n## B\n\n#### C", ["#b"]),
    "footnotes that begin alike": ({"footnote_prefix": "p"}, "a[^1]\n\n[^1]: b", ["#fn:p1", "#fnref:p1"]),
    "footnotes without a way back": ({"footnote_backlink": ""}, "a[^1]\n\n[^1]: b", ["#fn:1"]),
    "links defined for all posts": ({"link_defs": {"X  y": [A, "t"]}}, "[x Y]", [A]),
    "a link defined here, too": ({"link_defs": {"x": [A]}}, f"[x]\n\n[x]: {B}", [B]),
}


@pytest.mark.parametrize(("written", "body", "links"), LINKS.values(), ids=LINKS)
def test_links(written: dict[str, object], body: str, links: list[str]) -> None:
    assert links_of(read(body, written)) == triples(links)


OF_A_POST = {
    "of a post": (f'<p>[x]({A})</p>\n\n{{::options parse_block_html="true" /}}\n\n<p>[y]({B})</p>', [B]),
    "in a line": ('a\n{::options toc_levels="2..2" /}\n\n* x\n{:toc}\n\n# A\n\n## B', ["#b"]),
    "unknown": (f'{{::options nothing="1" /}}\n\n[x]({A})', [A]),
}


@pytest.mark.parametrize(("body", "links"), OF_A_POST.values(), ids=OF_A_POST)
def test_links_of_a_post_with_options(body: str, links: list[str]) -> None:
    assert links_of(read(body)) == triples(links)


TEXTS: dict[str, tuple[dict[str, object], str, str]] = {
    "every line's end breaks the line": ({"hard_wrap": True}, "a\nb  \nc\\\nd", "a\nb\nc\\\nd"),
    "not within elements": ({"hard_wrap": True}, "<b>a\nb</b>\nc", "a b\nc"),
    "nor in footnotes": ({"hard_wrap": True}, "a[^1]\n\n[^1]: b\n    c", "a\n\nb c"),
    "no typography": ({"gfm_quirks": "no_auto_typographic"}, "a << b >> c--{:.d}", "a << b >> c--{:.d}"),
    "no ends of paragraphs": ({"gfm_quirks": ""}, "a\n- b\n# c\n> d\n```\ne\n```", "a - b # c > d e"),
    "headings follow no line": ({"gfm_quirks": ""}, "# a\n# b\n\n# c", "a\n\n# b\n\nc"),
    "headings closed without a blank": ({"gfm_quirks": ""}, "# a#\n\n# b \\##\n\n# #", "a\n\nb #\n\n# #"),
    "Markdown in blocks of HTML": ({"parse_block_html": True}, "<div>\n*a*\n</div>", "a"),
    "no Markdown in inline HTML": ({"parse_span_html": False}, "a <b>*c*</b> *d*", "a *c* d"),
}


@pytest.mark.parametrize(("written", "body", "text"), TEXTS.values(), ids=TEXTS)
def test_text(written: dict[str, object], body: str, text: str) -> None:
    assert read(body, written).text == text


def test_levels_of_headings_are_moved() -> None:
    assert [heading.level for heading in read("# a\n\n##### b", {"header_offset": 2}).headings] == [3, 6]
