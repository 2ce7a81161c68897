"""Which entries are found, without opening one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.jekyll import scan as module
from pipelines.jekyll.config import SiteError, read_site
from pipelines.jekyll.scan import ENTRIES, MAX_LINKS, Scan, scan
from tests.jekyll.sites import HERALD, POST, make


def found(root: Path, *posts_folders: str) -> Scan:
    return scan(read_site(root, posts_folders))


def test_the_herald() -> None:
    result = found(HERALD)
    assert dict(result.entries.schema) == ENTRIES
    assert result.entries["path"].is_sorted()
    assert len(result.entries) == 16
    assert result.outside == {"old_post": 1}
    assert set(result.entries["kind"]) == {"file"}


def test_extra_folders() -> None:
    result = found(HERALD, "old_post")
    assert result.outside == {}
    archived = result.entries.filter(result.entries["place"] == "archived")
    assert archived["path"].to_list() == ["old_post/2021-11-01-moved.md"]
    assert archived["month"].to_list() == ["2021-11"]


def test_a_missing_extra_folder_is_named() -> None:
    with pytest.raises(SiteError, match="old_news"):
        found(HERALD, "old_news")


def test_a_site_without_posts(tmp_path: Path) -> None:
    make(tmp_path, {"index.md": "x"})
    with pytest.raises(SiteError, match="no _posts folder"):
        found(tmp_path)


def test_where_jekyll_walks(tmp_path: Path) -> None:
    folders = [
        "_posts",
        "_posts/sub",
        "_posts/.hid",
        "foo/_posts",
        "foo/_posts/_posts",
        "Two Words/_posts",
        "foo/_drafts",
    ]
    shut = [
        "_hidden/_posts",
        ".git/_posts",
        "#a/_posts",
        "~b/_posts",
        "node_modules/x/_posts",
        "vendor/bundle/x/_posts",
        "_site/_posts",
    ]
    make(
        tmp_path,
        {f"{folder}/2022-04-15-a.md": POST for folder in folders + shut} | {"vendor/own/_posts/2022-04-15-a.md": POST},
    )
    assert {path.rpartition("/")[0] for path in found(tmp_path).entries["path"]} == {*folders, "vendor/own/_posts"}


def test_outside_counts_what_is_named_like_a_post(tmp_path: Path) -> None:
    names = [
        "old/2022-04-15-a.md",
        "old/2022-04-16-b.md",
        "old/readme.md",
        "old/2022-04-15-a.png",
        "_kept/2022-04-15-a.md",
    ]
    make(tmp_path, dict.fromkeys([*names, "_posts/2022-04-15-a.md", "2022-04-15-top.md"], POST))
    assert found(tmp_path).outside == {"old": 2, "_kept": 1, ".": 1}


def test_links_are_rows_and_are_not_followed(tmp_path: Path) -> None:
    make(
        tmp_path,
        {
            "site/_posts/2022-04-15-a.md": POST,
            "out/_posts/2022-04-16-b.md": POST,
            "site/in/_posts/2022-04-17-c.md": POST,
        },
    )
    (tmp_path / "site/_posts/2022-04-18-link.md").symlink_to("2022-04-15-a.md")
    (tmp_path / "site/_posts/folder").symlink_to("../in")
    (tmp_path / "site/away").symlink_to("../out")
    (tmp_path / "site/again").symlink_to("in")
    (tmp_path / "site/loop").symlink_to(".")
    (tmp_path / "site/blog").mkdir()
    (tmp_path / "site/blog/_posts").symlink_to("../../out/_posts")
    entries = found(tmp_path / "site").entries
    kinds = dict(zip(entries["path"], entries["kind"], strict=True))
    assert kinds["_posts/2022-04-18-link.md"] == "link"
    assert kinds["_posts/folder"] == "link"
    assert kinds["blog/_posts"] == "link"
    assert kinds["again/_posts/2022-04-17-c.md"] == "file"
    assert not [path for path in kinds if "2022-04-16-b" in path]
    assert not [path for path in kinds if path.startswith("loop/")]


def test_sites_within_the_site_are_told(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"{site}/_posts/2022-04-15-a.md": POST for site in ("a", "b", "c/d")}
    make(tmp_path, files | {"a/_config.yml": "", "c/_config.toml": "", "empty/_config.yml": ""}, "title: all")
    assert found(tmp_path).sites == ["a", "c"]


def test_links_to_one_folder_are_all_followed(tmp_path: Path) -> None:
    make(tmp_path, {"shared/_posts/2022-04-15-a.md": POST})
    for language in ("en", "fr"):
        (tmp_path / language).symlink_to("shared")
    paths = found(tmp_path).entries["path"].to_list()
    assert paths == [f"{folder}/_posts/2022-04-15-a.md" for folder in ("en", "fr", "shared")]


def test_links_to_links_end_soon(tmp_path: Path) -> None:
    make(tmp_path, {"20/_posts/2022-04-15-a.md": POST} | {f"{depth}/x.md": "" for depth in range(20)})
    for depth in range(20):
        for name in ("a", "b"):
            (tmp_path / str(depth) / name).symlink_to(f"../{depth + 1}")
    assert found(tmp_path).entries.height <= MAX_LINKS + 1


def test_names_that_are_not_utf8_are_escaped(tmp_path: Path) -> None:
    make(tmp_path, {"_posts/2022-04-15-a%20b.md": POST})
    raw = os.fsencode(tmp_path) + b"/_posts/2022-04-15-\xd0\xc2%.md"
    Path(os.fsdecode(raw)).write_bytes(b"x")
    entries = found(tmp_path).entries
    assert entries["path"].to_list() == ["_posts/2022-04-15-%D0%C2%25.md", "_posts/2022-04-15-a%20b.md"]
    assert entries["raw"].to_list() == [b"_posts/2022-04-15-\xd0\xc2%.md", None]


def test_a_pipe_is_a_row(tmp_path: Path) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": POST})
    os.mkfifo(tmp_path / "_posts/2022-04-16-pipe.md")
    assert found(tmp_path).entries["kind"].to_list() == ["file", "other"]


def test_a_linked_posts_folder_may_vanish_once_found(tmp_path: Path) -> None:
    site = read_site(make(tmp_path, {"_posts/2022-01-01-a.md": POST}))
    assert module._frame(site, [], [module.Folder("news/_posts", "posts")]).is_empty()
