"""The door for Python: one build, its tables as frames, one clear line where there is nothing to open."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from tests.sites import build, post, write
from warehouse import Warehouse, WarehouseError, contracts, open_warehouse, publish, queries

OLD, NEW = "2022-04-15", "2022-04-18"
"""What only the two builds of the sample begin with once `T` follows: see tests/documents.py."""


def started(day: str) -> str:
    return day.replace("-", "") + "T"


@pytest.fixture(scope="module")
def warehouse(sample: Path) -> Iterator[Warehouse]:
    with open_warehouse(sample) as opened:
        yield opened


def test_posts_are_a_row_each_by_time(warehouse: Warehouse) -> None:
    times = warehouse.posts().get_column("published_at").drop_nulls()
    assert len(times) > 60
    assert times.is_sorted()


@pytest.mark.parametrize("name", [*contracts.TABLES, *(f"reports.{model.name}" for model in queries.models())])
def test_every_table_is_a_frame(name: str, warehouse: Warehouse) -> None:
    if name in warehouse.tables():
        assert warehouse.frame(name).height == warehouse.arrow(name).num_rows
    else:
        assert name in ("near_signatures", "post_links_raw")  # internal


def test_the_types_are_those_of_the_contract(warehouse: Warehouse) -> None:
    posts = warehouse.posts()
    assert posts.schema["published_at"] == pl.Datetime("us", "UTC")
    assert posts.schema["tags"] == pl.List(pl.String)
    assert pa.types.is_list(warehouse.arrow("posts").schema.field("tags").type)


class TestSearch:
    def test_the_best_come_first(self, warehouse: Warehouse) -> None:
        scores = warehouse.search("电力").get_column("score")
        assert len(scores) > 2
        assert scores.is_sorted(descending=True)

    def test_no_more_than_the_limit(self, warehouse: Warehouse) -> None:
        assert warehouse.search("电力", limit=2).height == 2

    def test_a_word_is_excluded(self, warehouse: Warehouse) -> None:
        assert warehouse.search("电力 -松河").height < warehouse.search("电力").height

    def test_quotes_are_no_sql(self, warehouse: Warehouse) -> None:
        assert warehouse.search("'; DROP TABLE posts; --").is_empty()


class TestSql:
    def test_values_are_parameters(self, warehouse: Warehouse) -> None:
        count = "SELECT count(*) AS posts FROM posts WHERE state = $state"
        assert warehouse.sql(count, {"state": "published"}).item() > 60

    def test_it_cannot_write(self, warehouse: Warehouse) -> None:
        with pytest.raises(duckdb.Error, match="read-only"):
            warehouse.connection.execute("DELETE FROM posts")

    @pytest.mark.parametrize("query", ["", "-- only a comment"])
    def test_a_query_without_a_statement(self, query: str, warehouse: Warehouse) -> None:
        with pytest.raises(WarehouseError, match="no statement"):
            warehouse.sql(query)


class TestBuilds:
    def test_an_earlier_one_holds_the_earlier_text(self, warehouse: Warehouse) -> None:
        text = "SELECT text FROM post_bodies WHERE path = '_posts/2022-04-13-NW202204130000000012.md'"
        with warehouse.as_of(started(OLD)) as before:
            assert before.build_id == warehouse.builds()[0]
            assert "百分之五" in before.sql(text).item()
        assert "百分之六" in warehouse.sql(text).item()

    @pytest.mark.parametrize(
        ("name", "says"), [("2022", "2 builds begin with 2022"), ("1999", "no build 1999 is kept")]
    )
    def test_a_name_that_fits_no_single_build(self, name: str, says: str, warehouse: Warehouse) -> None:
        with pytest.raises(WarehouseError, match=f"{says}; kept are {started(OLD)}"):
            warehouse.as_of(name)

    def test_the_build_stays_while_the_next_is_published(self, tmp_path: Path) -> None:
        site = write(tmp_path / "site", {"_config.yml": "", "_posts/2022-03-01-a.md": post("Before")})
        build(site, tmp_path / "warehouse")
        with open_warehouse(tmp_path / "warehouse") as opened:
            write(site, {"_posts/2022-03-01-a.md": post("After, and longer")}, age=5)
            build(site, tmp_path / "warehouse")
            assert opened.posts().get_column("title").to_list() == ["Before"]
            assert opened.frame("post_bodies").height == 1
            with open_warehouse(str(tmp_path / "warehouse")) as fresh:
                assert fresh.posts().get_column("title").to_list() == ["After, and longer"]


class TestErrors:
    """Each is one line that names the thing and the way out."""

    def said(self, folder: Path) -> str:
        with pytest.raises(WarehouseError) as caught:
            open_warehouse(folder)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    def test_no_folder(self, tmp_path: Path) -> None:
        assert f"{tmp_path / 'none'} is no folder; make a warehouse with `backfile build" in self.said(
            tmp_path / "none"
        )

    def test_no_build(self, tmp_path: Path) -> None:
        assert "holds no published build; make" in self.said(tmp_path)

    def test_a_database_that_is_damaged(self, tmp_path: Path) -> None:
        name = "20220415T200000.000Z-c0ffee01"
        (tmp_path / publish.BUILDS / name).mkdir(parents=True)
        (tmp_path / publish.BUILDS / name / publish.DATABASE).write_text("no database\n" * 99)
        (tmp_path / publish.CURRENT).symlink_to(Path(publish.BUILDS) / name)
        assert "cannot be opened" in self.said(tmp_path)

    def test_a_table_that_is_not_there(self, warehouse: Warehouse) -> None:
        with pytest.raises(WarehouseError, match=r"no table post in build .*; there are posts, "):
            warehouse.frame("post")

    def test_after_closing(self, sample: Path) -> None:
        opened = open_warehouse(sample)
        posts = opened.posts()
        opened.close()
        assert posts.height > 60
        with pytest.raises(duckdb.ConnectionException):
            opened.posts()


def test_the_package_is_quick_to_import() -> None:
    """Commands and workers import it for other things: neither DuckDB nor Polars come before somebody opens."""
    code = "import sys, warehouse; print(*{'duckdb', 'polars', 'pyarrow'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"
