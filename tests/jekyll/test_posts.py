"""From files to tables: outcomes, what is opened, limits, and that no content whatever raises."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import limits
from pipelines.jekyll.config import read_site
from pipelines.jekyll.posts import read
from pipelines.jekyll.reasons import IGNORED, NOT_CLEAN, REASONS, REJECTED
from pipelines.jekyll.scan import scan
from tests.jekyll.sites import HERALD, NOW, POST, make, outcomes, posts, tables
from tests.jekyll.strategies import HEADS
from warehouse import contracts


def test_every_file_of_the_herald_has_its_outcome() -> None:
    assert outcomes(HERALD, "old_post") == {
        "_drafts/idea.md": ("draft", None),
        "_posts/-202205262391921712.md": ("ignored", "not_a_post_name"),
        "_posts/2021-12-08-202112082206672930.md": ("published", None),
        "_posts/2022-04-15-202204152345350936.md": ("published", None),
        "_posts/2022-04-16-quotes.md": ("published", "salvaged"),
        "_posts/2022-04-17-hidden.md": ("hidden", None),
        "_posts/2022-04-18-plain.md": ("published", None),
        "_posts/2022-04-19-broken.md": ("rejected", "front_matter_broken"),
        "_posts/2022-04-20-gbk.md": ("rejected", "not_decodable"),
        "_posts/2022-04-21-number.md": ("rejected", "bad_categories"),
        "_posts/2022-04-24-data.yml": ("ignored", "data_file"),
        "_posts/2022-05-26-bare-zone.md": ("rejected", "bad_date"),
        "_posts/2199-01-01-later.md": ("future", None),
        "_posts/_2022-04-23-special.md": ("ignored", "special_name"),
        "_posts/sub/2022-04-22-below.md": ("published", None),
        "news/_posts/2022-04-25-wire.md": ("published", None),
        "old_post/2021-11-01-moved.md": ("published", None),
    }


def test_a_post_of_the_herald() -> None:
    post = posts(HERALD)["_posts/2021-12-08-202112082206672930.md"]
    assert post["title"] == "早期"
    assert post["published_at"] == datetime(2021, 12, 8, 20, 46, 18, tzinfo=UTC)
    assert str(post["published_on"]) == "2021-12-09"
    assert (post["date_written"], post["date_source"]) == ("2021-12-08 20:46:18", "front_matter")
    assert post["date_flags"] == ["read_as_utc", "differs_from_name"]
    assert post["url"] == "/yunhebao/2021/12/09/202112082206672930.html"
    assert (post["categories"], post["tags"], post["layout"]) == (["yunhebao"], ["运河报新闻"], "post")
    assert (post["words"], post["code_words"]) == (4, 0)
    assert json.loads(str(post["front_matter"]))["date"] == "2021-12-08 20:46:18"


def test_defaults_reach_the_posts_of_the_herald() -> None:
    post = posts(HERALD)["news/_posts/2022-04-25-wire.md"]
    assert (post["categories"], post["tags"], post["layout"]) == (["news", "abroad"], ["wire"], "wire")
    assert post["date_source"] == "name"


def test_a_move_to_an_extra_folder_keeps_all_but_the_path(tmp_path: Path) -> None:
    content = "---\ntitle: t\ncategories: c\n---\nx\n"
    make(
        tmp_path,
        {"_posts/2022-04-15-a.md": content},
        "defaults: [{scope: {path: _posts}, values: {layout: p}}]\nexclude: [old]",
    )
    before = posts(tmp_path)["_posts/2022-04-15-a.md"]
    (tmp_path / "old").mkdir()
    (tmp_path / "_posts/2022-04-15-a.md").rename(tmp_path / "old/2022-04-15-a.md")
    after = posts(tmp_path, "old")["old/2022-04-15-a.md"]
    assert {name for name in before if before[name] != after[name]} == {"path", "archived"}


@pytest.mark.parametrize(
    ("content", "reason", "detail"),
    [
        pytest.param("---\ntitle: a\ngoes on\n---\n", "front_matter_broken", "line 3", id="broken"),
        pytest.param("---\n- a\n---\n", "front_matter_broken", "a list", id="a list"),
        pytest.param("---\ncategories: {a: b}\n---\n", "bad_categories", "a map", id="categories"),
        pytest.param("---\ndate: never\n---\n", "bad_date", "'never'", id="words"),
        pytest.param("---\ndate:\n---\n", "bad_date", "''", id="no value"),
        pytest.param("---\ndate: 99999-01-01\n---\n", "bad_date", "", id="far away"),
        pytest.param("---\npermalink: /:moon/\n---\n", "bad_permalink", ":moon", id="placeholder"),
        pytest.param("---\npermalink: [a]\n---\n", "bad_permalink", "no text", id="permalink"),
        pytest.param("---\ncategories: '中:文'\n---\n", "bad_permalink", "scheme", id="category"),
        pytest.param("---\nslug: 2022\n---\n", "bad_permalink", "slug is no text: 2022", id="slug"),
        pytest.param(b"---\ntitle: \xe9\n---\n", "not_decodable", "byte 0xe9 at line 2 column 8", id="Latin-1"),
        pytest.param("---\ntitle: t\n---\n".encode("utf-16"), "not_decodable", "byte 0xff", id="UTF-16"),
        pytest.param("---\nx: " + "[" * 900 + "]" * 900 + "\n---\n", "front_matter_too_large", "nested", id="nested"),
    ],
)
def test_what_cannot_be_trusted(tmp_path: Path, content: str | bytes, reason: str, detail: str) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": content})
    row = tables(tmp_path)["files"].row(0, named=True)
    assert (row["outcome"], row["reason"]) == ("rejected", reason)
    assert detail in row["detail"]
    assert len(row["content_hash"]) == 32


def test_an_impossible_name_is_rescued_by_its_front_matter(tmp_path: Path) -> None:
    make(tmp_path, {"_posts/2022-13-45-a.md": POST, "_posts/2022-13-46-b.md": "---\ndate: 2022-04-15\n---\n"})
    assert outcomes(tmp_path) == {
        "_posts/2022-13-45-a.md": ("rejected", "bad_date"),
        "_posts/2022-13-46-b.md": ("published", None),
    }


@pytest.mark.parametrize(
    ("content", "title", "body"),
    [
        pytest.param(b"\xef\xbb\xbf---\ntitle: bom\n---\nB\n", "bom", "B\n", id="BOM"),
        pytest.param(b"---\r\ntitle: crlf\r\n---\r\nB\r\n", "crlf", "B\r\n", id="CRLF"),
        pytest.param(b"Just text.\n", "A B", "Just text.\n", id="none"),
        pytest.param(b"", "A B", "", id="empty"),
        pytest.param(b"---\ntitle: ~\n---\nB\0C\n", "A B", "B\0C\n", id="null and NUL"),
        pytest.param(b"---\ntitle: no\n---\n", "A B", "", id="false"),
        pytest.param(b"---\ntitle: 1.10\n---\n", "1.1", "", id="number"),
        pytest.param(b"---\ntitle: [a, b]\n---\n", '["a", "b"]', "", id="list"),
    ],
)
def test_titles_and_bodies(tmp_path: Path, content: bytes, title: str, body: str) -> None:
    make(tmp_path, {"_posts/2022-04-15-a-b.md": content})
    found = tables(tmp_path)
    assert found["posts"]["title"].to_list() == [title]
    assert found["post_bodies"]["body"].to_list() == [body]


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("false", "hidden"),
        ("no", "hidden"),
        ("", "hidden"),
        ('"false"', "published"),
        ("0", "published"),
        ("true", "published"),
    ],
)
def test_published(tmp_path: Path, value: str, state: str) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": f"---\npublished: {value}\n---\n"})
    assert posts(tmp_path)["_posts/2022-04-15-a.md"]["state"] == state


def test_a_future_post_is_published_when_its_time_comes(tmp_path: Path) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": "---\ndate: 2026-11-22 00:00:08 +0000\n---\n"})
    assert outcomes(tmp_path)["_posts/2022-04-15-a.md"][0] == "future"
    assert outcomes(tmp_path, now=NOW + timedelta(seconds=1))["_posts/2022-04-15-a.md"][0] == "published"


def test_an_undated_draft_has_its_files_time(tmp_path: Path) -> None:
    make(tmp_path, {"_drafts/idea.md": POST})
    os.utime(tmp_path / "_drafts/idea.md", (1_600_000_000, 1_600_000_000))
    draft = posts(tmp_path)["_drafts/idea.md"]
    assert (draft["published_at"], draft["date_source"], draft["date_written"]) == (
        datetime.fromtimestamp(1_600_000_000, UTC),
        "modified",
        None,
    )


@pytest.mark.parametrize(
    ("content", "config", "excerpt"),
    [
        ("---\na: b\n---\nOne *two*.\n\nThree.\n", "", "One two."),
        ("---\nexcerpt: own\n---\nOne.\n\nTwo.\n", "", None),
        ("---\nexcerpt_separator: <!--more-->\n---\nOne.\n\nTwo.<!--more-->Three.\n", "", "One.\n\nTwo."),
        ("---\na: b\n---\nOne.\n\nTwo.\n", "excerpt_separator:", "One."),
        ("---\na: b\n---\nOne.\n\nTwo.\n", "excerpt_separator: ''", ""),
        ("---\na: b\n---\nOne.\r\n\r\nTwo.\r\n", "", "One.\n\nTwo."),
    ],
    ids=["paragraph", "key", "separator", "null", "none", "CRLF"],
)
def test_excerpts(tmp_path: Path, content: str, config: str, excerpt: str | None) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": content}, config)
    text, characters = tables(tmp_path)["post_bodies"].select("text", "excerpt_characters").row(0)
    assert (None if characters is None else text[:characters]) == excerpt


# What is opened.


def test_links(tmp_path: Path) -> None:
    make(tmp_path, {"site/_posts/2022-04-15-a.md": POST, "site_too/2022-04-16-b.md": "secret", "site/page.md": POST})
    folder = tmp_path / "site/_posts"
    for name, target in (
        ("2022-04-17-in.md", "../page.md"),
        ("2022-04-18-out.md", "../../site_too/2022-04-16-b.md"),
        ("2022-04-19-nowhere.md", "nowhere.md"),
        ("2022-04-20-folder.md", "../"),
        ("2022-04-21-absolute.md", str(tmp_path / "site_too/2022-04-16-b.md")),
    ):
        (folder / name).symlink_to(target)
    found = outcomes(tmp_path / "site")
    assert found == {
        "_posts/2022-04-15-a.md": ("published", None),
        "_posts/2022-04-17-in.md": ("published", None),
        "_posts/2022-04-18-out.md": ("rejected", "link_leaves_site"),
        "_posts/2022-04-19-nowhere.md": ("rejected", "broken_link"),
        "_posts/2022-04-20-folder.md": ("ignored", "linked_folder"),
        "_posts/2022-04-21-absolute.md": ("rejected", "link_leaves_site"),
    }
    rows = tables(tmp_path / "site")["files"]
    assert rows.filter(pl.col("reason") == "link_leaves_site")["content_hash"].to_list() == [None, None]


def test_a_link_into_a_folder_that_may_not_be_looked_into(tmp_path: Path) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": POST, "shut/x.md": POST})
    (tmp_path / "_posts/2022-04-16-b.md").symlink_to("../shut/x.md")
    (tmp_path / "shut").chmod(0)
    try:
        assert outcomes(tmp_path)["_posts/2022-04-16-b.md"] in (
            ("rejected", "broken_link"),
            ("published", None),  # to the superuser nothing is shut
        )
    finally:
        (tmp_path / "shut").chmod(0o755)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": POST})
    os.mkfifo(tmp_path / "_posts/2022-04-16-pipe.md")
    assert outcomes(tmp_path)["_posts/2022-04-16-pipe.md"] == ("rejected", "not_a_file")


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": POST})
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/_posts/2022-04-15-\xd0.md")).write_bytes(b"x")
    assert outcomes(tmp_path)["_posts/2022-04-15-%D0.md"] == ("rejected", "name_not_decodable")


def test_a_file_that_changes_while_it_is_read_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it was, so that its size does not tell."""
    path = make(tmp_path, {"_posts/2022-01-01-a.md": "a" * 100}) / "_posts/2022-01-01-a.md"
    site = read_site(tmp_path)
    entries = scan(site).entries
    read_some = os.read

    def meanwhile(descriptor: int, size: int) -> bytes:
        monkeypatch.setattr(os, "read", read_some)
        data = read_some(descriptor, 50)
        path.write_text("b" * 100)
        return data

    monkeypatch.setattr(os, "read", meanwhile)
    assert read(site, entries, NOW)["post_bodies"].get_column("body").to_list() == ["b" * 100]


