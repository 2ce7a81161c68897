"""The comparison with Jekyll's answers finds what differs, and lets pass only what is listed."""

from __future__ import annotations

import json
from pathlib import Path

from pipelines.jekyll.config import read_site
from pipelines.jekyll.posts import read
from pipelines.jekyll.scan import scan
from tests import parity
from tests.jekyll.sites import make

PATH = "_posts/2022-04-15-a.md"
ANSWER = {
    "read": True, "path": PATH, "title": "t", "slug": "a", "epoch": 1649980800, "categories": ["c"], "tags": ["x", "x"],
    "url": "/c/2022/04/15/a.html", "draft": False, "published": True, "future": False, "layout": None,
}  # fmt: skip


def compare(tmp_path: Path, **changed: object) -> parity.Comparison:
    site = make(tmp_path / "site", {PATH: "---\ntitle: t\ncategories: c\ntags: x x\n---\n"})
    answers = tmp_path / "answers.jsonl"
    answers.write_text(json.dumps(ANSWER | {"epoch": 1649980800} | changed) + "\n")
    found = read_site(site)
    return parity.compare("site", site, answers, read(found, scan(found).entries, parity.NOW))


def test_equal_answers_differ_in_nothing(tmp_path: Path) -> None:
    assert compare(tmp_path).differences == {}


def test_each_field_is_compared(tmp_path: Path) -> None:
    for name, other in (
        ("epoch", 1),
        ("tags", ["x"]),
        ("url", "/"),
        ("future", True),
        ("layout", "post"),
        ("read", False),
    ):
        found = compare(tmp_path, **{name: other})
        assert list(found.differences) == [name]
        assert found.unlisted == 1


def test_a_post_without_an_answer_is_a_difference(tmp_path: Path) -> None:
    found = compare(tmp_path, path="_posts/2022-04-16-b.md", read=False)
    assert [path for path, _, _ in found.differences["read"]] == [PATH]


def test_the_list_names_site_path_and_reason() -> None:
    listed = parity.listed()
    assert all(reason in parity.REASONS for paths in listed.values() for reason in paths.values())


def test_the_share_of_rows_that_expressions_answer(tmp_path: Path) -> None:
    files = {f"_posts/2022-04-{day}-a.md": "---\ntitle: t\n---\n" for day in range(11, 20)}
    site = make(tmp_path, {**files, "_posts/2022-04-20-b.md": "---\ntags:\n- a\n---\n"})
    assert "posts 90.0% of 10" in parity.simple_shares(site)
