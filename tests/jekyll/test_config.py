"""What of a configuration counts, and what is refused in one clear line."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from pipelines.jekyll.config import SiteError, read_site
from pipelines.jekyll.scan import scan
from tests.jekyll.sites import POST, make, outcomes, posts

ONE = {"_posts/2022-04-05-a-b.md": POST}
PATH = "_posts/2022-04-05-a-b.md"


def test_none_is_fine(tmp_path: Path) -> None:
    site = read_site(make(tmp_path, dict(ONE)))
    assert (site.timezone, site.encoding, site.url, site.config_file) == ("UTC", "utf-8-sig", "", None)
    assert posts(tmp_path)[PATH]["url"] == "/2022/04/05/a-b.html"


@pytest.mark.parametrize(
    ("config", "url"),
    [
        ("permalink: pretty", "/2022/04/05/a-b/"),
        ("permalink: none", "/a-b.html"),
        ("permalink: /x/:title", "/x/a-b"),
        ("collections: {posts: {permalink: /c/:slug/}}\npermalink: pretty", "/c/a-b/"),
        ("collections: {posts: {permalink: pretty}}", "/pretty"),
        ("collections: [notes]\npermalink: ordinal", "/2022/095/a-b.html"),
        ("collections:\npermalink:", "/2022/04/05/a-b.html"),
        ("markdown_ext: txt", "/2022/04/05/a-b.md"),
        ("markdown_ext: ''", "/2022/04/05/a-b.md"),
        ("markdown_ext:", "/2022/04/05/a-b.html"),
        ("source: .\ndestination: ./_site", "/2022/04/05/a-b.html"),
        ("defaults: [{scope: {path: ''}, values: {permalink: '/d/:title/'}}]", "/d/a-b/"),
        ("timezone: Asia/Shanghai", "/2022/04/05/a-b.html"),
    ],
)
def test_urls(tmp_path: Path, config: str, url: str) -> None:
    make(tmp_path, dict(ONE), config)
    assert posts(tmp_path)[PATH]["url"] == url


def test_the_timezone_moves_the_day(tmp_path: Path) -> None:
    make(tmp_path, {PATH: "---\ndate: 2022-04-15 20:12:07\n---\n"}, "timezone: Asia/Shanghai")
    assert str(posts(tmp_path)[PATH]["published_on"]) == "2022-04-16"


@pytest.mark.parametrize("name", ["_config.yaml", "_config.toml"])
def test_other_names(tmp_path: Path, name: str) -> None:
    content = 'permalink = "none"' if name.endswith("toml") else "permalink: none"
    make(tmp_path, ONE | {name: content})
    assert posts(tmp_path)[PATH]["url"] == "/a-b.html"


def test_yml_comes_first(tmp_path: Path) -> None:
    make(tmp_path, ONE | {"_config.yml": "permalink: none", "_config.yaml": "permalink: pretty"})
    assert posts(tmp_path)[PATH]["url"] == "/a-b.html"


def test_source(tmp_path: Path) -> None:
    make(tmp_path, {"src/_posts/2022-04-05-a.md": POST, "_posts/2022-04-05-b.md": POST}, "source: src")
    assert list(outcomes(tmp_path)) == ["_posts/2022-04-05-a.md"]


def test_destination(tmp_path: Path) -> None:
    make(tmp_path, ONE | {"out/_posts/2022-04-05-a.md": POST, "site/_posts/2022-04-05-a.md": POST}, "destination: out")
    assert set(outcomes(tmp_path)) == {PATH, "site/_posts/2022-04-05-a.md"}


def test_collections_dir(tmp_path: Path) -> None:
    make(tmp_path, ONE | {"c/x/_posts/2022-04-05-a.md": POST, "c/_drafts/d.md": POST}, "collections_dir: c")
    assert set(outcomes(tmp_path)) == {"c/x/_posts/2022-04-05-a.md", "c/_drafts/d.md"}
    assert posts(tmp_path)["c/x/_posts/2022-04-05-a.md"]["categories"] == ["x"]


def test_include_and_exclude(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        f"{d}/_posts/2022-04-05-a.md": POST for d in ("_kept", "gone", "gone_too", "node_modules", "a")
    }
    make(
        tmp_path,
        files | {"_posts/2022-04-05-x.md": POST, "_posts/2022-04-06-y.md": POST},
        "include: [_kept]\nexclude: [gone, '*-x.md']",
    )
    assert outcomes(tmp_path) == {
        "_kept/_posts/2022-04-05-a.md": ("published", None),
        "_posts/2022-04-05-x.md": ("ignored", "excluded"),
        "_posts/2022-04-06-y.md": ("published", None),
        "a/_posts/2022-04-05-a.md": ("published", None),
    }


@pytest.mark.parametrize(
    ("config", "rendered"),
    [
        ("", {"p": True, "h": False, "f": False, "d": False}),
        ("future: true", {"p": True, "h": False, "f": True, "d": False}),
        ("unpublished: true", {"p": True, "h": True, "f": False, "d": False}),
        ("show_drafts: true", {"p": True, "h": False, "f": False, "d": True}),
    ],
)
def test_rendered(tmp_path: Path, config: str, rendered: dict[str, bool]) -> None:
    files: dict[str, str | bytes] = {
        "_posts/2022-04-05-p.md": POST,
        "_posts/2022-04-05-h.md": "---\npublished: false\n---\n",
        "_posts/2199-04-05-f.md": POST,
        "_drafts/2022-04-05-d.md": POST,
    }
    found = posts(make(tmp_path, files, config))
    assert {str(post["slug"]): post["rendered"] for post in found.values()} == rendered
    assert {str(post["slug"]): post["state"] for post in found.values()} == {
        "p": "published",
        "h": "hidden",
        "f": "future",
        "d": "draft",
    }


@pytest.mark.parametrize(
    ("encoding", "title"), [("UTF-8", "marked"), ("utf8", "A B")], ids=["named so", "by a name that Ruby does not know"]
)
def test_a_byte_order_mark_is_taken_away_from_utf_8(tmp_path: Path, encoding: str, title: str) -> None:
    make(tmp_path, {PATH: b"\xef\xbb\xbf---\ntitle: marked\n---\n"}, f"encoding: {encoding}")
    assert posts(tmp_path)[PATH]["title"] == title


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("UTC+8", "Etc/GMT+8"),
        ("JST-9", "Etc/GMT-9"),
        ("':Asia/Tokyo'", "Asia/Tokyo"),
        ("false", "UTC"),
        ("EST5EDT", "EST5EDT"),
    ],
)
def test_time_zones_as_the_c_library_reads_them(tmp_path: Path, written: str, zone: str) -> None:
    assert read_site(make(tmp_path, dict(ONE), f"timezone: {written}")).timezone == zone


@pytest.mark.parametrize("scope", ["{path: ''}", "{path: '', type: posts}"])
def test_a_permalink_that_no_post_uses_may_be_wrong(tmp_path: Path, scope: str) -> None:
    config = f"permalink: /:moon/\ndefaults: [{{scope: {scope}, values: {{permalink: /blog/:title/}}}}]"
    assert posts(make(tmp_path, dict(ONE), config))[PATH]["url"] == "/blog/a-b/"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("c", ["c/_posts/2022-04-05-a.md", "c/x/_posts/2022-04-05-a.md", "cd/_posts/2022-04-05-a.md"]),
        ("c/", ["c/x/_posts/2022-04-05-a.md"]),
        ("./c", []),
    ],
)
def test_collections_dir_is_taken_as_it_is_written(tmp_path: Path, written: str, read: list[str]) -> None:
    files: dict[str, str | bytes] = {f"{d}/_posts/2022-04-05-a.md": POST for d in ("c", "c/x", "cd", "d")}
    make(tmp_path, files | {"old/2022-04-05-a.md": POST}, f"collections_dir: {written}")
    site = read_site(tmp_path, ["old"])
    assert [path for path in scan(site).entries["path"] if not path.startswith("old/")] == read


def test_a_folder_is_included_by_its_name_and_a_slash_in_the_source_alone(tmp_path: Path) -> None:
    make(tmp_path, {f"{d}/_posts/2022-04-05-a.md": POST for d in ("_in", "a/_in", "a")}, "include: [_in/]")
    assert list(outcomes(tmp_path)) == ["_in/_posts/2022-04-05-a.md", "a/_posts/2022-04-05-a.md"]


def test_encoding(tmp_path: Path) -> None:
    make(tmp_path, {PATH: "---\ntitle: 财经\n---\n新闻\n".encode("gbk")}, "encoding: gbk")
    assert posts(tmp_path)[PATH]["title"] == "财经"


def test_a_posts_folder_alone(tmp_path: Path) -> None:
    make(tmp_path, ONE | {"blog/_posts/2022-04-05-c.md": POST}, "permalink: none")
    assert read_site(tmp_path / "_posts").root == tmp_path.resolve()
    assert list(outcomes(tmp_path / "_posts")) == [PATH]
    assert posts(tmp_path / "_posts")[PATH]["url"] == "/a-b.html"


def test_a_site_can_be_sent_to_another_process(tmp_path: Path) -> None:
    site = read_site(make(tmp_path, dict(ONE), "defaults: [{scope: {path: a*}, values: {date: 2001-02-03}}]"))
    assert pickle.loads(pickle.dumps(site)) == site


def test_the_fingerprint_follows_what_counts(tmp_path: Path) -> None:
    make(tmp_path, ONE | {"old_post/2022-04-05-o.md": POST})
    prints = {read_site(tmp_path).fingerprint, read_site(tmp_path, ["old_post"]).fingerprint}
    for config in (
        "timezone: Asia/Tokyo",
        "future: true",
        "defaults: [{scope: {path: a}, values: {x: 1}}]",
        "exclude: [a]",
        "kramdown: {toc_levels: 1..2}",
    ):
        make(tmp_path, {}, config)
        prints.add(read_site(tmp_path).fingerprint)
    assert len(prints) == 7
    make(tmp_path, {}, "title: anything\nplugins: [no-such-plugin]")
    assert read_site(tmp_path).fingerprint in prints


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("a: b: c", "cannot be read"),
        ("- a", "no key: value pairs"),
        ("timezone: Asia/Nowhere", "timezone: Asia/Nowhere is unknown"),
        ("timezone: ../../etc/passwd", "is unknown"),
        ("encoding: utf-16", "encoding: utf-16"),
        ("exclude: a", "exclude should be a list"),
        ("permalink: 1", "permalink should be a text"),
        ("permalink: /:moon/", ":moon"),
        ("source: ../..", "lies outside"),
        ("source: nowhere", "is not a folder"),
        ("destination: ./", "destination"),
        ("defaults: [{scope: {path: ''}, values: {date: never}}]", "defaults"),
    ],
)
def test_what_is_refused(tmp_path: Path, config: str, message: str) -> None:
    make(tmp_path, dict(ONE), config)
    with pytest.raises(SiteError, match=message) as raised:
        read_site(tmp_path)
    assert "\n" not in str(raised.value)
    assert str(tmp_path) in str(raised.value)


def test_no_such_site(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="there is no site"):
        read_site(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(SiteError, match="is not a folder"):
        read_site(tmp_path / "file")


@pytest.mark.parametrize("folder", ["../out", "/", "", "a/../b", "a//b"])
def test_posts_folders_lie_below_the_source(tmp_path: Path, folder: str) -> None:
    make(tmp_path, dict(ONE))
    with pytest.raises(SiteError, match="no path below"):
        read_site(tmp_path, [folder])
