"""Plain bodies: where their expressions apply. `columns.test_fallback` asserts that they say what the parser says."""

from __future__ import annotations

import polars as pl
import pytest

from pipelines.markdown import plain
from pipelines.markdown.options import DEFAULT, Options


@pytest.mark.parametrize(
    "body",
    [
        "- a\nlazy",
        "> a\nlazy",
        "a\nb\n---",
        "- a\n1. b",
        "- a\n\n  more",
        "```\nnever closed",
        "a | b\n--|--\n1 | 2",
        "[a]: /u",
        "text <b>b</b>",
        "a  \n\n    code",
        "# Two  blanks",
        "- [ ] open",
        "~~~\na\n~~~",
        "x &unknown; y",
        "<div>\n\na\n\n</div>",
    ],
)
def test_bodies_for_the_parser(body: str) -> None:
    assert plain.read(pl.Series([body]), [None]).texts.is_empty()


@pytest.mark.parametrize(
    ("options", "applies"),
    [
        (DEFAULT, True),
        (DEFAULT._replace(toc_levels=(1, 2)), True),
        (DEFAULT._replace(hard_wrap=True), False),
        (DEFAULT._replace(auto_ids=False), False),
        (DEFAULT._replace(link_defs=(("a", "/u"),)), False),
    ],
    ids=["default", "contents", "hard_wrap", "auto_ids", "link_defs"],
)
def test_options_under_which_it_applies(options: Options, applies: bool) -> None:
    assert plain.applies(options) is applies
