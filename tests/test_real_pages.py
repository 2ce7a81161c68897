"""A slice of the comparisons with kramdown's pages of real sites, and what they compare."""

from __future__ import annotations

import pytest

from tests import link_parity, page_parity, real_pages
from tests.real_pages import Compared, Row, Said, below, compared

SLICE = 150
SITES = ("freifunk-muc", "ruby-lang", "swift-org")
PAGE: Row = {"text": "It’s a — b…", "headings": [[2, "c", "C"]], "code": [["ruby", 2]]}
SAID = Said(
    "It's\na -- b...",
    [{"level": 2, "anchor_id": "c", "text": "C"}],
    [{"language": "ruby", "lines": 2}],
    [{"element": "a", "attribute": "href", "url": "/a", "in_code": False}] * 2,
)


@pytest.mark.parametrize("kind", ["pages", "hrefs"])
def test_a_slice_of_real_sites(kind: str) -> None:
    answers = [file for file in real_pages.available(kind) if file.name.startswith(SITES)]
    if not answers:
        pytest.skip("no shared material: set BACKFILE_SHARED")
    module = page_parity if kind == "pages" else link_parity
    found = [compared(file, module.compare, SLICE) for file in answers]
    assert sum(one.posts for one in found) > SLICE
    assert below(found, dict.fromkeys(module.BY_SITE, 1.0), {}) == []


def test_typography_and_blanks_are_no_difference() -> None:
    parts, difference = page_parity.compare(PAGE, SAID)
    assert parts == dict.fromkeys(("exact", "text", "headings", "code"), (1, 1))
    assert difference is None


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        pytest.param({"text": "It’s a — c…"}, "text", id="text"),
        pytest.param({"headings": [[3, "c", "C"]]}, "headings", id="a level"),
        pytest.param({"headings": [[2, None, "C"]]}, "headings", id="an id"),
        pytest.param({"code": [[None, 2]]}, "code", id="a language"),
        pytest.param({"code": []}, "code", id="a missing block"),
    ],
)
def test_a_difference_is_found(changed: Row, name: str) -> None:
    parts, difference = page_parity.compare(PAGE | changed, SAID)
    assert parts[name] == (0, 1)
    assert difference is not None


def test_blanks_alone_count_as_not_exact() -> None:
    parts, _ = page_parity.compare(PAGE | {"text": "It’s a — b …"}, SAID)
    assert (parts["exact"], parts["text"]) == ((0, 1), (1, 1))


@pytest.mark.parametrize(
    ("links", "right"),
    [
        ([["a", "href", "/a", False], ["a", "href", "/a", False]], (2, 2)),
        ([["a", "href", "/a", False]], (1, 2)),
        ([["a", "href", "/a", False]] * 3, (2, 3)),
        ([["a", "href", "/a", True], ["a", "href", "/b", False]], (0, 2)),
    ],
    ids=["equal", "a surplus", "a missing one", "others"],
)
def test_links_are_counted(links: list[list[object]], right: tuple[int, int]) -> None:
    parts, _ = link_parity.compare({"links": links}, SAID)
    assert parts["links"] == right


def test_targets_hold_for_each_site_and_for_all() -> None:
    found = [
        Compared("a", 1, 0, {"links": 99}, {"links": 100}, []),
        Compared("b", 1, 0, {"links": 900}, {"links": 900}, []),
    ]
    assert below(found, {"links": 0.98}, {"links": 0.99}) == []
    assert below(found, {"links": 0.995}, {"links": 0.9999}) == [
        "a: links 99.000%, target 99.50%",
        "all: links 99.900%, target 99.99%",
    ]
