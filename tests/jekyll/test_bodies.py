"""From bodies to tables: a row per body, and one per heading, block of code and link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.jekyll import bodies
from pipelines.markdown import Options, options
from warehouse import contracts

BODY = """# One

See [a](/a) and ![b](/b.png).

```ruby
puts 1

puts 2
```

<pre>x y</pre>

- <http://c.example/>
"""


def tables(*texts: str, cuts: Sequence[int | None] = (), markup: str = "markdown", **written: object) -> dict[str, Any]:
    """Return the tables, each checked against its contract."""
    posts = pl.DataFrame(
        {
            "path": [f"_posts/{n}.md" for n in range(len(texts))],
            "month": "2022-04",
            "body": texts,
            "cut": cuts or [None] * len(texts),
            "markup": markup,
        },
        {**dict.fromkeys(("path", "month", "body", "markup"), pl.String()), "cut": pl.Int64()},
    )
    made, code = bodies.read(posts, options.read(written))
    return {name: contracts.check(name, table) for name, table in made.items()} | {"code": code.to_list()}


def test_a_body_becomes_rows_of_four_tables() -> None:
    made = tables(BODY, cuts=[len(BODY)])
    text = "One\n\nSee a and .\n\nputs 1\n\nputs 2\n\nx y\n\nhttp://c.example/"
    assert made["post_bodies"].select("body", "text", "excerpt_characters").rows() == [(BODY, text, len(text))]
    assert made["post_headings"].select("position", "level", "anchor_id", "text").rows() == [(1, 1, "one", "One")]
    assert made["post_code_blocks"].select("position", "language", "lines", "characters").rows() == [
        (1, "ruby", 3, 14),
        (2, None, 1, 3),
    ]
    links = made["post_links_raw"].drop("path", "month", "attribute", "after_heading", "in_code")
    assert links.rows() == [
        (1, "a", "/a", "a", 9, 10, False),
        (2, "img", "/b.png", "b", 14, 14, False),
        (3, "a", "http://c.example/", "http://c.example/", 39, 56, True),
    ]
    assert made["code"] == ["puts 1\n\nputs 2\nx y"]


def test_no_bodies_are_empty_tables() -> None:
    assert {name: len(table) for name, table in tables().items()} == {
        "post_bodies": 0,
        "post_headings": 0,
        "post_code_blocks": 0,
        "post_links_raw": 0,
        "code": 0,
    }


def test_bodies_do_not_touch_each_other() -> None:
    texts = ["a *b*", "plain", "<i>c</i>", "", "{{ d }}e", "# f\n\n[g](/h)", "```\nnever"]
    made = tables(*texts)
    alone = [tables(text) for text in texts]
    assert made["post_bodies"]["text"].to_list() == [one["post_bodies"]["text"].item() for one in alone]
    assert made["post_bodies"]["body"].to_list() == texts
    for name in ("post_headings", "post_links_raw"):
        assert made[name].drop("path").equals(pl.concat([one[name].drop("path") for one in alone]))


@pytest.mark.parametrize("extra", ["", "\n~~x~~\n"], ids=["plain", "parsed"])
def test_options_of_the_site_are_in_force(extra: str) -> None:
    body = f"a\nb\n{extra}"
    assert tables(body)["post_bodies"]["text"].item().startswith("a b")
    assert tables(body, hard_wrap=True)["post_bodies"]["text"].item().startswith("a\nb")


def test_bodies_of_html_are_no_markdown() -> None:
    made = tables("<p>[a](/b) <a href='/c'>*d*</a></p>", markup="html")
    assert made["post_bodies"]["text"].to_list() == ["[a](/b) *d*"]
    assert made["post_links_raw"]["url"].to_list() == ["/c"]


EXCERPTS = {
    "the first paragraph": ("One *two*.|\n\nThree.\n\nFour.", "One two."),
    "the whole body": ("One.\n\nTwo.|", "One.\n\nTwo."),
    "nothing": ("|One.\n\nTwo.", ""),
    "nothing before the gap": ("<p>&nbsp;</p>|\n\nTwo.", ""),
    "a wide gap": ("One.|\n\n\n\n> Two.", "One."),
    "in a word": ("One two.\n\nThr|ee.", "One two.\n\nThr"),
    "in emphasis": ("One *t|wo*.", "One t"),
    "a comment of its own": ("One.\n\nTwo.|<!--more-->Three.", "One.\n\nTwo."),
    "a line that only separates": ("One.\n\n|<!--more-->\n\nTwo.", "One."),
    "a comment goes on behind it": ("a <!-- One.|\n\nTwo. -->\n\nThree.", "a <!-- One."),
    "labels that stand below": (
        "We released [the tool][1], see ![Logo][2].|\n\nMore.\n\n[1]: http://x.example/\n[2]: /l.png",
        "We released the tool, see .",
    ),
    "a footnote that stands below": ("One[^1].|\n\nTwo.\n\n[^1]: Three.", "One."),
    "a heading": ("# One|\n\nTwo.", "One"),
    "an underlined heading": ("One\n---|\n\nTwo.", "One"),
    "a comment in a heading": ("## One |<!--more--> two\n\nThree.", "One"),
    "a comment after blanks": ("  One |<!--more--> two.", "One"),
    "in code in a line": ("One `two|<!--more--> three`.", "One two"),
    "in a url": ("One [two](http:|//x.example/).\n\nThree.", "One two."),
    "an item": ("- One\n- Two|\n\nThree.", "One\nTwo"),
    "a quote": ("> One\n> two|\n\nThree.", "One two"),
    "code": ("    one|\n\nTwo.", "one"),
    "code goes on behind it": ("```\none|\n\ntwo\n```\n\nThree.", "one\n\ntwo"),
    "an element goes on behind it": ("<div>One.|\n\nTwo.</div>\n\nThree.", "One."),
    "line ends of Windows": ("One.\r\nTwo.|\r\n\r\nThree.", "One. Two."),
    "a hidden comment": ("{% comment %}\nSecret.|\n\nSecond.\n{% endcomment %}\n\nHello.", ""),
    "Liquid before it": ("{{ a }}One.|\n\nTwo.", "One."),
    "Liquid goes on behind it": ("a {% b|\n\nc %} d\n\ne", "a"),
}


@pytest.mark.parametrize(("body", "excerpt"), EXCERPTS.values(), ids=EXCERPTS)
def test_excerpts_are_the_start_of_the_text(body: str, excerpt: str) -> None:
    cut = body.index("|")
    row = tables(body.replace("|", ""), cuts=[cut])["post_bodies"].row(0, named=True)
    assert row["text"][: row["excerpt_characters"]].rstrip() == excerpt


@pytest.mark.parametrize(
    ("body", "excerpt"),
    [
        pytest.param("<p>One <b>two</b>.</p>|\n\n<p>Three.</p>", "One two.", id="paragraphs"),
        pytest.param("<p>One|\n\ntwo.</p>", "One", id="a paragraph goes on behind it"),
        pytest.param("<a |\n\nhref='x'>One</a>", "", id="a tag goes on behind it"),
        pytest.param("<!-- One.|\n\nTwo. -->\n\nThree.", "", id="a comment goes on behind it"),
        pytest.param("<p>{{ a }}One</p>|\n\n<p>two.</p>", "One", id="Liquid before it"),
    ],
)
def test_excerpts_of_html(body: str, excerpt: str) -> None:
    cut = body.index("|")
    row = tables(body.replace("|", ""), cuts=[cut], markup="html")["post_bodies"].row(0, named=True)
    assert row["text"][: row["excerpt_characters"]].rstrip() == excerpt


def test_without_a_cut_the_front_matter_has_the_excerpt() -> None:
    assert tables("One.", "~~Two.~~")["post_bodies"]["excerpt_characters"].to_list() == [None, None]


FRAGMENTS = (
    "[", "]", "(", ")", "![", "](", "<", ">", "</", "`", "``", "```\n", "~~~\n", "*", "**", "_", "__", "~~",
    "$$", "\\", "|", "{:",
    "}", "{::comment}", "{:/}", "{: .a}", "\n", "\n\n", " ", "    ", "\t", "- ", "* ", "1. ", "> ", "# ", ": ",
    "^\n", "---\n", "===\n",
    "[^1]", "[^1]: ", "[a]: /b\n", "[a]", "[a](/b)", "![c](/d)", "<http://e.example/>", "<f@g.example>",
    '<a href="/h">', "</a>",
    '<img src="/i">', "<p>", "</p>", "<p>甲</p>", "<div>", '<div markdown="1">', "</div>", "<b>", "</b>", "<u>",
    "<br>", "<!--", "-->",
    "<script>", "</script>", "<pre>", "<code>", "&amp;", "&", '"', "'", "甲乙", "a", "0", "!", "\u3000",
    "{{ x }}", "{% raw %}",
    "{% endraw %}", "{% if %}\n", "\r\n", "\x00", "* x\n{:toc}\n",
)  # fmt: skip
TEXTS = st.one_of(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join), st.text(max_size=200))


@settings(max_examples=600, deadline=None)
@given(
    st.lists(st.tuples(TEXTS, st.integers(0, 30)), min_size=1, max_size=4),
    st.sampled_from(["markdown", "html", "asciidoc", "other"]),
)
def test_any_body_has_rows(written: list[tuple[str, int]], markup: str) -> None:
    made = tables(*(text for text, _ in written), cuts=[min(cut, len(text)) for text, cut in written], markup=markup)
    texts = made["post_bodies"]
    assert len(texts) == len(written)
    assert (texts["excerpt_characters"] <= texts["text"].str.len_chars()).all()
    links = made["post_links_raw"].join(texts.select("path", length=pl.col("text").str.len_chars()), on="path")
    assert links.filter(
        (pl.col("anchor_start") > pl.col("anchor_end")) | (pl.col("anchor_end") > pl.col("length"))
    ).is_empty()
    assert set(links["attribute"]) <= {"href", "src"}


@settings(max_examples=400, deadline=None)
@given(TEXTS, TEXTS)
def test_a_cut_between_paragraphs_changes_nothing_that_the_page_says(head: str, tail: str) -> None:
    body = f"{head}\n\n{tail}"
    cut = bodies.read_body(body, len(head), "markdown", Options())
    assert cut._replace(excerpt_characters=0) == bodies.read_body(body, None, "markdown", Options())._replace(
        excerpt_characters=0
    )


def test_a_body_is_read_alike_alone_and_by_the_tables() -> None:
    one = bodies.read_body(BODY, None, "markdown", Options())
    assert tables(BODY)["post_bodies"]["text"].to_list() == [one.text]
