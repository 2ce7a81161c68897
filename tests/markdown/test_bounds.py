"""Time and memory grow with the length of a body alone; depth is bounded."""

from __future__ import annotations

import random
import time

import pytest

from pipelines.html.bounds import bounded
from pipelines.html.page import read as read_page
from pipelines.jekyll.bodies import read_body
from pipelines.markdown import Options
from pipelines.markdown.document import STEPS_PER_DOCUMENT, Document, Node
from pipelines.markdown.spans import parse_spans
from tests.markdown.reading import read

SIZE = 60_000
MOST = 25
"""Times the cost of a plain body of the same size, noise included. A quadratic reader takes hundreds."""
PLAIN = (
    "A line with [a link](http://x.example/a), *emphasis* and `code`.\n\n- an item\n- another\n\n> quoted\n\n# Head\n\n"
)


def growing(mark: str) -> str:
    return "".join(f"{mark * length} a " for length in range(1, 400))


UNITS = (
    *("[", "![", "[![a](b)", "[a](", "[a](((", '[a](b "', "[a][b] ", "[a]: b\n", "[a]: b 'c\n", "[^1]", "[^1]: x\n"),
    *("<", "</", "<a ", "<a      ", "<b>x", "<div>\n", '<div markdown="1">\n', "<b a='", "<x@y", "<http://a", "<p>\n"),
    *("<!--", "<!-- x -->", "<![CDATA[", "<![CDATA[x]]>", "<?", "<script>", "<textarea>", "<ul><li>", "<pre>\n"),
    *("<table><tr><td>", "<b><i><p>", "<font><p>", "<b id=1>x<p>\n", "<code>", "&", "&amp", "&amp;", "\\", "<<", ">>"),
    *(
        "`",
        "`a``b```",
        "` ",
        "``` a\n",
        "~~~ x\n",
        "*a _b ",
        "**a",
        "***a* ",
        "~~a ",
        "$$ ",
        "{:",
        "x{: ",
        '{: a="b" \n',
    ),
    *("{::comment}\n", "> ", ">", "- ", "- a\n", "1. a\n\n", "- - ", "a\n: b\n", "|", "|a\\|", "|<code>`", "a|b\n"),
    *("*[a]: ", "    a\n\n", "   \n", "\t", "* a\n{:toc}\n", "# a[^1]\n", "# a\n", "a\n---\n", "^\n", '"', "'a"),
)
BODIES = {
    **{repr(unit): unit * (SIZE // len(unit)) for unit in UNITS},
    **{f"longer and longer runs of {mark}": growing(mark) for mark in "`*_~$[(<>{|#"},
    "a thousand open elements": "".join(f"<b id={n}>" for n in range(1000)) + "<p>x" * (SIZE // 8),
    "footnotes in footnotes": "a[^0]\n\n" + "".join(f"[^{n}]: [^{n + 1}]\n" for n in range(3_000)),
    "footnotes": "".join(f"[^{n}]: a\n" for n in range(3_000)) + "\n" + "".join(f"x[^{n}] " for n in range(3_000)),
    "attribute lists that name others twice": "".join(f"{{:a{n}: a{n + 1} a{n + 1}}}\n" for n in range(3_000))
    + "\nx\n{: a0}\n",
    "nested items": "".join(" " * depth + "- a\n" for depth in range(300)),
}


def seconds(body: str, markdown: bool) -> float:
    """Return the processor time that reading a body takes."""
    before = time.process_time()
    read_body(body, None, "markdown" if markdown else "html", Options())
    return time.process_time() - before


@pytest.fixture(scope="module")
def usual() -> float:
    """Seconds per character of a plain body."""
    body = PLAIN * (SIZE // len(PLAIN))
    return min(seconds(body, True) for _ in range(3)) / len(body)


@pytest.mark.parametrize("name", BODIES)
def test_time_grows_with_length_alone(name: str, usual: float) -> None:
    body = BODIES[name]
    assert any(seconds(body, True) < MOST * max(usual * len(body), 0.01) for _ in range(3))


@pytest.mark.parametrize("name", [name for name in BODIES if "<" in name or "open" in name])
def test_time_of_html_grows_with_length_alone(name: str, usual: float) -> None:
    body = BODIES[name]
    assert any(seconds(body, False) < MOST * max(usual * len(body), 0.01) for _ in range(3))


@pytest.mark.parametrize("seed", range(10))
def test_time_of_mixed_bodies_grows_with_length_alone(seed: int, usual: float) -> None:
    chance = random.Random(seed)
    unit = "".join(chance.choices(UNITS, k=4))
    body = unit * (SIZE // len(unit))
    assert any(seconds(body, True) < MOST * max(usual * len(body), 0.01) for _ in range(3)), repr(unit)


DEEP = {
    "quotes": ("> " * 5_000, ["/a"]),
    "lists": ("".join(" " * number + "- a\n" for number in range(300)), ["/a"]),
    "elements, never closed": ("<span>" * 5_000, []),
    "elements with Markdown": ('<div><div markdown="1">\n' * 3_000, []),
    "elements with Markdown that hold none": ('<pre markdown="1">' * 5_000, []),
    "emphasis and links, never closed": ("*[![" * 3_000, []),
}


@pytest.mark.parametrize(("body", "links"), DEEP.values(), ids=DEEP)
def test_depth_is_bounded(body: str, links: list[str]) -> None:
    assert [link.value for link in read(body + "\n[x](/a)").links] == links


class TestHtml:
    def test_few_tags_stay_as_they_are(self) -> None:
        html = "<b><p>" * 500
        assert bounded(html) == html

    def test_many_tags_that_end_stay_as_they_are(self) -> None:
        html = "<div><b>a</b><p>b<ul><li>c<li>d</ul></div>" * 2_000
        assert bounded(html) == html

    def test_what_deep_elements_say_is_kept(self) -> None:
        page = read_page("<div>" * 5_000 + '<a href="/a">a</a>' + "</div>" * 5_000 + "b")
        assert (page.text, [link.value for link in page.links]) == ("a\n\nb", ["/a"])

    def test_paragraphs_after_open_elements_stay_paragraphs(self) -> None:
        html = "".join(f"<b id={n}>" for n in range(500)) + "<p>a" * 2_000
        assert read_page(html).text == "\n\n".join(["a"] * 2_000)

    def test_tags_in_comments_and_scripts_count_for_nothing(self) -> None:
        html = f"<!-- {'<div>' * 3_000} --><script>{'<div>' * 3_000}</script><div>a</div>"
        assert bounded(html) == html


class TestBudget:
    """Reading a post's spans may take so many steps. Beyond them its texts are read without nesting."""

    COSTLY = "**a " * 500

    def test_a_document_has_one_for_all_its_texts(self) -> None:
        document = Document()
        for _ in range(200):
            parse_spans(self.COSTLY, Node("p"), document)
        assert -len(self.COSTLY) < document.steps <= 0

    def test_texts_beyond_it_are_kept(self) -> None:
        document, node = Document(), Node("p")
        document.steps = 0
        parse_spans("a *b* [c](d) ~~e~~ ![f](g)", node, document)
        assert [child.value for child in node.children] == ["a *b* [c](d) ~~e~~ ![f](g)"]

    def test_a_common_text_uses_little_of_it(self) -> None:
        document = Document()
        parse_spans("Some *words* and [a link](https://example.com/). " * 20, Node("p"), document)
        assert 0 < STEPS_PER_DOCUMENT - document.steps < 200
