"""Liquid in a body: it goes before the body is read, and its code comes back."""

from __future__ import annotations

import pytest

from pipelines.html.page import Page
from pipelines.jekyll.bodies import read_liquid
from pipelines.liquid.tokens import taken_out
from pipelines.markdown import Options
from tests.markdown.reading import A, B, links_of, triples


def read(body: str, markup: str = "markdown") -> Page:
    return read_liquid(body, None, markup, Options())


LINKS: dict[str, tuple[str, list[str]]] = {
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


@pytest.mark.parametrize(("body", "links"), LINKS.values(), ids=LINKS)
def test_links_in_markdown(body: str, links: list[str]) -> None:
    assert links_of(read(body)) == triples(links)


@pytest.mark.parametrize(("body", "links"), LINKS.values(), ids=LINKS)
def test_links_in_html(body: str, links: list[str]) -> None:
    """HTML has no links in brackets."""
    assert links_of(read(body, "html")) == (triples(links) if body.startswith("<a") else [])


TEXTS = {
    "tags and outputs": ("{% include x.html %}a {{ page.title }} b", "a b"),
    "a comment": ("a{% comment %}hidden{% endcomment %}b", "ab"),
    "a comment of paragraphs": ("{% comment %}\nSecret.\n\nSecond.\n{% endcomment %}\n\nHello.", "Hello."),
    "a tag never closed": ("{% never closed", "{% never closed"),
    "an output never closed": ("a {{ b *c*", "a {{ b c"),
    "highlighted": ("{% highlight html %}\n<p>*a*</p>\n{% endhighlight %}\n*b*", "<p>*a*</p>\n\nb"),
    "highlighted in a line": ("{% highlight js %}a < b{% endhighlight %} {{ page.description }}<b>c</b>", "a < b\n\nc"),
    "raw": ("{% raw %}{{ a }} *b*{% endraw %} {{ c }}", "{{ a }} b"),
    "raw, never closed": ("{% raw %}never {{ closed }}", "never"),
    "outputs in code": ("`{{ a }}` and `b {% c %} d`", "and b d"),
    "what an output makes of a line": ("{{ a }}\n- b", "b"),
    "a condition": ("{% if a %}b{% else %}c{% endif %}", "bc"),
    "tags that trim blanks": ("a {%- if b -%} c {%- endif -%} d", "acd"),
}


@pytest.mark.parametrize(("body", "text"), TEXTS.values(), ids=TEXTS)
def test_text(body: str, text: str) -> None:
    assert read(body).text == text


def test_highlighted_html_in_html() -> None:
    body = "{% highlight js %}a < b{% endhighlight %} {{ page.description }}<b>c</b>"
    assert read(body, "html").text == "a < b\n\nc"


CODE: dict[str, tuple[str, list[tuple[str | None, int]]]] = {
    "highlight": ("{% highlight ruby linenos %}\na\nb\n{% endhighlight %}", [("ruby", 2)]),
    "codeblock": ("{% codeblock a.rb lang:ruby %}\na\n{% endcodeblock %}", [("ruby", 1)]),
    "without a language": ("{% codeblock %}\na\n\n\nb\n{% endcodeblock %}", [(None, 4)]),
    "in an item": ("- a\n  {% highlight c %}\n  b\n  {% endhighlight %}\n- d", [("c", 2)]),
}


@pytest.mark.parametrize(("body", "code"), CODE.values(), ids=CODE)
def test_blocks_of_code(body: str, code: list[tuple[str | None, int]]) -> None:
    assert [(block.language, block.lines) for block in read(body).code_blocks] == code


def test_liquid_is_in_no_id_and_no_anchor() -> None:
    page = read(f"# {{{{ a }}}} B\n\n[{{{{ c }}}} d]({A})")
    assert [(heading.anchor_id, heading.text) for heading in page.headings] == [("-b", "B")]
    assert [link.anchor for link in page.links] == ["d"]


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        pytest.param("a b", "a", id="in words"),
        pytest.param("{{ x }}a b", "{{ x }}a", id="after an output"),
        pytest.param("a{% comment %} b {% endcomment %}", "a{% comment %} b", id="in a comment"),
    ],
)
def test_the_cut_moves_with_the_text(body: str, kept: str) -> None:
    taken = taken_out(body, len(kept))
    assert taken.shown(taken.text[: taken.cut]) == "a"


@pytest.mark.parametrize("text", ["\ue0000\ue001", "\ue00099999999\ue001"], ids=["a number", "a large number"])
def test_signs_in_a_body_are_its_own(text: str) -> None:
    assert taken_out(text).shown(text) == text
