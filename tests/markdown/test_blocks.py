"""Links and texts of blocks, a case for each rule. The expectations are what kramdown itself answers."""

from __future__ import annotations

import pytest

from tests.markdown.reading import A, B, Links, links_of, read, triples

LINKS: dict[str, tuple[str, Links]] = {
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
    "attributes, of a link": (f'[x]({A}){{: href="{B}" .c}}', [B]),
    "attributes, of a block": (f'text\n{{: src="{A}"}}', [("p", "src", A)]),
    "attributes, by name": (f'[x]({A}){{: n}}\n\n{{:n: href="{B}"}}', [B]),
    "attributes, of a definition": (f'[x]\n\n[x]: {A}\n{{: src="{B}"}}', [A, ("a", "src", B)]),
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
}

TEXTS = {
    "a heading": ("# Head\n\nText\n", "Head\n\nText"),
    "a heading closed": ("## Setup ##\n\n# C# #\n\n#hash", "Setup\n\nC#\n\n#hash"),
    "a heading with an id": ("## 1. Setup {#setup}\n\n- # A\n\n1) b", "1. Setup\n\nA\n\n1) b"),
    "a heading in an item": ("- \\\n# a", "a"),
    "a heading right after a line": ("a\n# b\nc", "a\n\nb\n\nc"),
    "underlined words": ("a\n===\nb\n---\n\nc\n\nd\ne\n---", "a\n\nb ---\n\nc\n\nd e ---"),
    "a quote": ("> a\n> b\n", "a b"),
    "a quote with a lazy line": ("> a\nb\n\nc", "a b\n\nc"),
    "lists": ("* a\n- b\n1. c\n", "a\nb\nc"),
    "lists with paragraphs": ("- a\n\n  b\n- c\n\n\n- d", "a\n\nb\nc\nd"),
    "lists in lists": ("- a\n  - b\n    - c\n- d", "a\nb\nc\nd"),
    "tasks": ("- [ ] a\n- [x] b\n- [y] c", "a\nb\n[y] c"),
    "a definition list": ("a\n: b\n\n  c\n: d\n\ne\nf\n\n: g", "a\nb\n\nc\n\nd\ne\nf\n\ng"),
    "a paragraph of lists' marks": ("1986\\. A year.\n\n1986. A year.", "1986. A year.\n\nA year."),
    "code right after words": (
        "Add:\n\n    <key>name</key>\n    # set up\n    def __init__(self, *args):\n        x = a*b\n\nDone.",
        "Add:\n\n<key>name</key>\n# set up\ndef __init__(self, *args):\n    x = a*b\n\nDone.",
    ),
    "code by tabs": ("a\n\n\tb\n\t\tc", "a\n\nb\n\tc"),
    "fenced code": ("```ruby\nputs 1\n```\n", "puts 1"),
    "fenced code with marks": (
        "```js\n# no *head*\n[a](b) &amp; __c__\n```\n*d*",
        "# no *head*\n[a](b) &amp; __c__\n\nd",
    ),
    "fences within fences": ("~~~\n```\n<b>\n~~~", "```\n<b>"),
    "fences of four": ("````\n```\na\n```\n````", "```\na\n```"),
    "a fence never closed": ("```\nnever *closed*", "``` never closed"),
    "a fence with a language of two words": ("``` a b\nc\n```", "a b c"),
    "empty lines in code": ("```\n\n\na\n\n\n```", "a"),
    "a table": ("| a | b |\n|---|--:|\n| c | `d|e` |", "a b\nc d|e"),
    "a table without bars around it": ("a | b\nc | d\n", "a b\nc d"),
    "a table with empty cells": ("| a | |\n|---|---|\n| | d |", "a\nd"),
    "a table with a footer": ("| a |\n|---|\n| b |\n|===|\n| c |", "a\nb\nc"),
    "no table: a bar in a paragraph": ("a\nb | c", "a b | c"),
    "a rule": ("a\n\n* * *\n\nb\n***\nc", "a\n\nb *** c"),
    "an end of a block": ("- a\n^\n- b", "a\n\nb"),
    "mathematics": ("$$\na_1 \\\\ b < c\n$$\n\nd", "\\[a_1 \\\\ b < c\\]\n\nd"),
    "an abbreviation": ("*[W3C]: World Wide Web Consortium\n\nThe W3C.", "The W3C."),
    "an attribute list": ("{:.note}\na\n{: #x}", "a"),
    "a definition of attributes": ("{:a: .b}\n\nc\n{: a}", "c"),
    "a contents list": ("* contents\n{:toc}\n\na", "a"),
    "a title on the next line": ("[a]\n\n[a]: /u\n  'a title'\n[b]: /u", "a"),
    "a comment": ("{::comment}\n*a*\n{:/comment}\n\nb", "b"),
    "a block without Markdown": ("{::nomarkdown}\n<p>*a*</p>\n{:/}\n\n*b*", "*a*\n\nb"),
    "a second line that begins a block": ("a  \n```\nb", "a\n``` b"),
    "empty lines": ("a\n\n\n\nb", "a\n\nb"),
    "a line of code in an item": ("- a\n\n      b\n\nc", "a\n\nb\n\nc"),
    "a footnote's paragraphs": ("a[^1] b[^2]\n\n[^1]: c\n\n    d\n\n[^2]:\n    e", "a b\n\nc\n\nd\ne"),
    "a footnote that mentions itself": ("a[^1]\n\n[^1]: b[^1]", "a\n\nb"),
}


@pytest.mark.parametrize(("body", "links"), LINKS.values(), ids=LINKS)
def test_links(body: str, links: Links) -> None:
    assert links_of(read(body)) == triples(links)


@pytest.mark.parametrize(("body", "text"), TEXTS.values(), ids=TEXTS)
def test_text(body: str, text: str) -> None:
    assert read(body).text == text
