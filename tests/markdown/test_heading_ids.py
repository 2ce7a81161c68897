"""Ids of headings, as kramdown-parser-gfm makes them."""

from __future__ import annotations

import pytest

from tests.markdown.reading import read

IDS: dict[str, tuple[str, list[str | None]]] = {
    "blanks, capitals, signs": ("# A b! (c)", ["a-b-c"]),
    "equal ones are numbered": ("# A\n\n# a\n\n# A", ["a", "a-1", "a-2"]),
    "given": ("# A {#b}\n\n# C\n{: #d}", ["b", "d"]),
    "given, in any script": ("# A {#甲.b}\n\n# B {#0}", ["甲.b", "b-0"]),
    "in any script": ("# İki é 甲² ⓐ", ["i\u0307ki-é-甲-ⓐ"]),
    "typography is in none": ('# a -- b\'s "c"...', ["a--bs-c"]),
    "escaped, it is": ("# \\--a \\'b\\' \\...c", ["--a-b-c"]),
    "references": ("# a&#8211;b &amp; c", ["ab--c"]),
    "code, links and emphasis": ("# `a_b` [c](/d) *e* ![f](/g)", ["a_b-c-e-"]),
    "without words": ("# ...\n\n# !", [None, "-1"]),
    "in HTML": ('<div markdown="1">\n# 1 é a\n\n# 甲\n</div>\n\n# 1 é a', ["a", "section", "1-é-a"]),
    "in raw HTML": ('<h2>A b</h2>\n\n<h3 id="c">D</h3>', [None, "c"]),
    "in a footnote": ("b[^1]\n\n[^1]: c\n\n    # 1 a", ["a"]),
    "in a quote and an item": ("> # a\n\n- # b", ["a", "b"]),
}


@pytest.mark.parametrize(("body", "ids"), IDS.values(), ids=IDS)
def test_ids(body: str, ids: list[str | None]) -> None:
    assert [heading.anchor_id or None for heading in read(body).headings] == ids
