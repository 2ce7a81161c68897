"""What a build came to, as people are told."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines import summary

QUIET: dict[str, Any] = {
    "site": "/a/site", "warehouse": "/a/warehouse", "published": True, "build_id": "1", "run_id": "2", "files": 1,
    "posts": {"published": 1}, "rejected": {}, "ignored": 0, "outside": {}, "sites": [], "read": 1, "changes": {},
    "months_rewritten": [], "notices": [], "warnings": [], "rejected_files": [], "queries": [], "seconds": 1.0,
    "database": "/a/d", "report": "/a/r",
}  # fmt: skip
WARNING = {"audit": "newest_post_is_recent", "message": "No new post for 60 days", "examples": ["_posts/a.md"]}
BAD = {"path": "_posts/b.md", "reason": "bad_date", "detail": "'x'"}
SIGNS = ("Sites within", "outside posts folders", "warnings")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"sites": ["a", "[b]"]}, "Sites within the site: a, [b]."),
        ({"outside": {"old": 3}}, "3 files are named like posts but lie outside posts folders (old/)."),
        ({"warnings": [WARNING]}, "  warnings  No new post for 60 days (newest_post_is_recent)\n"),
        ({"warnings": [WARNING]}, "              _posts/a.md\n"),
        ({"rejected": {"bad_date": 1}, "rejected_files": [BAD]}, "              _posts/b.md: bad_date ('x')\n"),
    ],
    ids=["sites within", "files outside", "a warning", "its examples", "a rejected file"],
)
def test_what_wants_a_look_is_said(more: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    summary.show(QUIET | more)
    assert said in capsys.readouterr().out


def test_nothing_more_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    summary.show(QUIET)
    out = capsys.readouterr().out
    assert not any(sign in out for sign in SIGNS)
