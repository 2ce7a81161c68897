"""The lake: what is written is what is read, by every reader, and unchanged months are the same files."""

from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from tests.tables import post, table
from warehouse import contracts, lake

POSTS = table("posts", post("_posts/2022-04-15-a.md", tags=["x", "y"]), post("_posts/2022-04-16-b.md"))


@pytest.mark.parametrize("name", list(contracts.TABLES))
def test_a_table_without_files_is_empty_and_typed(name: str, tmp_path: Path) -> None:
    assert dict(lake.scan(tmp_path, name).collect().schema) == contracts.polars_schema(name)


def test_a_part_comes_back_as_written(tmp_path: Path) -> None:
    lake.write_part(tmp_path, "posts", "2022-04", 0, POSTS)
    assert_frame_equal(lake.scan(tmp_path, "posts").collect(), POSTS)


def test_the_month_stands_in_the_folders_name_alone(tmp_path: Path) -> None:
    lake.write_part(tmp_path, "posts", "2022-04", 0, POSTS)
    assert "month" not in pq.read_schema(lake.part(tmp_path, "posts", "2022-04", 0)).names


def test_readers_of_one_file_see_the_descriptions(tmp_path: Path) -> None:
    lake.write_part(tmp_path, "posts", "2022-04", 0, POSTS)
    schema = pq.read_schema(lake.part(tmp_path, "posts", "2022-04", 0))
    described = {name: (schema.field(name).metadata or {}).get(b"description", b"").decode() for name in schema.names}
    assert described == {
        name: column.description for name, column in contracts.Posts.columns().items() if name != "month"
    }


def test_readers_of_one_file_see_what_the_table_is(tmp_path: Path) -> None:
    lake.write_part(tmp_path, "posts", "2022-04", 0, POSTS)
    metadata = pq.read_metadata(lake.part(tmp_path, "posts", "2022-04", 0)).metadata or {}
    assert metadata[b"description"].decode() == contracts.description("posts")


def test_an_undated_month_is_text_like_any_other(tmp_path: Path) -> None:
    undated = table("files", {"path": "_drafts/a.md", "month": "undated"})
    lake.write_part(tmp_path, "files", "undated", 0, undated)
    assert lake.scan(tmp_path, "files").collect().get_column("month").to_list() == ["undated"]


def test_a_frame_that_breaks_its_contract_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(contracts.ContractError):
        lake.write_part(tmp_path, "posts", "2022-04", 0, POSTS.drop("url"))
    assert list(tmp_path.rglob("*.parquet")) == []


def test_rows_of_some_paths_come_from_every_part(tmp_path: Path) -> None:
    for number, row in enumerate(POSTS.iter_slices(1)):
        lake.write_part(tmp_path, "posts", "2022-04", number, row)
    found = lake.rows(tmp_path, "posts", "2022-04", POSTS.get_column("path"))
    assert_frame_equal(found.sort("path"), POSTS)


def test_no_rows_of_no_paths(tmp_path: Path) -> None:
    lake.write_part(tmp_path, "posts", "2022-04", 0, POSTS)
    assert lake.rows(tmp_path, "posts", "2022-04", pl.Series("path", [], pl.String)).is_empty()


def test_an_unchanged_month_is_carried_as_the_same_file(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    lake.write_part(old, "posts", "2022-04", 0, POSTS)
    lake.carry(old, new, "posts")
    assert lake.part(new, "posts", "2022-04", 0).samefile(lake.part(old, "posts", "2022-04", 0))


def test_a_due_month_is_not_carried(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    lake.write_part(old, "posts", "2022-04", 0, POSTS)
    lake.carry(old, new, "posts", frozenset(["2022-04"]))
    assert lake.parts(new, "posts") == []


def test_duckdb_reads_the_contracts_types(tmp_path: Path) -> None:
    lake.write_part(tmp_path, "posts", "2022-04", 0, POSTS)
    relation = duckdb.read_parquet(str(lake.part(tmp_path, "posts", "2022-04", 0)))
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
    assert (kinds["published_at"], kinds["published_on"], kinds["tags"], kinds["words"]) == (
        "TIMESTAMP WITH TIME ZONE",
        "DATE",
        "VARCHAR[]",
        "BIGINT",
    )
