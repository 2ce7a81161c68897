"""How far links equal those of kramdown's pages of real sites, links inside `pre` and `code` included.

`python -m tests.link_parity [SITE …]` prints site by site, and exits 1 below the targets or without the shared
material. Links are a multiset per post of element, attribute, value, and whether they are inside code.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import Final

from tests import real_pages
from tests.real_pages import Compared, Row, Said, as_json, below, compared, report

BY_SITE: Final = {"links": 0.995}
OVER_ALL: Final = {"links": 0.9999}


def compare(page: Row, said: Said) -> tuple[dict[str, tuple[int, int]], str | None]:
    """Compare one post: of its links, the page's or ours, whichever are more."""
    listed = [tuple(link) for link in page["links"]]
    ours = [(row["element"], row["attribute"], row["url"], row["in_code"]) for row in said.links]
    theirs, found = Counter(listed), Counter(ours)
    parts = {
        "links": ((theirs & found).total(), max(theirs.total(), found.total())),
        "ordered": (int(listed == ours), 1),
    }
    if theirs == found:
        return parts, None
    missing, surplus = (list((one - other).elements())[:2] for one, other in ((theirs, found), (found, theirs)))
    return parts, f"missing {as_json(missing)}, surplus {as_json(surplus)}"


def main(names: list[str]) -> int:
    answers = [file for file in real_pages.available("hrefs") if not names or file.name.partition(".")[0] in names]
    if not answers:
        sys.stderr.write("no pages to compare with: set BACKFILE_SHARED to the shared material\n")
        return 1
    found: list[Compared] = [compared(file, compare) for file in answers]
    missed = below(found, BY_SITE, OVER_ALL)
    sys.stdout.write("\n".join([report(found), *missed]) + "\n")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