def test_a_file_that_vanished_and_one_that_became_a_link(tmp_path: Path) -> None:
    make(tmp_path, {"site/_posts/2022-04-15-a.md": POST, "site/_posts/2022-04-16-b.md": POST, "secret.md": "secret"})
    site = read_site(tmp_path / "site")
    entries = scan(site).entries
    (tmp_path / "site/_posts/2022-04-15-a.md").unlink()
    (tmp_path / "site/_posts/2022-04-16-b.md").unlink()
    (tmp_path / "site/_posts/2022-04-16-b.md").symlink_to(tmp_path / "secret.md")
    files = contracts.check("files", read(site, entries, NOW)["files"])
    assert files["reason"].to_list() == ["vanished", "unreadable"]
    assert files["content_hash"].to_list() == [None, None]


def test_a_file_that_changed_since_the_scan_is_one_consistent_row(tmp_path: Path) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": POST})
    site = read_site(tmp_path)
    entries = scan(site).entries
    make(tmp_path, {"_posts/2022-04-15-a.md": POST + "more\n"})
    row = read(site, entries, NOW)["files"].row(0, named=True)
    assert row["size_bytes"] == len(POST) + 5
    status = (tmp_path / "_posts/2022-04-15-a.md").stat()
    assert row["modified_at"] == datetime.fromtimestamp(0, UTC) + timedelta(microseconds=status.st_mtime_ns // 1000)


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": POST})
    with (tmp_path / "_posts/2022-04-15-a.md").open("r+b") as file:
        file.truncate(limits.FILE_BYTES + 1)
    row = tables(tmp_path)["files"].row(0, named=True)
    assert (row["reason"], row["size_bytes"], row["content_hash"]) == ("too_large", limits.FILE_BYTES + 1, None)


# Whatever a file holds.


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200),
        HEADS.map(lambda head: f"{head}---\nBody\n".encode()),
        st.text().map(lambda t: f"---\n{t}\n---\n".encode("utf-8", "surrogatepass")),
    )
)
def test_any_bytes_have_an_outcome(tmp_path: Path, content: bytes) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": content, "_drafts/b.md": content})
    found = tables(tmp_path)
    assert len(found["files"]) == 2
    kept = found["files"].filter(~pl.col("outcome").is_in(["rejected", "ignored"]))["path"].to_list()
    assert found["posts"]["path"].to_list() == found["post_bodies"]["path"].to_list() == kept
    for written in found["posts"]["front_matter"]:
        json.loads(written)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(
            b"---\n"
            + b"a: &a ["
            + b"x," * 9
            + b"]\n"
            + b"".join(b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 9)) for c in range(98, 112))
            + b"tags: *n\n---\n",
            id="alias bomb in tags",
        ),
        pytest.param(b"---\nx: &x [*x]\ntags: *x\ncategories: *x\ntitle: *x\n---\n", id="alias to itself"),
        pytest.param(b"---\nx: &x {a: *x}\n---\n", id="map in itself"),
        pytest.param(b"---\n" * 100_000, id="fences"),
        pytest.param(b"---\n" + b"- " * 50_000 + b"\n---\n", id="dashes"),
        pytest.param(b"---\ntitle: t\n---\n" + b"<" * 300_000, id="angles"),
        pytest.param(b"---\ntitle: t\n---\n" + b"[" * 300_000, id="brackets"),
        pytest.param(b"---\ntitle: t\n---\n" + b"{% " * 100_000, id="Liquid"),
        pytest.param(b"---\ntitle: t\n---\n" + b"<script>" * 50_000, id="scripts"),
        pytest.param(b"---\ntitle: t\n---\n" + b"\n \t" * 200_000, id="blanks"),
        pytest.param(b"---\ntitle: t\n---\n" + b"_*`" * 100_000, id="emphasis"),
        pytest.param(b"---\ntitle: t\n---\n" + b"&amp;" * 100_000, id="entities"),
        pytest.param(b"\0" * 500_000, id="NULs"),
    ],
)
def test_hostile_content_has_an_outcome(tmp_path: Path, content: bytes) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": content})
    assert len(tables(tmp_path)["files"]) == 1


def test_reasons_are_documented_once() -> None:
    assert len(REASONS) == len(IGNORED) + len(REJECTED) + len(NOT_CLEAN)


def test_no_entries_make_empty_tables(tmp_path: Path) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": POST})
    site = read_site(tmp_path)
    found = read(site, scan(site).entries.clear(), NOW)
    assert {name: len(contracts.check(name, frame)) for name, frame in found.items()} == {
        "files": 0,
        "posts": 0,
        "post_bodies": 0,
        "post_headings": 0,
        "post_code_blocks": 0,
        "post_links_raw": 0,
    }
