"""The lake: what is written is what is read, by every reader, and unchanged years are the same files."""

from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from tests.tables import post, table
from warehouse import contracts, lake

POSTS = table("posts", post("_posts/2022-04-15-a.md", tags=["x", "y"]), post("_posts/2022-04-16-b.md"))
YEAR = lake.year_part("2022")


@pytest.mark.parametrize("name", list(contracts.TABLES))
def test_a_table_without_files_is_empty_and_typed(name: str, tmp_path: Path) -> None:
    assert dict(lake.scan(tmp_path, name).collect().schema) == contracts.polars_schema(name)


def test_a_part_comes_back_as_written(tmp_path: Path) -> None:
    lake.write_part(tmp_path, "posts", YEAR, POSTS)
    assert_frame_equal(lake.scan(tmp_path, "posts").collect(), POSTS)


@pytest.mark.parametrize(
    ("period", "paths"),
    [
        pytest.param("2022", ["2022-04-15-a", "2022-05-01-b"], id="year"),
        pytest.param("2022-04", ["2022-04-15-a"], id="month-in-the-years-file"),
        pytest.param("2023-05", ["2023-05-01-d"], id="month-of-its-own"),
        pytest.param("2021", [], id="none"),
    ],
)
def test_a_year_or_month_is_read_alone(period: str, paths: list[str], tmp_path: Path) -> None:
    lake.write_table(tmp_path, "posts", table("posts", post("2022-04-15-a"), post("2022-05-01-b")))
    for path in ("2023-04-01-c", "2023-05-01-d"):
        lake.write_part(tmp_path, "posts", lake.month_part(path[:7], 1), table("posts", post(path)))
    assert lake.scan(tmp_path, "posts", period).collect().get_column("path").to_list() == paths


PARTED = [
    pytest.param(["2022-04", "2022-05"], ["year=2022/data.parquet"] * 2, id="a-year-that-fits"),
    pytest.param(
        ["2022-05", "2022-04", "2022-04", "2022-04"],
        ["year=2022/04-0001.parquet"] * 2 + ["year=2022/04-0002.parquet", "year=2022/05-0001.parquet"],
        id="a-larger-year",
    ),
    pytest.param(
        ["undated", "2022-04", "0198-04"],
        ["year=0198/data.parquet", "year=2022/data.parquet", "year=undated/data.parquet"],
        id="odd-years",
    ),
    pytest.param(
        ["undated"] * 3,
        ["year=undated/undated-0001.parquet"] * 2 + ["year=undated/undated-0002.parquet"],
        id="many-undated",
    ),
    pytest.param([], [], id="none"),
]


@pytest.mark.parametrize(("months", "parts"), PARTED)
def test_small_months_share_a_file(months: list[str], parts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake, "PART_FILES", 2)
    files = pl.DataFrame(
        {"month": months, "path": [f"{number}.md" for number in range(len(months))]},
        schema={"month": pl.String, "path": pl.String},
    )
    parted = lake.parted(files)
    assert parted.get_column("part").to_list() == parts
    assert all(month.startswith(lake.period(part)) for month, part in parted.select("month", "part").iter_rows())


def test_readers_of_one_file_see_the_descriptions(tmp_path: Path) -> None:
    lake.write_part(tmp_path, "posts", YEAR, POSTS)
    schema = pq.read_schema(lake.part(tmp_path, "posts", YEAR))
    described = {name: (schema.field(name).metadata or {}).get(b"description", b"").decode() for name in schema.names}
    assert described == {name: column.description for name, column in contracts.Posts.columns().items()}


def test_readers_of_one_file_see_what_the_table_is(tmp_path: Path) -> None:
    lake.write_part(tmp_path, "posts", YEAR, POSTS)
    metadata = pq.read_metadata(lake.part(tmp_path, "posts", YEAR)).metadata or {}
    assert metadata[b"description"].decode() == contracts.description("posts")


def test_an_undated_month_is_text_like_any_other(tmp_path: Path) -> None:
    undated = table("files", {"path": "_drafts/a.md", "month": "undated"})
    lake.write_table(tmp_path, "files", undated)
    assert lake.scan(tmp_path, "files").collect().get_column("month").to_list() == ["undated"]


def test_a_frame_that_breaks_its_contract_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(contracts.ContractError):
        lake.write_part(tmp_path, "posts", YEAR, POSTS.drop("url"))
    assert list(tmp_path.rglob("*.parquet")) == []


def test_rows_of_some_paths_come_from_every_part(tmp_path: Path) -> None:
    for number, row in enumerate(POSTS.iter_slices(1), 1):
        lake.write_part(tmp_path, "posts", lake.month_part("2022-04", number), row)
    found = lake.rows(tmp_path, "posts", ["2022-04"], POSTS.get_column("path"))
    assert_frame_equal(found.sort("path"), POSTS)


def test_no_rows_of_no_paths(tmp_path: Path) -> None:
    lake.write_part(tmp_path, "posts", YEAR, POSTS)
    assert lake.rows(tmp_path, "posts", ["2022-04"], pl.Series("path", [], pl.String)).is_empty()


def test_an_unchanged_year_is_carried_as_the_same_file(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    lake.write_part(old, "posts", YEAR, POSTS)
    lake.carry(old, new, "posts")
    assert lake.part(new, "posts", YEAR).samefile(lake.part(old, "posts", YEAR))


def test_a_due_year_is_not_carried(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    lake.write_part(old, "posts", YEAR, POSTS)
    lake.carry(old, new, "posts", frozenset(["2022"]))
    assert lake.parts(new, "posts") == []


def test_duckdb_reads_the_contracts_types(tmp_path: Path) -> None:
    lake.write_part(tmp_path, "posts", YEAR, POSTS)
    relation = duckdb.read_parquet(str(lake.part(tmp_path, "posts", YEAR)))
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
    assert (kinds["published_at"], kinds["published_on"], kinds["tags"], kinds["words"]) == (
        "TIMESTAMP WITH TIME ZONE",
        "DATE",
        "VARCHAR[]",
        "BIGINT",
    )
