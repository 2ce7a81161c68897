# ruff: noqa: E501 — bodies are one line each
"""What bodies in other languages than Markdown say, read from the HTML that they become."""

from __future__ import annotations

import re
from pathlib import Path
from time import process_time

import pytest

from pipelines.html import page
from pipelines.markup import to_html

BODIES = {
    "html is kept": ("html", "<p>a <b>c</b></p>", "a c"),
    "other: text as written, addresses": ("other", "a <b> *c*\n\nSee http://x.example/a.", "a <b> *c* See http://x.example/a."),
    "asciidoc: marks": ("asciidoc", "*b* _i_ `c` #h# **a**b x^2^ H~2~O", "b i c h ab x2 H2O"),
    "asciidoc: not marks": ("asciidoc", "2 * 3 * 4, a_b_c, C++ and *args.", "2 * 3 * 4, a_b_c, C++ and *args."),
    "asciidoc: HTML is text": ("asciidoc", "Map<Key, List> & x<y", "Map<Key, List> & x<y"),
    "asciidoc: literal, passed": ("asciidoc", r"`+*a*+` \*b* +_c_+ pass:[<i>d</i>] +++<u>e</u>+++", "*a* *b* _c_ d e"),
    "asciidoc: values": ("asciidoc", ":v: 1.2\n\nRelease {v}, {cpp}, {unknown}.", "Release 1.2, C++, {unknown}."),
    "asciidoc: title, author, comments": ("asciidoc", "= T\nA B <a@b.example>\n:v: x\n\n// no\nYes.\n////\nno\n////", "Yes."),
    "asciidoc: directives": ("asciidoc", "ifdef::x[]\na\nendif::[]\ntoc::[]\n[NOTE]\n====\nb\n====", "a b"),
    "asciidoc: lists": ("asciidoc", "* a\n** b\n* c\nmore\n+\n--\nd\n--\n\n. one\n. two", "a b c more d one two"),
    "asciidoc: terms": ("asciidoc", "Term:: what\nNext::\n  is std::vector", "Term what Next is std::vector"),
    "asciidoc: a table": ("asciidoc", ".Title\n[cols=2]\n|===\n|a |*b*\n\n|c\n2+|d\n|===", "Title a b c d"),
    "asciidoc: quotes": ("asciidoc", "[quote, Me, Here]\n____\nSaid \"`so`\".\n____\n\n'''\nEnd +\nline", 'Said "so". End line'),
    "org: marks": ("org", "*b* /i/ _u_ =v*= ~c~ +s+ a/b/c x_y 2 + 3", "b i u v* c s a/b/c x_y 2 + 3"),
    "org: what isn't text": ("org", "#+TITLE: T\n# no\n:PROPERTIES:\n:ID: 1\n:END:\nYes.\n#+begin_comment\nno\n#+end_comment", "Yes."),
    "org: lists, terms": ("org", "- a\n  more\n  - [ ] b\n- c\n\n1. x\n2) y\n\n- t :: d", "a more b c x y t d"),
    "org: table, quote, fixed, HTML": (
        "org", "| a | b |\n|---+---|\n| c |\n#+begin_quote\nq\n#+end_quote\n: f\n#+HTML: <b>h</b>", "a b c q f h",
    ),
    "textile: marks": ("textile", "*b* _i_ @c*@ -d- +e+ ^f^ %g% ??h?? a-b-c x_y 2*3*4", "b i c* d e f g h a-b-c x_y 2*3*4"),
    "textile: blocks": ("textile", "p(a#b). One\n\nbq.. two\n\nthree\n\np. four\n\nfn1. five", "One two three four 1 five"),
    "textile: lists": ("textile", "Go:\n* a\n** b\nmore\n* c\n\n# x\n#{color:red} y", "Go: a b more c x y"),
    "textile: a table": ("textile", "table(x). \n|_. a |_. b |\n|\\2. c *d* |", "a b c d"),
    "textile: HTML": ("textile", "<div>\n\na <b>c</b> &amp; x<y\n\n</div>\n\n<notextile>*n*</notextile>", "a c & x<y *n*"),
    "textile: ABC(title), notes": ("textile", "HTML(Hyper Text) works[1]. ==*raw*==", "HTML works1. *raw*"),
    "rst: text": ("rst", "*a* ``b`` |s|_\n\n- c\n\n.. note:: d\n\n.. no\n\n+---+\n| e |\n+---+", "a b |s|_ c Note d e"),
    "rst: no files, no raw HTML": (
        "rst", "a\n\n.. include:: /etc/passwd\n\n.. raw:: html\n\n   <b>x</b>\n\n.. csv-table:: t\n   :file: /etc/passwd", "a",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("markup", "body", "text"), BODIES.values(), ids=BODIES)
def test_text(markup: str, body: str, text: str) -> None:
    assert " ".join(page.read(to_html(body, markup)).text.split()) == text


LINKS = {
    "other": ("other", "(http://x.example/a_(b)), <https://y.example>", [("http://x.example/a_(b)", None), ("https://y.example", None)]),
    "asciidoc: addresses": ("asciidoc", "https://x.example/[the _x_] https://y.example/a.", [("https://x.example/", "the x"), ("https://y.example/a", None)]),
    "asciidoc: macros": (
        "asciidoc", "link:/a[A,window=_blank] xref:b.adoc#c[B] mailto:m@x.example[M] <<d,D>> <<e>>",
        [("/a", "A"), ("b.html#c", "B"), ("mailto:m@x.example", "M"), ("#d", "D"), ("#e", "[e]")],
    ),
    "asciidoc: pictures": ("asciidoc", "image::/i/a-b.png[]\n\nimage:c.png[C,100,link=https://l.example]\n\nvideo::id[youtube]", [
        ("/i/a-b.png", "a b"), ("https://l.example", ""), ("c.png", "C"), ("https://www.youtube.com/embed/id", ""),
    ]),
    "asciidoc: by values": ("asciidoc", ":u: https://x.example\n\n{u}/a[A] `{u}`", [("https://x.example/a", "A"), ("https://x.example", None)]),
    "org": ("org", "[[https://x.example][an *x*]] [[file:a.png]] [[/b]] https://c.example/, [[#d][D]]", [
        ("https://x.example", "an x"), ("a.png", None), ("/b", "/b"), ("https://c.example/", None), ("#d", "D"),
    ]),
    "textile": ("textile", '"a(title)":/x, ["b":/y] "c":al "$":/z !/i.png(Alt)!:/l https://u.example.\n\n[al]https://al.example', [
        ("/x", "a"), ("/y", "b"), ("https://al.example", "c"), ("/z", "/z"), ("/l", ""), ("/i.png", "Alt"), ("https://u.example", None),
    ]),
    "rst": ("rst", "`a <https://x.example/>`_ b_ https://c.example/\n\n.. _b: /b\n\n.. image:: /i.png\n   :alt: I", [
        ("https://x.example/", "a"), ("/b", "b"), ("https://c.example/", None), ("/i.png", "I"),
    ]),
}  # fmt: skip


@pytest.mark.parametrize(("markup", "body", "links"), LINKS.values(), ids=LINKS)
def test_links(markup: str, body: str, links: list[tuple[str, str | None]]) -> None:
    read = page.read(to_html(body, markup)).links
    same = [(value, value if anchor is None and not value.endswith("a.png") else anchor) for value, anchor in links]
    assert [(link.value, link.anchor) for link in read] == same


HEADINGS = {
    "asciidoc": ("asciidoc", "== A `b`: C.d\n\n=== A B\n\n[[own]]\n== X\n\nOld\n---\n\n== A B", [
        (2, "a-b-c-d", "A b: C.d"), (3, "a-b", "A B"), (2, "own", "X"), (2, "old", "Old"), (2, "a-b-2", "A B"),
    ]),
    "org": ("org", "* One :tag:\n*** Three /i/", [(1, None, "One"), (3, None, "Three i")]),
    "textile": ("textile", 'h2. One "x":/y\n\nh3(a#id). Two', [(2, None, "One x"), (3, "id", "Two")]),
    "rst": ("rst", "One\n===\n\nTwo\n---", [(1, None, "One"), (2, None, "Two")]),
}  # fmt: skip


@pytest.mark.parametrize(("markup", "body", "headings"), HEADINGS.values(), ids=HEADINGS)
def test_headings(markup: str, body: str, headings: list[tuple[int, str | None, str]]) -> None:
    assert [heading[:3] for heading in page.read(to_html(body, markup)).headings] == headings


CODE = {
    "asciidoc: fence": ("asciidoc", "[source,ruby]\n----\na <b>\n\n*c*\n----", "ruby", "a <b>\n\n*c*"),
    "asciidoc: Markdown's fence": ("asciidoc", "```JS\na\n```\n", "JS", "a"),
    "asciidoc: paragraph": ("asciidoc", "[source%linenums,sh]\n- a\n$ b\n", "sh", "- a\n$ b"),
    "asciidoc: language alone": ("asciidoc", "[,ruby]\n----\na\n----\n\n[,who,where]\n____\nb\n____", "ruby", "a"),
    "asciidoc: literal": ("asciidoc", "....\n a\n....", None, " a"),
    "asciidoc: indented": ("asciidoc", " a\n  b", None, "a\n b"),
    "asciidoc: in an item": ("asciidoc", "* x\n+\n----\na\n----\n", None, "a"),
    "org: source": ("org", "#+BEGIN_SRC emacs-lisp :results none\n  (a)\n\n    ,* b\n#+END_SRC", "emacs-lisp", "(a)\n\n  * b"),
    "org: fixed": ("org", ": a\n:  b", None, "a\n b"),
    "textile: bc": ("textile", "bc(ruby). a <b>\n *c*", "ruby", "a <b>\n *c*"),
    "textile: bc..": ("textile", "bc.. a\n\nb\n\np. c", None, "a\n\nb"),
    "textile: pre": ("textile", '<pre><code class="language-c">\na\n\n*b*</code></pre>', "c", "a\n\n*b*"),
    "rst: code": ("rst", ".. code-block:: python\n\n   def a():\n       <b>", "python", "def a():\n    <b>"),
    "rst: literal": ("rst", "So::\n\n  a\n", None, "a"),
}  # fmt: skip


@pytest.mark.parametrize(("markup", "body", "language", "code"), CODE.values(), ids=CODE)
def test_code(markup: str, body: str, language: str | None, code: str) -> None:
    read = page.read(to_html(body, markup))
    [block] = read.code_blocks
    assert (block.language, read.text[block.start : block.end]) == (language, code)


@pytest.mark.parametrize("markup", ["html", "asciidoc", "org", "textile", "rst", "other"])
def test_the_excerpt_ends_at_the_cut(markup: str) -> None:
    body = "<p>One.</p>\n\n<p>Two.</p>" if markup == "html" else "One.\r\n\r\nTwo.\r\n\r\nThree."
    read = page.read(to_html(body, markup, body.index("\n", 5)))
    assert read.text[: read.excerpt_characters].strip() == "One."
    assert page.read(to_html(body, markup)).text == read.text


def test_a_cut_in_code_leaves_the_code_as_it_is() -> None:
    read = page.read(to_html("----\na\n\nb\n----", "asciidoc", 6))
    assert (read.text, read.code_blocks[0].lines) == ("a\n\nb", 3)


def test_images_of_rst_are_not_read_from_disk(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text("<svg><text>secret</text></svg>")
    assert "secret" not in to_html(f".. image:: {tmp_path}/a.svg\n   :loading: embed\n", "rst")


HOSTILE = [
    "a", "\n", "*", "_", "* ", "a_ ", "`", "[", "[[", "](", "<", "<a", "&", "|", "|a|\n", '"', '"a":', '"a":b ', "!a",
    "\\", "{", "{sp}", "+", "^", "\n* ", "\n- ", "\n----\n", "\n....\n", "\n====\n", "\n|===\n", "link:", "link:a[",
    "image::a[", "http://", "http://a[", "<<a", "[[a][", "#+begin_src\n", "\n#+begin_quote\n", "\n:a:\n", "\n* a :a:",
    "<pre>", "<notextile>", "bc.. a\n\n", "p((", "p{a", "|_. ", "@a", "ABC(", "\na\n=\n", "\n.. _a: b\n", ".. x::\n\n  ",
    "\ufdd11\ufdd1", "\ufdd0cut", "\0",
]  # fmt: skip
NESTED = ["".join(f"{' ' * n}- a\n" for n in range(1_400)), "".join(f"{'*' * n} a\n" for n in range(1, 1_400))]


PLAIN = "Plain words of a sentence, one after the other.\n\n"
MOST = 100
"""Times the CPU time of plain words that a hostile body of the same length may take; measured: up to 34."""


def seconds(body: str, markup: str) -> float:
    """Return the CPU time that a body takes."""
    start = process_time()
    to_html(body, markup)
    return process_time() - start


@pytest.mark.parametrize(
    ("markup", "size"),
    [("asciidoc", 60_000), ("org", 60_000), ("textile", 60_000), ("other", 60_000), ("rst", 6_000), ("rst", 200_000)],
)
@pytest.mark.parametrize("token", [*HOSTILE, *NESTED], ids=lambda token: re.escape(token[:12]))
def test_a_hostile_body_takes_little_time(markup: str, size: int, token: str) -> None:
    body, plain = (unit * (size // len(unit) + 1) for unit in (token, PLAIN))
    assert any(seconds(body[:size], markup) < MOST * max(seconds(plain[:size], markup), 0.02) for _ in range(3))
