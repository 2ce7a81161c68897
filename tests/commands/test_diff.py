"""`backfile diff`: what is said of the changes between two builds."""

import json
import shutil
from pathlib import Path

import pytest

from tests.commands.running import refused, run
from warehouse import publish


@pytest.fixture(autouse=True)
def meant(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKFILE_WAREHOUSE", str(published))


@pytest.fixture
def builds(published: Path) -> list[str]:
    return [build.name for build in publish.kept(published)]


POSTS = [
    "changed  _posts/2022-03-04-edited.md  title Before → After",
    "removed  _posts/2022-03-05-removed.md  Gone",
    "added    _posts/2022-03-07-new.md  New",
    "moved    old_post/2022-03-06-moved.md  Carried; from _posts/2022-03-06-moved.md",
]


def test_people_see_tables_and_posts(builds: list[str]) -> None:
    lines = run("diff").stdout.splitlines()
    assert lines[0] == f"{builds[0]} → {builds[1]}"
    assert [line.split()[:4] for line in lines if line.startswith("posts")] == [["posts", "2", "2", "1"]]
    assert lines[-4:] == POSTS


def test_programs_get_one_object(builds: list[str]) -> None:
    said = json.loads(run("diff", "--json").stdout)
    assert (said["old"], said["new"]) == tuple(builds)
    assert {"path": "_posts/2022-03-04-edited.md", "change": "changed", "old_path": None, "what": ["title"]} in said[
        "posts"
    ]


def test_builds_may_be_named_and_the_later_first(builds: list[str]) -> None:
    said = json.loads(run("diff", builds[1], builds[0][:-2], "--json").stdout)
    changes = {post["path"]: post["change"] for post in said["posts"]}
    assert changes["_posts/2022-03-05-removed.md"] == "added"
    assert changes["_posts/2022-03-06-moved.md"] == "moved"


def test_a_build_and_itself_do_not_differ(builds: list[str]) -> None:
    assert run("diff", builds[0], builds[0]).stdout.splitlines()[1:] == ["no table differs"]


def test_the_kept_builds_are_listed(builds: list[str]) -> None:
    assert run("diff", "--list").stdout.splitlines() == [builds[0], f"{builds[1]}  published"]


def test_an_unknown_build_with_those_that_are_kept(builds: list[str]) -> None:
    assert f"no build x is kept; kept are {builds[0]}, {builds[1]}" in refused("diff", "x")


def test_the_beginning_of_several(builds: list[str]) -> None:
    assert "2 builds begin with 20" in refused("diff", "20")


def test_the_first_build_has_none_before(builds: list[str], published: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(published, tmp_path / "copy", symlinks=True)
    (copy / "current").unlink()
    (copy / "current").symlink_to(f"builds/{builds[0]}")
    assert f"no build before {builds[0]} is kept" in refused("diff", "--warehouse", copy)
