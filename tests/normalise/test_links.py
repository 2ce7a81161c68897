"""One tiny case for each rule by which Jekyll's page comes to its links; then what holds for any body."""

from __future__ import annotations

import time

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipelines.normalise.links import Link, parsed
from pipelines.normalise.markdown_attributes import STEPS_PER_DOCUMENT, Definitions

from pipelines.normalise import link_plain, links, markdown_options, markdown_spans


def extract(body: str, markdown: bool) -> list[Link]:
    """The links of one body."""
    return next(links.extract(pl.Series([body]), [markdown]))


def plain(body: str) -> list[Link] | None:
    """The links of a body without the parser; None where it wants that."""
    (pieces,) = link_plain.pieces(pl.Series([body]))
    return None if pieces is None else link_plain.links(pieces)


A = "http://a.example/"
B = "http://b.example/"

MARKDOWN = {
    # links in the text
    "inline": (f"[x]({A})", [A]),
    "inline, two": (f"[x]({A}) and [y]({B})", [A, B]),
    "inline, empty url": ("[x]()", [""]),
    "inline, no text": (f"[]({A})", [A]),
    "inline, url with blanks": ("[x]( /a b )", ["/a b"]),
    "inline, title": (f'[x]({A} "title")', [A]),
    "inline, title in single quotes": (f"[x]({A} 'title')", [A]),
    "inline, title with quotes and parentheses": (f'[x]({A} "a "b" (c)")', [A]),
    "inline, title over two lines": (f'[x]({A}\n"title")', [A]),
    "inline, title never closed": (f'[x]({A} "title)', []),
    "inline, parentheses in the url": ("[x](/a_(b)_c)", ["/a_(b)_c"]),
    "inline, parenthesis never closed": ("[x](/a_(b", []),
    "inline, angle brackets": ("[x](</a b>)", ["/a b"]),
    "inline, angle brackets and title": ("[x](</a> 'b')", ["/a"]),
    "inline, blank before the parenthesis": (f"[x] ({A})", []),
    "inline, backslash in the url stays": ("[x](/a\\_b)", ["/a\\_b"]),
    "inline, entity in the url": ("[x](/?a=1&amp;b=2&c=3&copy;)", ["/?a=1&b=2&c=3©"]),
    "inline, text over two lines": (f"[x\ny]({A})", [A]),
    "inline, text over two paragraphs": (f"[x\n\ny]({A})", []),
    "inline, brackets in the text": (f"[x [y] z]({A})", [A]),
    "inline, bracket never closed": (f"[x [y]({A})", [A]),
    "inline, no link in a link": (f"[x [y]({B}) z]({A})", [A]),
    "inline, escaped bracket": (f"\\[x]({A})", []),
    "inline, escaped bracket in the text": (f"[x\\] y]({A})", [A]),
    "inline, in emphasis": (f"*x [y]({A}) z*", [A]),
    "inline, emphasis crosses its end": (f"[x *y]({A}) z*", []),
    "inline, emphasis in its text": (f"[*x*]({A})", [A]),
    "inline, underscore within a word": (f"[x_y]({A}) z_", [A]),
    "inline, strong falls back to emphasis": (f"**x [y]({A}) z*", [A]),
    "inline, struck out": (f"~~x [y]({A})~~", [A]),
    "inline, in mathematics": (f"a $$[x]({A})$$", []),
    "inline, mathematics never closed": (f"a $$[x]({A})", [A]),
    "inline, quotes around it": (f'"[x]({A})"', [A]),
    "inline, footnote marker in its text": (f"[x[^1]]({A})\n\n[^1]: note", ["#fn:1", "#fnref:1"]),
    # references
    "reference": (f"[x][y]\n\n[y]: {A}", [A]),
    "reference, implicit": (f"[x][]\n\n[x]: {A}", [A]),
    "reference, its text alone": (f"[x]\n\n[x]: {A}", [A]),
    "reference, in angles with another": (f"[x]\n\n[x]: <{A}b>c>", [f"{A}b>c"]),
    "reference, case and blanks": (f"[x][A  b\nC]\n\n[a B c]: {A}", [A]),
    "reference, defined before": (f"[y]: {A}\n\n[x][y]", [A]),
    "reference, defined in a quote": (f"[x][y]\n\n> [y]: {A}", [A]),
    "reference, defined twice": (f"[x][y]\n\n[y]: {A}\n[y]: {B}", [B]),
    "reference, title": (f'[x][y]\n\n[y]: {A} "title"', [A]),
    "reference, title on the next line": (f'[x][y]\n\n[y]: {A}\n  "title"', [A]),
    "reference, angle brackets": (f"[x][y]\n\n[y]: <{A}> 'title'", [A]),
    "reference, url with blanks": ("[x][y]\n\n[y]: /a b", ["/a b"]),
    "reference, words after the title": (f'[x][y]\n\n[y]: {A} "title" words', []),
    "reference, definition inside a paragraph": (f"[x][y]\n[y]: {A}", []),
    "reference, indented as code": (f"[x][y]\n\n    [y]: {A}", []),
    "reference, undefined": ("[x][y]", []),
    "reference, a blank between": (f"[x] [y]\n\n[y]: {A}", [A]),
    "reference, the bracket after it wins": (f"[x] [y]({B})\n\n[x]: {A}", [B]),
    # images
    "image": (f"![x]({A})", [("img", "src", A)]),
    "image, reference": (f"![x][y]\n\n[y]: {A}", [("img", "src", A)]),
    "image, in a link": (f"[![x]({A})]({B})", [B, ("img", "src", A)]),
    "image, in a link, with words": (f"[a ![x]({A}) b]({B})", [B, ("img", "src", A)]),
    "image, link in its text": (f"![a [x]({B})]({A})", [("img", "src", A)]),
    "image, escaped": (f"\\![x]({A})", [A]),
    "image, tag in a link's text": (f'[<img src="{A}">][y]\n\n[y]: {B}', [B, ("img", "src", A)]),
    # autolinks
    "autolink": (f"<{A}?a=1&b=2>", [A + "?a=1&b=2"]),
    "autolink, ftp": ("<ftp://a.example>", ["ftp://a.example"]),
    "autolink, mail": ("<me@a.example>", ["mailto:me@a.example"]),
    "autolink, mail with scheme": ("<mailto:me@a.example>", ["mailto:me@a.example"]),
    "autolink, other scheme": ("<irc://a.example>", []),
    "autolink, over two lines": ("<http://a.example/\nb>", []),
    "autolink, nothing in it": ("a <> b", []),
    "bare url": (f"see {A} and www.a.example", []),
    "autolink, after an escaped angle": (f"\\<{A}>", []),
    # code
    "code span": (f"`[x]({A})`", []),
    "code span, two backticks": (f"``[x]({A}) ` [y]({B})``", []),
    "code span, never closed": (f"`[x]({A})", [A]),
    "code span, lonely backtick": (f"a ` [x]({A}) `", [A]),
    "code span in a link": (f"[`x`]({A})", [A]),
    "code span crosses its end": (f"[`x]({A})`", []),
    "fenced": (f"```\n[x]({A})\n```\n[y]({B})", [B]),
    "fenced, tildes and language": (f"~~~ ruby\n[x]({A})\n~~~\n[y]({B})", [B]),
    "fenced, never closed": (f"```\n[x]({A})", [A]),
    "fenced, longer end": (f"```\n[x]({A})\n`````\n[y]({B})", [B]),
    "fenced, four closed by three": (f"````\n[x]({A})\n```\n[y]({B})", [B]),
    "fenced, right after a paragraph": (f"text\n```\n[x]({A})\n```", []),
    "fenced, in a list": (f"- x\n\n  ```\n  [x]({A})\n  ```\n- [y]({B})", [B]),
    "indented": (f"x\n\n    [x]({A})\n\n[y]({B})", [B]),
    "indented, by a tab": (f"x\n\n\t[x]({A})", []),
    "indented, with a lazy line": (f"x\n\n    code\n[x]({A})", []),
    "indented, in a paragraph": (f"x\n    [x]({A})", [A]),
    "indented, in a list": (f"- x\n\n      [x]({A})\n- [y]({B})", [B]),
    "indented, an item's second paragraph": (f"- x\n\n  [x]({A})", [A]),
    # blocks
    "quote": (f"> [x]({A})", [A]),
    "quote in a quote, lazy": (f"> > [x]({A})\n[y]({B})", [A, B]),
    "header": (f"# [x]({A}) #", [A]),
    "header, set text": (f"[x]({A})\n---", [A]),
    "list": (f"* [x]({A})\n* [y]({B})", [A, B]),
    "list, ordered and nested": (f"1. [x]({A})\n   - [y]({B})", [A, B]),
    "list, task": (f"- [ ] [x]({A})\n- [x] [y]({B})", [A, B]),
    "definition list": (f"[x]({A})\n: [y]({B})", [A, B]),
    "table": (f"| [x]({A}) | b |\n|---|---|\n| c | [y]({B}) |", [A, B]),
    "table, pipe in a link": (f"| [x|y]({A}) | b |", []),
    "table, pipe in code": (f"| `a|b` | [x]({A}) |", [A]),
    "pipe within a paragraph": (f"text\n[x|y]({A})", [A]),
    "mathematics, a pipe": (f"$$ P(a|b) = [x]({A}) $$\n\n[y]({B})", [B]),
    "mathematics": (f"$$\n[x]({A})\n$$\n\n[y]({B})", [B]),
    "abbreviation": (f"*[HTML]: [x]({A})\n\n[y]({B})", [B]),
    "block ends": (f"- a\n^\n- [x]({A})", [A]),
    # footnotes
    "footnote": (f"a[^n]\n\n[^n]: [x]({A})", ["#fn:n", A, "#fnref:n"]),
    "footnote, twice": ("a[^n] b[^n]\n\n[^n]: c", ["#fn:n", "#fn:n", "#fnref:n", "#fnref:n:1"]),
    "footnote, in the order of markers": (
        f"a[^2] b[^1]\n\n[^1]: [x]({A})\n[^2]: [y]({B})",
        ["#fn:2", "#fn:1", B, "#fnref:2", A, "#fnref:1"],
    ),
    "footnote, second paragraph": (f"a[^n]\n\n[^n]: b\n\n    [x]({A})", ["#fn:n", A, "#fnref:n"]),
    "footnote, not mentioned": (f"a\n\n[^n]: [x]({A})", []),
    "footnote, undefined": ("a[^n]", []),
    "footnote, mentions another": ("a[^1]\n\n[^1]: b[^2]\n[^2]: c", ["#fn:1", "#fn:2", "#fnref:1", "#fnref:2"]),
    # attribute lists and extensions
    "attributes, of a link": (f'[x]({A}){{: href="{B}" .c}}', [B]),
    "attributes, of a block": (f'text\n{{: src="{A}"}}', [("p", "src", A)]),
    "attributes, by name": (f'[x]({A}){{: n}}\n\n{{:n: href="{B}"}}', [B]),
    "attributes, of a definition": (f'[x]\n\n[x]: {A}\n{{: src="{B}"}}', [("a", "src", B), A]),
    "contents": ("# A b!\n\n## C {#d}\n\n# No\n{: .no_toc}\n\n* x\n{:toc}", ["#a-b", "#d"]),
    "contents, an id in any script": ("# A {#甲.b}\n\n# B {#0}\n\n* x\n{:toc}", ["#甲.b", "#b-0"]),
    "contents, of words in any script": ("# İki é 甲² a&#8211;b -- c_d\n\n* x\n{:toc}", ["#i\u0307ki-é-甲-ab--c_d"]),
    "contents, equal headers": ("# A\n\n# a\n\n* x\n{:toc}", ["#a", "#a-1"]),
    "contents, a header without words": ("# ...\n\n* x\n{:toc}", ["#"]),
    "contents, a header within HTML": (
        '# 1 é a\n\n<div markdown="1">\n\n# 1 é a\n\n# 甲\n\n</div>\n\n* x\n{:toc}',
        ["#1-é-a", "#a", "#section"],
    ),
    "contents, a header within a footnote": (
        "* x\n{:toc}\n\n# 1 a\n\nb[^1]\n\n[^1]: c\n\n    # 1 a",
        ["#1-a", "#a", "#fn:1", "#fnref:1"],
    ),
    "contents, a link in a header": (f'# [x]({A}) <a href="{B}">y</a>\n\n* x\n{{:toc}}', [A, B, "#x-y", B]),
    "contents, an image in a header": (f"# ![x]({A})\n\n* x\n{{:toc}}", [("img", "src", A), "#", ("img", "src", A)]),
    "contents, before footnotes": ("* x\n{:toc}\n\n# A[^1]\n\n[^1]: b", ["#a", "#fn:1", "#fnref:1"]),
    "comment, extension": (f"{{::comment}}\n[x]({A})\n{{:/comment}}\n[y]({B})", [B]),
    "comment, extension in the text": (f"a {{::comment}}[x]({A}){{:/}} [y]({B})", [B]),
    "HTML, extension": (f'{{::nomarkdown}}\n<p>[x]({A})<a href="{B}">\n{{:/}}', [B]),
    # HTML in Markdown
    "HTML, inline": (f'a <a href="{A}">b</a>', [A]),
    "HTML, inline, Markdown in it": (f'a <b>[x]({A})</b> <a href="{B}">[y]({A})</a>', [A, B, A]),
    "HTML, inline, no Markdown in it": (f"a <u>[x]({A})</u> [y]({B})", [B]),
    "HTML, inline, markdown=1": (f'a <u markdown="span">[x]({A})</u>', [A]),
    "options, of a post": (f'<p>[x]({A})</p>\n\n{{::options parse_block_html="true" /}}\n\n<p>[y]({B})</p>', [B]),
    "options, in a line": ('a\n{::options toc_levels="2..2" /}\n\n* x\n{:toc}\n\n# A\n\n## B', ["#b"]),
    "options, unknown": (f'{{::options nothing="1" /}}\n\n[x]({A})', [A]),
    "HTML, inline, never closed": (f"a <u>b [x]({A})", []),
    "HTML, inline, line end in an attribute": ('a <a href="/a\nb">c</a>', ["/a b"]),
    "HTML, inline, attribute without quotes": (f"a <a href={A}>b</a> <a href=b>c</a>", ["b"]),
    "HTML, inline, a block's tag": (f'a <div><a href="{A}">b</a></div>', [A]),
    "HTML, inline, a frame is text": (f'a <iframe src="{A}"></iframe>', []),
    "HTML, block": (f'<div>[x]({A}) <a href="{B}">y</a></div>', [B]),
    "HTML, block, then Markdown": (f"<p>a</p> [x]({A})\n<div>\n[y]({B})\n</div>\n[z]({B})", [A, B]),
    "HTML, block, never closed": (f"<p>\n\n[x]({A})", []),
    "HTML, block, wrongly nested": (f"<p><b></p>\n\n[x]({A})", []),
    "HTML, block, never closed in an item": (f"- <div><textarea>x\n\n[y]({B})", [B]),
    "HTML, block, an unknown name": (f"<T> a\n\n[x]({A})", []),
    "HTML, block, without a body": (f"<hr>\n[x]({A})", [A]),
    "HTML, block, markdown=1": (f'<div markdown="1">\n[x]({A})\n\n    [y]({B})\n</div>\n[z]({B})', [A, B]),
    "HTML, block, markdown=1 within": (f'<div><div markdown="1">\n[x]({A})\n</div>[y]({B})</div>', [A]),
    "HTML, block, markdown=1 in a paragraph": (f'<p markdown="1">[x]({A})</p>', [A]),
    "HTML, block, ends a paragraph": (f"a\n<div>[x]({A})</div>", []),
    "HTML, block, indented": (f"   <div>[x]({A})</div>\n\n[y]({B})", [B]),
    "HTML, script": (f"<script src='{B}'>'<a href=\"{A}\">'</script>", [("script", "src", B)]),
    "HTML, frame": (f'<iframe src="{A}"><a href="{B}">b</a></iframe>', [("iframe", "src", A)]),
    "HTML, comment": (f'<!-- <a href="{A}"> -->\n[x]({B})', [B]),
    "HTML, comment in the text": (f"a <!-- [x]({A}) --> [x]({B})", [B]),
    "HTML, names in capitals": (f'<P>a <A HREF="{A}">b</A></P>', [A]),
    "HTML, entities": ('<p><a href="/?a=1&amp;b=2&c&lt;">b</a></p>', ["/?a=1&b=2&c<"]),
    "HTML, last of equal attributes": (f'<p><a href="{A}" href="{B}">b</a></p>', [B]),
    "HTML, other elements": (
        f'<video src="{A}"><source src="{B}"></video>',
        [("video", "src", A), ("source", "src", B)],
    ),
    "line ends of Windows": (f"[x][y]\r\n\r\n[y]: {A}\r\n", [A]),
    "ideographic blanks are text": (f"\u3000\u3000[x]({A})", [A]),
    "nothing": ("", []),
}

