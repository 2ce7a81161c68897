"""What is written of kramdown's options, and what it sets."""

from __future__ import annotations

import pytest
from pipelines.normalise.markdown_options import DEFAULT, Options

from pipelines.normalise import markdown_options

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
    "links, a wrong one": ({"link_defs": {"a": "/b"}}, DEFAULT),
    "one wrong, one right": ({"toc_levels": "x", "auto_ids": False}, DEFAULT._replace(auto_ids=False)),
}


@pytest.mark.parametrize(("written", "options"), SET.values(), ids=SET)
def test_options(written: dict[str, object], options: Options) -> None:
    assert markdown_options.read(written) == options


def test_a_posts_options_are_set_on_top_of_the_sites() -> None:
    site = markdown_options.read({"auto_ids": False})
    assert markdown_options.read({"parse_block_html": "true"}, site) == site._replace(parse_block_html=True)
