"""How far texts, headings and blocks of code equal what kramdown's pages of real sites say.

`python -m tests.page_parity [SITE …]` prints site by site, and exits 1 below the targets or without the shared
material.
"""

from __future__ import annotations

import re
import sys
from typing import Final

from tests import real_pages
from tests.real_pages import Compared, Row, Said, as_json, below, compared, report

BY_SITE: Final = dict.fromkeys(("text", "headings", "code"), 0.995)
OVER_ALL: Final = dict.fromkeys(("text", "headings", "code"), 0.999)

_ALIKE: Final = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "…": ".",
        "«": '"',
        "»": '"',
        "\u00a0": " ",
        "\u3000": " ",
    }
)
_DASHES: Final = re.compile("-+")
_DOTS: Final = re.compile(r"\.\.+")
_AROUND: Final = 40


def words(text: str | None) -> str:
    """Return a text with one form of quotes, dashes, dots and blanks: kramdown typesets them."""
    alike = _DOTS.sub(".", _DASHES.sub("-", (text or "").translate(_ALIKE)))
    return " ".join(alike.replace("<<", '"').replace(">>", '"').split())


def compare(page: Row, said: Said) -> tuple[dict[str, tuple[int, int]], str | None]:
    """Compare one post: `exact` is the text with its blanks, `text` without."""
    theirs, ours = words(page["text"]), words(said.text)
    bare, our_bare = theirs.replace(" ", ""), ours.replace(" ", "")
    headings = [[level, identity, words(text)] for level, identity, text in page["headings"]]
    our_headings = [[row["level"], row["anchor_id"], words(row["text"])] for row in said.headings]
    code = [[row["language"], row["lines"]] for row in said.code_blocks]
    parts = {
        "exact": (int(theirs == ours), 1),
        "text": (int(bare == our_bare), 1),
        "headings": (int(headings == our_headings), 1),
        "code": (int(page["code"] == code), 1),
    }
    difference = None
    if bare != our_bare:
        pairs = enumerate(zip(bare, our_bare, strict=False))
        at = next((n for n, (one, other) in pairs if one != other), min(len(bare), len(our_bare)))
        place = slice(max(0, at - _AROUND), at + _AROUND)
        difference = f"text: page {as_json(bare[place])}, ours {as_json(our_bare[place])}"
    elif headings != our_headings:
        difference = f"headings: page {as_json(headings)}, ours {as_json(our_headings)}"
    elif page["code"] != code:
        difference = f"code: page {as_json(page['code'])}, ours {as_json(code)}"
    return parts, difference


def main(names: list[str]) -> int:
    answers = [file for file in real_pages.available("pages") if not names or file.name.partition(".")[0] in names]
    if not answers:
        sys.stderr.write("no pages to compare with: set BACKFILE_SHARED to the shared material\n")
        return 1
    found: list[Compared] = [compared(file, compare) for file in answers]
    missed = below(found, BY_SITE, OVER_ALL)
    sys.stdout.write("\n".join([report(found), *missed]) + "\n")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