OPTIONS: dict[str, tuple[dict[str, object], str, list[str]]] = {
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

HTML = {
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

LIQUID = {
    "in a url": ('[x]({{ "/a b" | relative_url }})', ['{{ "/a b" | relative_url }}']),
    "in an attribute": ('<a href="{% post_url 2020-01-01-a %}#b">x</a>', ["{% post_url 2020-01-01-a %}#b"]),
    "two in a url": ("[x]({{ site.url }}{% link _posts/a.md %})", ["{{ site.url }}{% link _posts/a.md %}"]),
    "highlighted": (f"{{% highlight html %}}\n<a href='{A}'>\n\n[x]({A})\n{{% endhighlight %}}\n[y]({B})", [B]),
    "raw": (f"{{% raw %}}[x]({A}){{% endraw %}} [y]({B})", [A, B]),
    "raw, around fences": (f"{{% raw %}}\n```\n[x]({A})\n```\n{{% endraw %}}\n[y]({B})", [B]),
    "raw, with what would be Liquid": (f"{{% raw %}}{{{{ a }}}} {{% if %}}{{% endraw %}}[y]({B})", [B]),
    "a url between angles": (
        "* <{{ release.url.gz }}>\n* <{{ site.url }}/a>",
        ["{{ release.url.gz }}", "{{ site.url }}/a"],
    ),
    "no url between angles": ("<{{ a }}> x <{{ page.url }} b>", []),
    "comment": (f"{{%- comment -%}}[x]({A}){{%- endcomment -%}}[y]({B})", [B]),
    "block never closed": (f"{{% raw %}}[x]({A})", [A]),
    "tag never closed": (f"{{% raw [x]({A})", [A]),
    "a tag that begins a line": (
        f"{{% if a %}}<div>[x]({A})\n</div>{{% endif %}}\n\n{{% if b %}} {{% if c %}}- [y]({B})",
        [B],
    ),
    "a tag that takes blanks away": (f"{{%- assign a = 1 -%}}\n    [x]({A})", [A]),
    "a tag before what would be code": (f"{{% assign a = 1 %}}    [x]({A})", []),
    "a tag on its own line is blank": (f"a\n{{% if b %}}\n- [x]({A})\n{{% endif %}}", [A]),
}


def triples(expected: list[str | tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """A url alone stands for a link."""
    return [("a", "href", one) if isinstance(one, str) else one for one in expected]


def found(body: str, markdown: bool = True) -> list[tuple[str, str, str]]:
    return [(link.element, link.attribute, link.value) for link in extract(body, markdown) if not link.code]


@pytest.mark.parametrize(("body", "expected"), MARKDOWN.values(), ids=MARKDOWN)
def test_links_of_markdown(body: str, expected: list[str | tuple[str, str, str]]) -> None:
    assert found(body) == triples(expected)


@pytest.mark.parametrize(("set_by_the_site", "body", "expected"), OPTIONS.values(), ids=OPTIONS)
def test_links_of_markdown_with_options(set_by_the_site: dict[str, object], body: str, expected: list[str]) -> None:
    (found,) = links.extract(pl.Series([body]), [True], markdown_options.read(set_by_the_site))
    assert [link.value for link in found] == expected


@pytest.mark.parametrize(("body", "expected"), HTML.values(), ids=HTML)
def test_links_of_html(body: str, expected: list[str | tuple[str, str, str]]) -> None:
    assert found(body, markdown=False) == triples(expected)


@pytest.mark.parametrize("markdown", [True, False], ids=["Markdown", "HTML"])
@pytest.mark.parametrize(("body", "expected"), LIQUID.values(), ids=LIQUID)
def test_links_beside_liquid(body: str, expected: list[str], markdown: bool) -> None:
    if markdown or body.startswith("<"):
        assert found(body, markdown) == triples(list(expected))
    else:
        assert found(body, markdown) == []


@pytest.mark.parametrize(
    ("value", "liquid"), [("{{ site.url }}/a", True), ("/{a}", False)], ids=["an output", "a brace"]
)
def test_liquid_is_marked(value: str, liquid: bool) -> None:
    assert [(link.value, link.liquid) for link in extract(f"[x]({value})", True)] == [(value, liquid)]


ANCHORS = {
    "inline": (f"[a *b*  c]({A})", "a b c"),
    "escapes and entities": (f"[a\\*b &amp; c]({A})", "a*b & c"),
    "code": (f"[a `b &amp;`]({A})", "a b &amp;"),
    "autolink": (f"<{A}>", A),
    "mail": ("<me@a.example>", "me@a.example"),
    "image": (f"![a *b*]({A})", "a *b*"),
    "HTML": (f'<p><a href="{A}">a <b>b\n c</b></a> d</p>', "a b c"),
    "HTML, inline": (f'x <a href="{A}">a <b>b</b></a> d', "a b"),
    "HTML, what is no tag, at the end": (f'<p><a href="{A}">a <</a></p>', "a <"),
    "HTML, what is no tag": (f'<p><a href="{A}">a < b</c </a></p>', "a < b</c"),
    "Liquid": (f"[{{{{ page.title }}}} a]({A})", "{{ page.title }} a"),
    "plain": (f"[甲]({A})", "甲"),
}


@pytest.mark.parametrize(("body", "anchor"), ANCHORS.values(), ids=ANCHORS)
def test_anchor(body: str, anchor: str) -> None:
    assert [link.anchor for link in extract(body, True)] == [anchor]


def test_an_anchor_ends_where_the_next_link_starts() -> None:
    assert [link.anchor for link in extract('<a href="/a">x<a href="/b">y', False)] == ["x", "y"]


@pytest.mark.parametrize(
    "body", ['<pre><a href="/a">x</a></pre>', 'a <code><a href="/a">x</a></code>'], ids=["pre", "code"]
)
def test_links_in_code_elements_are_marked(body: str) -> None:
    assert [(link.value, link.code) for link in extract(f"{body}\n\n[y](/b)", True)] == [("/a", True), ("/b", False)]


PLAIN = {
    "a flash": f"> 摘要。\n\n人民币升至6.35，为2018年以来最高。\n\n<{A}11060,2021.html>\n",
    "an article": (
        f'<p>甲<strong>乙</strong></p><p class="x">（来源：<a href="{A}" data-code="1,6">丙</a>）</p>\n\n<{B}>'
    ),
    "links in a line": f"[返回甲新闻](//a.example/b.html)｜[返回首页](//a.example/) ![丁]({A})",
    "an element with a url": f'<p>甲<span web="1" href="{A}" class="k">乙</span></p>',
    "header, item, number": f"# [x]({A})\n- [y]({B})\n1. <{A}>",
    "fenced code": f"a:\n```sh\n[x]({A})\n\n    <b\n```\n- b\n\n```\n[y]({B})\n````\n[z]({A})",
    "code in lines": f"`a`[x]({A}) `<b>[y]({B})` c\n- `d`: <{B}>",
    "emphasised starts": f"**a** [x]({A})\n*b*\n_c_ __d__\n- **e** `f`\n\n---\n## 1. `g` [y]({B})",
    "nested items, indented lines": f"- a\n  - [x]({A})\n\n  b [y]({B})\n   \n c",
    "escapes": f"\\#a [x]({A}) b\\_c",
    "a title, parentheses, an underscore within a word": f'[x_y]({A}a(b)c) [z]({B} "d e")',
    "a hash that starts no header": f"#a #b [x]({A})",
    "inline elements": f'a <strong>b</strong> <a href="{A}">c</a><br> <img src="{B}" alt="d"> e_f*g',
}


@pytest.mark.parametrize("body", PLAIN.values(), ids=PLAIN)
def test_plain_bodies_need_no_parser(body: str) -> None:
    assert plain(body) == parsed(body)


def test_a_long_plain_body_keeps_its_links() -> None:
    number = 20_000
    found = plain(f"a [x]({A}) b\n\n" * number)
    assert found is not None
    assert len(found) == number


NOT_PLAIN = {
    "a fence that goes on an item": "- a\n```\n[x](/y)\n```",
    "a fence that nothing ends": "```\n[x](/y)",
    "an element in an item": "- a\n  <td>\n\n[x](/y)",
    "code that may part cells": "`a|b` [x](/y)",
    "code over lines": "`a\n[x](/y)`",
    "an abbreviation": "*[a]: [x](/y)",
}


@pytest.mark.parametrize("body", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_bodies_that_may_be_read_differently_are_left_to_the_parser(body: str) -> None:
    assert plain(body) is None


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
BODIES = st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join)
PLAIN_BODIES = st.lists(
    st.sampled_from(
        ["甲", "a b", "\n", "\n\n", "<p>", "</p>", "<p>甲</p>", "<strong>", "</strong>", "<b>c</b>", "<br>", " ",
         "- ", "> ", "# ", "1. ",
         "12", ".", f"<{A}>", "[d](/e)", "![f](/g)", '<a href="/h">i</a>', '<a href="/h">', "</a>",
         '<img src="/j">', "<td>", "</td>",
         '<div class="k">', "</div>", "*", "_", "$", "~", "!", "(", ")", ":", '<span href="/l">m</span>', "</",
         "]", "&lt;", "\u3000", "`", "`j`", "`<b>`", "``", "```\n", "\n```sh\n", "\n```\n", "**", "*k*", "---\n", "#",
         "|", "[^l]", "  - ", " a", "   ", "\\#", "\\[", "\\", "#m", "[n](/o(p)q)", '[r](/s "t")', "[u_v](/w)",
         "[_x](/y)", '<p class="z">', "<br />", "}", "+ ", "    "]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(PLAIN_BODIES)
def test_plain_bodies_are_read_alike(body: str) -> None:
    found = plain(body)
    assert found is None or found == parsed(body)


@settings(max_examples=1000, deadline=None)
@given(BODIES, st.booleans())
def test_any_body_has_links(body: str, markdown: bool) -> None:
    for link in extract(body, markdown):
        assert type(link) is Link
        assert link.attribute in ("href", "src")
        assert link.liquid == ("{{" in link.value or "{%" in link.value)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.booleans())
def test_any_text_has_links(body: str, markdown: bool) -> None:
    assert isinstance(extract(body, markdown), list)


HOSTILE = (
    "[", "![", "[![a](b)", "[a](", "[a](((", '[a](b "', "[a][b] ", "<", "</", "<a ", "<b>x", "<div>\n",
    '<div markdown="1">\n',
    "<b a='", "<!-- x --", "`", "`a``b```", "*a _b ", "**a", "~~a ", "$$ ", "{:", "x{: ", '{: a="b" \n',
    "{::comment}\n", "> ", ">",
    "- ", "- a\n", "1. a\n\n", "a\n: b\n", "|a\\|", "|<code>`", "[^1]", "[^1]: x\n", "[a]: b 'c\n", "*[a]: ",
    "~~~ x\n", "\\", "&amp",
    "    a\n\n", "   \n", "\t", "{{", "{% raw %}", "{% if %}\n", "* a\n{:toc}\n", "# a[^1]\n", "<p>\n",
    "<a      ", "<x@y", "<http://a",
)  # fmt: skip


def seconds(body: str, markdown: bool) -> float:
    """Processor time."""
    before = time.process_time()
    extract(body, markdown)
    return time.process_time() - before


def grows_with_length_alone(short: str, long: str, markdown: bool) -> bool:
    """Whether eight times the text takes far less than the 64 times that a quadratic reader takes, and beyond what
    noise explains; which has three tries."""
    most = 25 * max(min(seconds(short, markdown) for _ in range(3)), 0.002)
    return any(seconds(long, markdown) < most for _ in range(3))


@pytest.mark.parametrize("markdown", [True, False], ids=["Markdown", "HTML"])
@pytest.mark.parametrize("unit", HOSTILE)
def test_time_grows_with_length_alone(unit: str, markdown: bool) -> None:
    short = unit * (6_000 // len(unit))
    assert grows_with_length_alone(short, short * 8, markdown)


@pytest.mark.parametrize("mark", list("`~*_-=#>|+:[](){}<$&!\\\"'^%@1. \t"))
def test_a_long_run_costs_time_that_grows_with_its_length_alone(mark: str) -> None:
    def body(length: int) -> str:
        return f"Text.\n{mark * length} a b\n\n{mark * length}a{mark * length}\n"

    assert grows_with_length_alone(body(2_000), body(16_000), True)


@pytest.mark.parametrize("end", ["", "'", ' "b"', ">"])
def test_a_definition_with_many_angles_costs_time_that_grows_with_its_length_alone(end: str) -> None:
    def body(count: int) -> str:
        return f"[a]: <u{'> x' * count}{end}\n"

    assert grows_with_length_alone(body(4_000), body(32_000), True)


DEEP = {
    "quotes": ("> " * 5_000, ["/a"]),
    "lists": ("".join(" " * number + "- a\n" for number in range(300)), ["/a"]),
    "elements, never closed": ("<span>" * 5_000, []),
    "emphasis and links, never closed": ("*[![" * 3_000, []),
}


@pytest.mark.parametrize(("body", "expected"), DEEP.values(), ids=DEEP)
def test_depth_is_bounded(body: str, expected: list[str]) -> None:
    assert [link.value for link in extract(body + "\n[x](/a)", True)] == expected


class TestBudget:
    """What reading a post's spans may cost: so many steps, and then its texts are read flat."""

    COSTLY = "**a " * 500

    def test_a_document_has_one_for_all_its_texts(self) -> None:
        definitions = Definitions()
        for _ in range(200):
            markdown_spans.parse(self.COSTLY, definitions)
        assert -len(self.COSTLY) < definitions.steps <= 0

    def test_what_is_read_after_it_is_used_up_keeps_its_text(self) -> None:
        definitions = Definitions()
        definitions.steps = 0
        assert "".join(map(str, markdown_spans.parse("a *b* [c](d)", definitions))) == "a *b* [c](d)"

    def test_a_common_text_uses_little_of_it(self) -> None:
        definitions = Definitions()
        markdown_spans.parse("Some *words* and [a link](https://example.com/). " * 20, definitions)
        assert 0 < STEPS_PER_DOCUMENT - definitions.steps < 200
