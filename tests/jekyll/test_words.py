"""Plain text and its words."""

from __future__ import annotations

import time

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.jekyll import text


def plain(body: str) -> str:
    return str(text.plain(pl.Series("body", ["other", body, "another"]), pl.Series([True] * 3))[1])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", ""),
        ("# Head\n\nText\n", "Head\n\nText"),
        ("A **bold** _word_ and snake_case and `code`", "A bold word and snake_case and code"),
        ("[link](http://a.example/b_(c)) and ![image](x.png)", "link and"),
        ("[![alt](a.png)](b)", ""),
        ("[a][1]\n\n[1]: http://a.example\n", "a"),
        ("<http://a.example/x>", "http://a.example/x"),
        ("<p>One<br>two</p><p>three</p>", "One\ntwo\nthree"),
        ("a <b>b</b> c", "a b c"),
        ("a < b and c > d", "a < b and c > d"),
        ("a &amp; b&nbsp;c &#x4e2d;", "a & b\u00a0c 中"),
        ("a <!-- hidden --> b", "a b"),
        ("x<script>var a = '<b>';</script>y<style>p {}</style>z", "x y z"),
        ("{% include x.html %}a {{ page.title }} b", "a b"),
        ("a{% comment %}hidden{% endcomment %}b", "a b"),
        ("{% never closed", "{% never closed"),
        ("> a\n> b\n", "a\nb"),
        ("* a\n- b\n1. c\n", "a\nb\nc"),
        ("a\n---\nb\n", "a\n\nb"),
        ("```ruby\nputs 1\n```\n", "puts 1"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("{:.note}\na\n{: #x}", "a"),
        ("1 \\* 2", "1 * 2"),
        ("a\0b", "ab"),
        ("　　财经新闻。", "财经新闻。"),
        ('See [my long\nlabel](http://x "Long\ntitle") now.', "See my long\nlabel now."),
        ("[long\nlabel][m] and [m] [m]\n\n[m]: /u", "long\nlabel and m"),
        ('[a [b] c](u) [d](u "A :) e") [f](/(g)_(h))', "a [b] c d f"),
        ("[a][b] [c]\n\n[d]: /u", "[a][b] [c]"),
        ("[a\n\nb](u)", "[a\n\nb](u)"),
        ("See [Elm] and [Oak].\n\n[Elm]: /u", "See Elm and [Oak]."),
        ("[a]\n\n[a]: /u\n  'a title'\n[b]: /u", "a"),
        ("a\n: b\n\n![c](d){: .e\nf='g'}", "a\nb"),
        ("[`a`], [b `c`][`a`] [d]\n\n[`a`]: /u", "a, b c [d]"),
        ("Foo[^1].\n\n[^1]: A *note*.", "Foo.\n\nA note."),
        ("Before ![a\nb](c.png)after", "Before after"),
        ("![a][b]\n\n[b]: c.png", ""),
        ("## 1. Setup {#setup}\n\n- # A\n\n1) b", "1. Setup\n\nA\n\n1) b"),
        ("2 * 3 * 4 and *five*", "2 * 3 * 4 and five"),
        ("one\\\ntwo", "one\ntwo"),
        ("* contents\n{:toc}\n\na", "a"),
        ("a {::comment}b{:/comment}c", "a c"),
        ("a < b\n\nc > d <em\n\ne>", "a < b\n\nc > d <em\n\ne>"),
        ("<table><caption>a</caption><tr><td>b</td></tr></table>", "a\nb"),
        # code means itself
        (
            "Use `<script>` here.\n\nLong.\n\nEnd with `</script>`.",
            "Use <script> here.\n\nLong.\n\nEnd with </script>.",
        ),
        ("``a `b` *c*`` and `d`", "a `b` *c* and d"),
        ("`a\n\nb` *c*", "a\n\nb c"),
        ("a ` b *c* ` d", "a b c d"),
        ("```js\n# no *head*\n[a](b) &amp; __c__\n```\n*d*", "# no *head*\n[a](b) &amp; __c__\nd"),
        ("~~~\n```\n<b>\n~~~", "```\n<b>"),
        ("```\nnever *closed*", "never closed"),
        ("{% highlight html %}\n<p>*a*</p>\n{% endhighlight %}\n*b*", "<p>*a*</p>\nb"),
        ("{% raw %}{{ a }} *b*{% endraw %} {{ c }}", "{{ a }} b"),
        ("{% raw %}never {{ closed }}", "never"),
    ],
)
def test_plain(body: str, expected: str) -> None:
    assert plain(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>two *not em*, [no](link), `no code`, _a_</p>", "two *not em*, [no](link), `no code`, _a_"),
        ("<h2>1. One</h2>\n<p># Two</p>", "1. One\n\n# Two"),
        ("{% highlight js %}a < b{% endhighlight %} {{ page.description }}<b>c</b>", "a < b c"),
    ],
)
def test_plain_of_html(body: str, expected: str) -> None:
    assert text.plain(pl.Series([body]), pl.Series([False])).to_list() == [expected]


