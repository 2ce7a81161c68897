"""What differs between two builds: rows in, differences out; of the lake only what is not the same is read."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.tables import post, table, write_lake
from warehouse import contracts, differences, lake
from warehouse.differences import Difference
from warehouse.manifest import MANIFEST, Manifest, WarehouseError, inventory

A, B, C = (f"_posts/2022-04-15-{name}.md" for name in "abc")
OLD = "_posts/2021-01-01-old.md"


def build(folder: Path, **frames: pl.DataFrame) -> Path:
    """A build with this lake and its manifest."""
    write_lake(folder, **frames)
    return listed(folder)


def listed(folder: Path, contract: int = contracts.CONTRACT_VERSION) -> Path:
    """Return the build, its manifest as the files are."""
    versions, files = {"contract": str(contract)}, inventory(folder, None)
    at = "2022-04-15T00:00:00+00:00"
    manifest = Manifest(folder.name, "site", "warehouse", at, at, versions, {}, files)
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest)))
    return folder


def compare(name: str, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Difference:
    return differences.compare(name, table(name, *old), table(name, *new))


class TestCompare:
    def test_rows_are_known_by_their_key(self) -> None:
        found = compare("posts", [post(A), post(B)], [post(B), post(C)])
        assert (found.added["path"].to_list(), found.removed["path"].to_list(), found.changed.height) == ([C], [A], 0)

    def test_a_key_may_be_of_several_columns(self) -> None:
        row = {"path": A, "position": 1, "tag": "x"}
        found = compare("post_tags", [row], [row, row | {"position": 2}])
        assert found.added.rows() == [(A, 2)]

    def test_columns_that_differ_are_named(self) -> None:
        found = compare("posts", [post(A, title="a", tags=["x"])], [post(A, title=None, tags=["x", "y"])])
        assert (found.changed["columns"].to_list(), found.columns) == ([["title", "tags"]], {"title": 1, "tags": 1})

    def test_null_equals_null(self) -> None:
        assert not compare("posts", [post(A, title=None)], [post(A, title=None)])


class TestBetween:
    def test_tables_that_differ_in_the_contracts_order(self, tmp_path: Path) -> None:
        old = build(tmp_path / "old", posts=table("posts", post(A)))
        new = build(tmp_path / "new", posts=table("posts", post(A), post(B)), tags=table("tags", {"id": "x"}))
        found = differences.between(old, new)
        assert [(one.table, one.added.height) for one in found] == [
            ("files", 1),
            ("posts", 1),
            ("post_bodies", 1),
            ("post_sources", 1),
            ("tags", 1),
        ]

    def test_a_month_that_went(self, tmp_path: Path) -> None:
        old = build(tmp_path / "old", posts=table("posts", post(A), post(OLD)))
        new = build(tmp_path / "new", posts=table("posts", post(A)))
        assert [one.removed["path"].to_list() for one in differences.between(old, new) if one.table == "posts"] == [
            [OLD]
        ]

    def test_files_with_one_checksum_are_not_read(self, tmp_path: Path) -> None:
        old = build(tmp_path / "old", posts=table("posts", post(A), post(OLD)))
        new = build(tmp_path / "new", posts=table("posts", post(A, title="new"), post(OLD)))
        for where in (old, new):
            lake.part(where, "posts", lake.year_part("2021")).unlink()
        assert [one.columns for one in differences.between(old, new)] == [{"title": 1}]

    def test_a_year_in_other_files_is_no_difference(self, tmp_path: Path) -> None:
        posts = table("posts", post(A), post("_posts/2022-05-01-b.md"))
        old, new = build(tmp_path / "old", posts=posts), build(tmp_path / "new", posts=posts)
        lake.part(new, "posts", lake.year_part("2022")).unlink()
        for row in posts.with_columns(title=pl.lit("new")).iter_slices(1):
            lake.write_part(new, "posts", lake.month_part(row.item(0, "month"), 1), row)
        listed(new)
        assert [(one.table, one.columns) for one in differences.between(old, new)] == [("posts", {"title": 2})]

    def test_a_file_that_cannot_be_read_is_an_error_with_the_way_out(self, tmp_path: Path) -> None:
        old = build(tmp_path / "old", posts=table("posts", post(A)))
        new = build(tmp_path / "new", posts=table("posts", post(A, title="new")))
        lake.part(new, "posts", lake.year_part("2022")).write_bytes(b"x")
        with pytest.raises(WarehouseError, match=r"posts of new cannot be read.*backfile verify"):
            differences.between(old, new)

    def test_tables_of_another_version_are_an_error(self, tmp_path: Path) -> None:
        old = listed(build(tmp_path / "old", tags=table("tags", {"id": "x"})), contracts.CONTRACT_VERSION - 1)
        with pytest.raises(WarehouseError, match="old was made by another Backfile"):
            differences.between(old, build(tmp_path / "new", tags=table("tags", {"id": "y"})))

    def test_internal_tables_are_left_out(self, tmp_path: Path) -> None:
        row = {"path": A, "element": "a", "attribute": "href"}
        old, new = (build(tmp_path / at, post_links_raw=table("post_links_raw", row | {"url": at})) for at in "ab")
        assert differences.between(old, new) == []


class TestPosts:
    def what(self, *found: Difference) -> dict[str, list[str]]:
        return dict(differences.posts(found, {}).select("path", "what").iter_rows())

    def test_added_removed_and_moved(self) -> None:
        found = compare("posts", [post(A), post(B)], [post(C), post(OLD)])
        assert differences.posts([found], {C: A}).rows() == [
            (OLD, "added", None, []),
            (B, "removed", None, []),
            (C, "moved", A, []),
        ]

    def test_what_follows_from_the_body_is_not_said(self) -> None:
        posts = compare("posts", [post(A, body_hash="1", words=1)], [post(A, body_hash="2", words=2, state="draft")])
        bodies = compare("post_bodies", [{"path": A, "body": "1"}], [{"path": A, "body": "2"}])
        assert self.what(posts, bodies) == {A: ["state", "body"]}

    def test_front_matter_is_said_where_no_column_is(self) -> None:
        changed = {"front_matter": '{"title": "x", "note": 1}'}
        assert self.what(compare("posts", [post(A)], [post(A, **changed)])) == {A: ["front_matter"]}
        assert self.what(compare("posts", [post(A)], [post(A, title="x", **changed)])) == {A: ["title"]}

    def test_a_link_that_is_added_or_removed(self) -> None:
        links = compare("post_links", [{"path": A}], [{"path": A}, {"path": A, "position": 2}])
        assert self.what(links) == {A: ["links"]}

    @pytest.mark.parametrize(
        ("table", "row", "part"),
        [
            pytest.param("post_headings", {"level": 2}, "headings", id="heading"),
            pytest.param("post_code_blocks", {"lines": 1}, "code", id="code"),
        ],
    )
    def test_a_part_of_the_body_is_named(self, table: str, row: dict[str, Any], part: str) -> None:
        assert self.what(compare(table, [], [{"path": A} | row])) == {A: [part]}

    def test_a_shorter_excerpt_of_the_same_body_is_named(self) -> None:
        bodies = compare("post_bodies", [{"path": A, "excerpt_characters": 2}], [{"path": A, "excerpt_characters": 1}])
        assert self.what(bodies) == {A: ["excerpt_characters"]}

    def test_a_publisher_is_told_as_the_column_it_is(self) -> None:
        assert self.what(compare("post_sources", [{"path": A}], [{"path": A, "publisher": "x"}])) == {A: ["publisher"]}

    def test_rows_of_an_added_post_do_not_make_it_changed(self) -> None:
        posts, links = compare("posts", [], [post(A)]), compare("post_links", [], [{"path": A}])
        assert differences.posts([posts, links], {})["change"].to_list() == ["added"]


class TestMoves:
    def moved(self, *steps: tuple[str, str, str]) -> pl.DataFrame:
        rows = (
            {"build_id": build, "path": new, "old_path": old, "change": "moved", "month": "2022-04"}
            for build, old, new in steps
        )
        return table("changes", *rows)

    def test_from_build_to_build(self, tmp_path: Path) -> None:
        old = build(tmp_path / "old", changes=self.moved(("1", OLD, A)))
        new = build(tmp_path / "new", changes=self.moved(("1", OLD, A), ("2", A, B), ("3", B, C)))
        assert differences.moves(old, new) == {B: A, C: A}

    def test_back_to_an_earlier_build(self, tmp_path: Path) -> None:
        old = build(tmp_path / "old", changes=self.moved())
        new = build(tmp_path / "new", changes=self.moved(("1", A, B)))
        assert differences.moves(new, old) == {A: B}
