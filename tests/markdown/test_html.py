"""HTML within Markdown. The expectations are what kramdown itself answers."""

from __future__ import annotations

import pytest

from tests.markdown.reading import A, B, Links, links_of, read, triples

LINKS: dict[str, tuple[str, Links]] = {
    "HTML, inline": (f'a <a href="{A}">b</a>', [A]),
    "HTML, inline, Markdown in it": (f'a <b>[x]({A})</b> <a href="{B}">[y]({A})</a>', [A, B, A]),
    "HTML, inline, no Markdown in it": (f"a <u>[x]({A})</u> [y]({B})", [B]),
    "HTML, inline, markdown=1": (f'a <u markdown="span">[x]({A})</u>', [A]),
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

TEXTS = {
    "paragraphs": ("<p>One<br>two</p><p>three</p>", "One\ntwo\n\nthree"),
    "paragraphs with what looks like Markdown": (
        "<h3>1. First step</h3>\n<p>1984. A novel.</p>\n<p># 5</p>",
        "1. First step\n\n1984. A novel.\n\n# 5",
    ),
    "an element in a line": ("a <b>b</b> c", "a b c"),
    "an angle in an attribute": (
        '<a href="/z" title="Home > Docs">Docs page</a> <img alt="a > b" src="/x.png"> end.',
        "Docs page end.",
    ),
    "a comment": ("a <!-- hidden --> b", "a b"),
    "comments that end at once": ("<!-->\na\n-->\n\nb <!---> c -->", "a -->\n\nb c -->"),
    "an instruction that ends early": ("<div><?a > b?></div>", "b?>"),
    "scripts and styles": ("<script>var a = '<b>';</script>\n\nx\n\n<style>p {}</style>\n\ny", "x\n\ny"),
    "a script in a line": ("x<script>var a = 1;</script>y", "xy"),
    "a text area": ("<textarea><!-- a --> <b>c</b></textarea>", "<!-- a --> <b>c</b>"),
    "a table": ("<table><caption>a</caption><tr><td>b</td><td>c</td></tr></table>", "a\nb c"),
    "a block then words": ("<div>a</div>b\n\nc", "a\n\nb\n\nc"),
    "Markdown in a block": ('<div markdown="1">\n*a*\n\n- b\n</div>\n\n*c*', "a\n\nb\n\nc"),
    "Markdown in a paragraph": ('<p markdown="1">*a*\\\nb</p>', "a\\ b"),
    "no Markdown in a block": ("<div>\n*a*\n\n# b\n</div>", "*a* # b"),
    "a preformatted block": ("<pre>\na *b*\n\n  c\n</pre>\n\nd", "a *b*\n\n  c\n\nd"),
    "a comment in a preformatted block": ("<pre>a<!-- b --> c</pre>", "a c"),
    "an end tag alone": ("a</div>\n\n</b>c", "a</div>\n\n</b>c"),
    "an unknown element": ("<foo-bar>*a*</foo-bar> b", "*a*\n\nb"),
    "an element never closed": ("<div>*a*\n\n*b*", "*a* *b*"),
    "lists": ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "a\nb\nc"),
    "references": ("<p>a &amp; b&nbsp;c &copy &lt;d></p>", "a & b\xa0c &copy <d>"),
}


@pytest.mark.parametrize(("body", "links"), LINKS.values(), ids=LINKS)
def test_links(body: str, links: Links) -> None:
    assert links_of(read(body)) == triples(links)


@pytest.mark.parametrize(("body", "text"), TEXTS.values(), ids=TEXTS)
def test_text(body: str, text: str) -> None:
    assert read(body).text == text