def test_texts_do_not_touch_each_other() -> None:
    bodies = pl.Series("body", ["a *b*", "plain", "<i>c</i>"])
    assert text.plain(bodies, pl.Series([True] * 3)).to_list() == ["a b", "plain", "c"]
    assert bodies.to_list() == ["a *b*", "plain", "<i>c</i>"]


@pytest.mark.parametrize(
    ("plain_text", "count"),
    [
        ("", 0), ("one two", 2), ("财经新闻", 4), ("财经 news 2022年", 5), ("it's", 2), ("カタカナ", 4),
        ("한국어", 3),
        ("Été à la plage", 4), ("cafe\u0301 noir", 2), ("a—b, c。", 3), ("人々", 2), ("𠮷野家", 3),
        ("１２３", 1), ("🎉", 0),
    ],
)  # fmt: skip
def test_words(plain_text: str, count: int) -> None:
    assert text.words(pl.Series([plain_text])).to_list() == [count]


LETTERS = st.one_of(st.sampled_from("ab1é中々한𠮷\u0301 ,。\n"), st.characters(codec="utf-8"))


@given(st.lists(st.text(LETTERS, max_size=12), max_size=8), st.sampled_from([1, 2, 5, text.WINDOW]))
def test_words_are_those_that_a_pattern_finds_however_much_is_looked_at_at_once(texts: list[str], window: int) -> None:
    word = rf"[{text.CJK}]|[[\p{{L}}\p{{M}}\p{{N}}]--[{text.CJK}]]+"
    column = pl.Series(texts, dtype=pl.String)
    assert text.words(column, window).to_list() == column.str.count_matches(word).to_list()


@pytest.mark.parametrize(
    "piece",
    [
        *("<", "[", "](", "{%", "<!--", "<script>", "`", "_", "\n ", "&", "(", "![", "<a ", "[a](", '"', "[a]: b\n"),
        *("[a\n", "[^a]: b\n", "```\n", "~~~~ a\n```\n", "`` ` ", "a`\n\n", "{% raw %}", "{% highlight a %}"),
        *("\\\n", "* a\n{:", "{::comment}", '[a]("b\n'),
    ],
)
def test_time_is_linear(piece: str) -> None:
    """Ten times the text may take thirty times as long, not a hundred; what is too short to be measured passes."""

    def cost(count: int) -> float:
        start = time.process_time()
        plain(piece * count)
        return time.process_time() - start

    small = min(cost(20_000) for _ in range(3))
    large = min(cost(200_000) for _ in range(2))
    assert large < 0.2 or large < 30 * small


@pytest.mark.parametrize(
    ("body", "excerpt"),
    [
        pytest.param("One *two*.\n\nThree.\n\nFour.", "One *two*.", id="the first paragraph"),
        pytest.param("One.\n\nTwo.", None, id="the whole body"),
        pytest.param("<a\n\nhref='x'>One</a>", "<a", id="a tag goes on behind it"),
        pytest.param("<!-- One.\n\nTwo. -->\n\nThree.", "<!-- One.", id="a comment goes on behind it"),
        pytest.param("<p>&nbsp;</p>\n\nTwo.", "<p>&nbsp;</p>", id="nothing before the gap"),
        pytest.param("One.&nbsp;\n\n　", "One.&nbsp;", id="nothing behind the gap"),
        pytest.param("One.\n\nTwo.", "Another.", id="a text of its own"),
        pytest.param("One.\n\n\n\n> Two.", "One.", id="a wide gap"),
    ],
)
@pytest.mark.parametrize("markdown", [True, False], ids=["Markdown", "HTML"])
def test_excerpts_are_made_plain_as_bodies_are(body: str, excerpt: str | None, markdown: bool) -> None:
    excerpts = [body if excerpt is None else excerpt]
    made = text.plain_with_excerpts([body], excerpts, [markdown])
    one = pl.Series([markdown])
    assert [list(series) for series in made] == [list(text.plain(pl.Series(part), one)) for part in ([body], excerpts)]
