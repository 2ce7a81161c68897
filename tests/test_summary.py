"""What a build came to, as people are told."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines import summary

QUIET: dict[str, Any] = {
    "site": "/a/site", "warehouse": "/a/warehouse", "published": True, "build_id": "1", "run_id": "2", "files": 1,
    "posts": {"published": 1}, "rejected": {}, "ignored": 0, "outside": {}, "sites": [], "read": 1, "changes": {},
    "months_rewritten": [], "notices": [], "warnings": [], "seconds": 1.0, "database": "/a/d", "report": "/a/r",
}  # fmt: skip
SIGNS = ("Sites within", "outside posts folders", "warnings")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"sites": ["a", "[b]"]}, "Sites within the site: a, [b]."),
        ({"outside": {"old": 3}}, "3 files are named like posts but lie outside posts folders (old/)."),
        ({"warnings": ["newest_post_is_recent"]}, "(newest_post_is_recent)"),
    ],
    ids=["sites within", "files outside", "a warning"],
)
def test_what_wants_a_look_is_said(more: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    summary.show(QUIET | more)
    assert said in capsys.readouterr().out


def test_nothing_more_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    summary.show(QUIET)
    out = capsys.readouterr().out
    assert not any(sign in out for sign in SIGNS)
