"""Plain bodies: expressions and the parser say the same, on generated bodies, the sample and real sites."""

from __future__ import annotations

import random
import tarfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.jekyll.bodies import Cut, read_body
from pipelines.markdown import plain
from pipelines.markdown.options import DEFAULT, Options
from tests.parity import shared

SAMPLE = Path(__file__).parents[2] / "pipelines" / "sample"

LINES = [
    "",
    "A line of words.",
    "Two blanks at the end.  ",
    "  Three blanks first.",
    "Code holds `<p>tags</p>` and `</p>`.",
    "한국어 문장입니다.",
    "中文的一行。",
    "- an item",
    "* **bold**: text",
    "+ x",
    "1. one",
    "2. two",
    "10. ten",
    "> a quote",
    ">close",
    "## Heading",
    '### `code` -- "quoted"',
    "# A  wide one",
    "## Closed ##",
    "Title",
    "=====",
    "-----",
    "---",
    "***",
    "___",
    "#tag #other",
    "-1 degree",
    "1990.",
    "1990. A year",
    "```",
    "```ruby",
    "```a?b",
    "~~~",
    "  ```",
    "    indented",
    "<p>One.</p>",
    '<p class="c">See <a href="/u">it</a>.&nbsp;Yes</p><p><strong>b</strong><br>k</p>',
    '<p><img src="a.png" alt="t"> after</p>',
    '<p>a <a href="/u"> spaced </a> b</p>',
    "<div>",
    "</div>",
    "<http://x.example/a_b>",
    "<https://x.example/?a=1&b=2>",
    "[words](/u)",
    '[**bold** `c`](/u "title")',
    "![alt](/i.png)",
    "text ![i](/i.png) text",
    "[a](/a)｜[b](/b)",
    "[ ] open",
    "[x] done",
    "[^1]",
    "[^1]: note",
    "[label]: /u",
    "[no link]",
    "a **b** c",
    "a *b* c",
    "a * b",
    "_a_",
    "snake_case_word",
    "5_a",
    "`code`",
    "`a``b`",
    "**`c`**",
    "a <br> b",
    "<br>",
    "x<br>",
    "<b>b</b>",
    "A & B",
    "A &amp; B",
    "&copy;",
    "&copy",
    "&#8217;",
    "&unknown;",
    "{: .class}",
    "{::comment}",
    "a ",
    " b",
    "a",
    "b",
    "$x$",
    "$$x$$",
    "~a~",
    "~~a~~",
    "a\\*b",
    "a << b >> c",
    "x > y",
    "(see [it](/u))",
    "word(**bold**)",
    "\"quotes\" 'too' --- ...",
    ": definition",
    "^",
    "*[HTML]: x",
    "",
    "",
    " ",
    "",
    "a | b",
    "--|--",
    "",
    " ",
    "",
]
TOKENS = [
    "a",
    "Word",
    "é",
    "한",
    "中",
    "Ⅳ",
    "Ⓜ",
    "(",
    ")",
    "*",
    "**",
    "`",
    "``",
    "_",
    "__",
    "1.",
    "-",
    "+",
    ">",
    "<",
    "&",
    "&amp;",
    "[",
    "]",
    "](",
    "!",
    "![",
    "{",
    "}",
    "{:",
    "\\",
    "|",
    "$",
    "$$",
    "~",
    "~~",
    "#",
    ":",
    "=",
    "^",
    '"',
    "'",
    "...",
    "--",
    "<br>",
    "<p>",
    "</p>",
    "</a>",
    "**b**",
    "`c`",
    "[l](u)",
    "<http://x.y>",
    " ",
    "  ",
    '<a href="u">',
]


def generated(seed: int, count: int) -> list[str]:
    """Return bodies of known lines and of tokens in any order."""
    chance = random.Random(seed)
    bodies = []
    for _ in range(count):
        parts: list[str] = []
        for _ in range(chance.randint(1, 8)):
            whole = chance.random() < 0.8
            parts.append(chance.choice(LINES) if whole else "".join(chance.choices(TOKENS, k=chance.randint(1, 5))))
            parts += [""] if chance.random() < 0.4 else []
        bodies.append(("\r\n" if chance.random() < 0.05 else "\n").join(parts))
    return bodies


def cut_of(body: str, chance: random.Random) -> Cut:
    found = body.find("\n\n")
    return chance.choice([found if found >= 0 else len(body), len(body), 0, None, chance.randint(0, len(body))])


def differences(bodies: Sequence[str], cuts: Sequence[Cut]) -> tuple[int, list[Any]]:
    """Return how many bodies are plain, and those of which the parser says another thing, with both answers."""
    made = plain.read(pl.Series("body", bodies, pl.String), cuts)
    rows: dict[int, list[list[tuple[Any, ...]]]] = defaultdict(lambda: [[], [], []])
    for number, frame in enumerate((made.headings.rows(), made.code_blocks.rows(), made.links)):
        for row, *rest in frame:
            rows[row][number].append(tuple(rest))
    unlike = []
    for row, text, excerpt, code in made.texts.iter_rows():
        page = read_body(bodies[row], cuts[row], "markdown", DEFAULT)
        blocks = [page.text[block.start : block.end] for block in page.code_blocks]
        said = (
            (page.text, page.excerpt_characters, "\n".join(blocks)),
            list(map(tuple, page.headings)),
            [(one.language, one.lines, one.end - one.start) for one in page.code_blocks],
            list(map(tuple, page.links)),
        )
        fast = ((text, excerpt, code), *rows[row])
        if fast != said:
            unlike.append((bodies[row], cuts[row], fast, said))
    return made.texts.height, unlike


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_generated_bodies(seed: int) -> None:
    bodies = generated(seed, 8_000)
    chance = random.Random(seed)
    count, unlike = differences(bodies, [cut_of(body, chance) for body in bodies])
    assert unlike[:1] == []
    assert count > 500


def test_the_sample() -> None:
    texts = [path.read_bytes().decode("utf-8", "replace") for path in sorted(SAMPLE.rglob("*.md"))]
    bodies = [text.split("\n---\n", 1)[-1] for text in texts]
    count, unlike = differences(bodies, [len(body) for body in bodies])
    assert unlike[:1] == []
    assert count >= len(bodies) * 0.8


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


def test_real_bodies() -> None:
    corpora = (shared() or Path()) / "corpora"
    if not list(corpora.glob("*.tar.xz")):
        pytest.skip("no shared material: set BACKFILE_SHARED")
    bodies = real_bodies(corpora)
    count, unlike = differences(bodies, [body.find("\n\n") if "\n\n" in body else len(body) for body in bodies])
    assert unlike[:1] == []
    assert count > 20


def real_bodies(corpora: Path) -> list[str]:
    """Return the bodies of two small sites, without those that hold Liquid."""
    bodies = []
    for name in ("swift-org", "teahouse"):
        with tarfile.open(corpora / f"{name}.tar.xz") as archive:
            for member in archive:
                if member.isfile() and "/_posts/" in member.name and (file := archive.extractfile(member)):
                    bodies.append(file.read().decode("utf-8", "replace").split("\n---\n", 1)[-1].lstrip("\n"))
    return [body for body in bodies if "{{" not in body and "{%" not in body]
