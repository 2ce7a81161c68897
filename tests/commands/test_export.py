"""`backfile export`: whole files, one a table, that hold what the table holds."""

import csv
import json
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.commands.running import refused, run
from tests.sites import current, rows


@pytest.fixture(autouse=True)
def meant(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKFILE_WAREHOUSE", str(published))


def test_parquet_holds_the_table(published: Path) -> None:
    assert run("export", "post_bodies", "--parquet", "out").exit_code == 0
    written = pl.read_parquet("out/post_bodies.parquet").sort("path")
    in_lake = rows(published, "post_bodies")
    assert written.select(in_lake.columns).equals(in_lake)


def test_json_lines_hold_lists() -> None:
    run("export", "posts", "--jsonl", "out")
    posts = [json.loads(line) for line in Path("out/posts.jsonl").read_text().splitlines()]
    assert [post["tags"] for post in posts if post["tags"]] == [["a", "b"]]


class TestCsv:
    def read(self, *arguments: str) -> dict[str, dict[str, str]]:
        assert run("export", "posts", "--csv", "out", *arguments).exit_code == 0
        with Path("out/posts.csv").open(newline="") as stream:
            return {row["slug"]: row for row in csv.DictReader(stream)}

    def test_lists_are_json(self) -> None:
        assert json.loads(self.read()["escape"]["tags"]) == ["a", "b"]

    def test_it_is_harmless_to_a_spreadsheet(self) -> None:
        assert self.read()["formula"]["title"] == "'=cmd|'/C calc'!A0"

    def test_it_may_be_asked_for_as_it_is(self) -> None:
        assert self.read("--raw")["formula"]["title"] == "=cmd|'/C calc'!A0"


class TestNames:
    def exported(self, *names: str) -> list[str]:
        return [one["table"] for one in json.loads(run("export", *names, "--csv", "out", "--json").stdout)]

    def test_without_any_every_table(self) -> None:
        names = self.exported()
        assert {"posts", "files", "builds", "post_bodies"} <= set(names)
        assert not [name for name in names if "." in name]

    def test_a_report_by_its_name(self) -> None:
        assert self.exported("volume_by_day", "reports.publishers") == ["reports.volume_by_day", "reports.publishers"]

    def test_all_reports(self) -> None:
        assert "reports.volume_by_day" in self.exported("reports")

    def test_twice_is_once(self) -> None:
        assert self.exported("posts", "POSTS", "main.posts") == ["posts"]

    def test_an_unknown_one_with_the_nearest(self) -> None:
        assert "there is no table volume_per_day; did you mean volume_by_day?" in refused(
            "export", "volume_per_day", "--csv", "out"
        )

    def test_a_name_is_no_sql(self) -> None:
        assert "there is no table" in refused("export", 'posts"; DROP TABLE posts; --', "--csv", "out")


class TestRefused:
    def test_no_format(self) -> None:
        assert "one of --csv DIR" in refused("export", "posts")

    def test_what_is_there_before_anything_is_written(self, tmp_path: Path) -> None:
        (tmp_path / "tags.csv").write_text("mine")
        assert "tags.csv is there already" in refused("export", "posts", "tags", "--csv", ".")
        assert [path.name for path in tmp_path.iterdir()] == ["tags.csv"]

    def test_unless_it_may_be_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "tags.csv").write_text("mine")
        assert run("export", "tags", "--csv", ".", "--force").exit_code == 0
        assert "mine" not in (tmp_path / "tags.csv").read_text()

    def test_the_warehouse_itself(self, published: Path) -> None:
        assert "lies in the warehouse" in refused("export", "posts", "--csv", published)


def test_a_table_that_cannot_be_read_leaves_no_file(published: Path, tmp_path: Path) -> None:
    """Half a file would look like the whole."""
    copy = shutil.copytree(published, tmp_path / "copy", symlinks=True)
    database = current(copy) / "warehouse.duckdb"
    database.chmod(0o644)
    with duckdb.connect(database) as connection:
        connection.execute(
            "CREATE OR REPLACE VIEW post_bodies AS "
            "SELECT CASE WHEN i = 9000 THEN error('torn') ELSE 1 END FROM range(10000) r(i)"
        )
    result = run("export", "post_bodies", "--csv", "out", "--warehouse", copy)
    assert (result.exit_code, "torn" in result.stderr, list(Path("out").iterdir())) == (1, True, [])
