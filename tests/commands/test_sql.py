"""`backfile sql`: one query, in the form that is asked for; the published database stays as it is."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb
import polars as pl
import pytest

from tests import sites
from tests.commands.running import refused, run
from tests.sites import current, post, write
from warehouse import publish
from warehouse.manifest import checksum


@pytest.fixture(autouse=True)
def meant(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKFILE_WAREHOUSE", str(published))


class TestQuery:
    def test_its_rows_are_a_table(self) -> None:
        result = run("sql", "SELECT name, length(tags) AS tags FROM posts WHERE tags <> []")
        assert result.stdout.splitlines() == ["name                  tags", "2022-03-01-escape.md     2"]

    @pytest.mark.parametrize("arguments", [("-",), ()], ids=["minus", "nothing"])
    def test_it_may_come_from_standard_input(self, arguments: tuple[str, ...]) -> None:
        assert run("sql", *arguments, stdin="SELECT 7 AS n").stdout == "n\n7\n"

    def test_it_may_come_from_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "query.sql").write_text("-- seven\nSELECT 7 AS n;\n")
        assert run("sql", "--file", "query.sql").stdout == "n\n7\n"

    def test_there_may_be_several_statements(self) -> None:
        assert run("sql", "SET TimeZone = 'Asia/Shanghai'; SELECT TIMESTAMPTZ '2022-01-01 00:00Z' AS t").stdout == (
            "t\n2022-01-01 08:00:00+08:00\n"
        )

    def test_each_statement_that_asks_is_answered(self) -> None:
        several = "SELECT 1 AS a; CREATE TEMP TABLE t AS SELECT 2 AS b; FROM t"
        assert run("sql", several).stdout == "a\n1\nb\n2\n"

    def test_of_several_the_last_is_written(self) -> None:
        assert run("sql", "SELECT 1 AS a; SELECT 2 AS b", "--csv").stdout == "b\n2\n"

    def test_without_one_tables_and_reports_are_listed(self) -> None:
        names = [line.split()[0] for line in run("sql").stdout.splitlines()]
        assert {"posts", "post_bodies", "search('words')", "reports.volume_by_day"} <= set(names)

    def test_rows_beyond_the_first_are_counted(self) -> None:
        result = run("sql", "FROM range(100)")
        assert (result.stdout.count("\n"), "… 60 more rows" in result.stderr) == (41, True)

    def test_all_rows_may_be_asked_for(self) -> None:
        result = run("sql", "FROM range(100)", "--all")
        assert (result.stdout.count("\n"), result.stderr) == (101, "")

    def test_terminal_escapes_are_written_out(self) -> None:
        result = run("sql", "SELECT title FROM posts WHERE name = '2022-03-01-escape.md'")
        assert result.stdout == "title\n\\x1b[31mred\n"


class TestFormats:
    FORMULA = "SELECT title, -1 AS n FROM posts WHERE name = '2022-03-02-formula.md'"

    def test_csv_is_harmless_to_a_spreadsheet(self) -> None:
        assert run("sql", self.FORMULA, "--csv").stdout == "title,n\n'=cmd|'/C calc'!A0,-1\n"

    def test_csv_may_be_asked_for_as_it_is(self) -> None:
        assert run("sql", self.FORMULA, "--csv", "--raw").stdout == "title,n\n=cmd|'/C calc'!A0,-1\n"

    def test_json_is_an_array_of_objects(self) -> None:
        result = run("sql", "SELECT tags, published_on, NULL AS nothing FROM posts WHERE tags <> []", "--json")
        assert json.loads(result.stdout) == [{"tags": ["a", "b"], "published_on": "2022-03-01", "nothing": None}]

    def test_json_of_no_rows_is_an_empty_array(self) -> None:
        assert json.loads(run("sql", "FROM posts WHERE false", "--json").stdout) == []

    def test_parquet_has_the_types(self) -> None:
        assert run("sql", "SELECT path, published_at, tags FROM posts", "--parquet", "posts.parquet").exit_code == 0
        assert pl.read_parquet("posts.parquet").dtypes == [pl.String, pl.Datetime("us", "UTC"), pl.List(pl.String)]

    def test_a_file_is_not_replaced_unasked(self, tmp_path: Path) -> None:
        (tmp_path / "mine").write_text("mine")
        assert "--force" in refused("sql", "SELECT 1", "--parquet", "mine")
        assert run("sql", "SELECT 1", "--parquet", "mine", "--force").exit_code == 0
        assert pl.read_parquet("mine").height == 1

    def test_nothing_is_written_into_the_warehouse(self, published: Path) -> None:
        assert "lies in the warehouse" in refused("sql", "SELECT 1", "--parquet", published / "lake" / "mine.parquet")

    def test_one_form_at_a_time(self) -> None:
        assert "exclude each other" in refused("sql", "SELECT 1", "--csv", "--parquet", "out.parquet")


class TestErrors:
    def test_they_are_duckdbs_in_one_piece(self) -> None:
        result = run("sql", "SELECT titel FROM posts")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("Binder Error: ")
        assert "LINE 1: SELECT titel FROM posts" in result.stderr

    def test_what_they_say_of_values_is_harmless(self) -> None:
        result = run("sql", "SELECT title::INTEGER FROM posts WHERE name = '2022-03-01-escape.md'")
        assert (result.exit_code, "\x1b" in result.stderr, "\\x1b[31mred" in result.stderr) == (1, False, True)

    @pytest.mark.parametrize(
        "statement",
        [
            "DROP TABLE posts",
            "DELETE FROM posts",
            "CREATE TABLE more AS SELECT 1",
            "CREATE OR REPLACE VIEW reports.publishers AS SELECT 1",
            "CREATE OR REPLACE MACRO search(query) AS TABLE SELECT 1",
        ],
    )
    def test_nothing_is_written_to_a_database(self, statement: str, published: Path) -> None:
        database = current(published) / publish.DATABASE
        before = checksum(database)
        result = run("sql", statement.replace("{file}", str(database)))
        assert (result.exit_code, result.stdout) == (1, "")
        assert checksum(database) == before

    @pytest.mark.parametrize("query", [";", "-- nothing", "SELECT '\udcff'"], ids=["empty", "comment", "no_text"])
    def test_what_is_no_query_is_refused(self, query: str, tmp_path: Path) -> None:
        (tmp_path / "query.sql").write_bytes(query.encode(errors="surrogateescape"))
        refused("sql", "--file", "query.sql")

    def test_a_reader_that_has_enough_is_no_error(self, published: Path) -> None:
        command = [sys.executable, "-m", "pipelines", "sql", "FROM range(1000000)", "--csv"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout and process.stderr
            process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == b""


class TestFiles:
    """A query reaches the files of its build, and no others."""

    @pytest.fixture
    def build(self, published: Path) -> Iterator[Path]:
        """The published build, which nothing changes. Its folders can be written to, as they are for root."""
        build = current(published)

        def seen() -> dict[str, str]:
            return {str(path): checksum(path) for path in build.rglob("*") if path.is_file()}

        before = seen()
        yield build
        assert seen() == before

    READS: Final = (
        "FROM read_text('{away}/secret.csv')",
        "FROM read_blob('/proc/self/environ')",
        "FROM read_csv('{away}/secret.csv')",
        "FROM sniff_csv('{away}/secret.csv')",
        "FROM read_json('{away}/secret.csv')",
        "FROM read_ndjson_objects('{away}/secret.csv')",
        "FROM read_parquet('{away}/*.parquet')",
        "FROM parquet_metadata('{away}/rows.parquet')",
        "FROM parquet_kv_metadata('{away}/rows.parquet')",
        "FROM read_duckdb('{away}/other.duckdb', table_name = 'secret')",
        "FROM glob('{away}/*')",
        "FROM '{away}/secret.csv'",
        "FROM read_text('file://{away}/secret.csv')",
        "FROM read_text('{build}/lake/../../../../../../../../../../../../etc/passwd')",
        "FROM read_text('{build}/lake/link/secret.csv')",
        "FROM glob('{build}/../*')",
        "FROM read_csv('http://127.0.0.1:9/x.csv')",
        "FROM 'https://news.example/x.parquet'",
        "CREATE TEMP MACRO reads(name) AS TABLE FROM read_text(name); FROM reads('{away}/secret.csv')",
        "CREATE TEMP VIEW reads AS FROM read_text('{away}/secret.csv'); FROM reads",
        "FROM query('FROM read_text(''{away}/secret.csv'')')",
        "FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''{away}/secret.csv'')'))",
        "EXPLAIN ANALYZE FROM read_text('{away}/secret.csv')",
        "FROM published",
        "FROM duckdb_extensions()",
    )
    WRITES: Final = (
        "COPY posts TO '{target}'",
        "copy (SELECT 1) to '{target}' (FORMAT parquet)",
        "COPY posts FROM '{away}/secret.csv'",
        "COPY (PIVOT posts ON state USING count(*)) TO '{target}'",
        "/* */ COPY posts TO '{target}'",
        "EXPLAIN ANALYZE COPY posts TO '{target}'",
        "EXPLAIN (ANALYZE) COPY posts TO '{target}'",
        "EXPLAIN/**/ANALYZE COPY posts TO '{target}'",
        "EXPLAIN ANALYZE COPY (PIVOT posts ON state USING count(*)) TO '{target}'",
        "PREPARE writes AS COPY posts TO '{target}'; EXECUTE writes",
        "PREPARE writes AS COPY (PIVOT posts ON state USING count(*)) TO '{target}'; EXECUTE writes",
        "SELECT 1; COPY posts TO '{target}'",
        "EXPORT DATABASE '{target}'",
        "IMPORT DATABASE '{away}'",
        "COPY FROM DATABASE warehouse TO other",
        "ATTACH '{target}' AS other",
        "ATTACH '{build}/warehouse.duckdb' AS again (READ_WRITE)",
        "ATTACH ':memory:' AS other",
        "DETACH warehouse",
        "INSTALL httpfs",
        "FORCE INSTALL httpfs",
        "LOAD httpfs",
        "LOAD '{away}/evil.duckdb_extension'",
        "UPDATE EXTENSIONS",
        "CREATE PERSISTENT SECRET mine (TYPE http, BEARER_TOKEN 'x')",
        "PRAGMA enable_profiling = 'json'",
        "SET profiling_output = '{target}'",
        "SET log_query_path = '{target}'",
        "CALL enable_logging('QueryLog', storage = 'file', storage_path = '{target}')",
        "SET temp_directory = '{target}'",
        "SET enable_external_access = true",
        "RESET enable_external_access",
        "SET lock_configuration = false",
        "SET allowed_directories = ['/']",
        "SET allowed_configs = ['temp_directory']",
        "SET secret_directory = '{target}'",
        "SET extension_directory = '{target}'",
        "CHECKPOINT",
        "VACUUM",
    )

    @pytest.fixture
    def away(self, tmp_path: Path) -> Path:
        """A folder that is none of the build's."""
        (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
        pl.DataFrame({"secret": [1]}).write_parquet(tmp_path / "rows.parquet")
        with duckdb.connect(tmp_path / "other.duckdb") as connection:
            connection.execute("CREATE TABLE secret AS SELECT 1 AS secret")
        return tmp_path

    @pytest.mark.parametrize("statement", READS)
    @pytest.mark.parametrize("form", [(), ("--csv",), ("--parquet", "out")], ids=["table", "csv", "parquet"])
    def test_no_other_file_is_read(self, statement: str, form: tuple[str, ...], build: Path, away: Path) -> None:
        link = build / "lake" / "link"
        link.symlink_to(away)
        try:
            result = run("sql", statement.replace("{away}", str(away)).replace("{build}", str(build)), *form)
        finally:
            link.unlink()
        assert (result.exit_code, result.stdout) == (1, "")
        assert not Path("out").exists()

    @pytest.mark.parametrize("statement", WRITES)
    @pytest.mark.parametrize("target", ["{away}/new", "{build}/lake/new", "{build}/new"])
    def test_nothing_is_written(self, statement: str, target: str, build: Path, away: Path) -> None:
        before = sorted(away.iterdir())
        said = statement.replace("{target}", target).replace("{away}", str(away)).replace("{build}", str(build))
        assert run("sql", said).exit_code in (1, 2)
        assert sorted(away.iterdir()) == before

    def test_nothing_is_written_to_where_the_result_goes(self, build: Path, away: Path) -> None:
        assert "COPY may reach files" in refused("sql", "COPY posts TO 'new'; SELECT 1", "--parquet", "new")
        assert not Path("new").exists()

    @pytest.mark.parametrize(
        "statement",
        [
            "SELECT count(*) FROM post_bodies",
            "EXPLAIN ANALYZE SELECT count(*) FROM post_bodies",
            "FROM (PIVOT posts ON state USING count(*))",
            "SELECT path AS \"copy\" FROM posts WHERE title <> 'copy'",
            "SHOW ALL TABLES",
            "SUMMARIZE posts",
            "BEGIN; CREATE TEMP TABLE t AS FROM posts; DELETE FROM t; COMMIT",
            "SET VARIABLE x = 1; SELECT getvariable('x')",
            "USE reports; FROM publishers",
            "SET threads = 1; SELECT 1",
        ],
    )
    def test_what_only_asks_goes_on(self, statement: str, build: Path) -> None:
        assert run("sql", statement).exit_code == 0

    def test_a_warehouse_may_be_reached_by_another_name(self, build: Path, tmp_path: Path) -> None:
        (tmp_path / "here").symlink_to(build.parents[1])
        result = run("sql", "SELECT count(*) AS n FROM post_bodies", "--warehouse", tmp_path / "here")
        assert (result.exit_code, result.stdout.startswith("n\n")) == (0, True)

    def test_it_may_have_been_built_under_another_name(self, tmp_path: Path) -> None:
        site = write(tmp_path / "site", {"_posts/2022-03-01-a.md": post("A")})
        (tmp_path / "it's").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "it's")
        sites.build(site, tmp_path / "link" / "data")
        for folder in ("it's", "link"):
            result = run("sql", "SELECT count(*) AS n FROM post_bodies", "--warehouse", tmp_path / folder / "data")
            assert result.stdout == "n\n1\n"

    def test_more_is_sorted_than_memory_holds(self, build: Path) -> None:
        much = "SELECT range AS n, repeat('x', 200) || range AS text FROM range(1000000)"
        query = f"SELECT max(n) FROM (SELECT n, row_number() OVER (ORDER BY text) FROM ({much}))"
        query = f"SET threads = 1; SET memory_limit = '100MB'; {query}"
        assert run("sql", query).exit_code == 0

    def test_the_way_out_is_named(self, build: Path, away: Path) -> None:
        assert "--unsafe" in run("sql", f"FROM read_text('{away}/secret.csv')").stderr
        assert "--unsafe" in refused("sql", "COPY posts TO 'new'")

    def test_all_of_it_is_let_through_if_asked_for(self, build: Path, away: Path) -> None:
        assert run("sql", f"FROM read_csv('{away}/secret.csv')", "--unsafe").stdout == "a  b\n1  2\n"
        assert run("sql", "COPY (SELECT 1 AS n) TO 'new.csv'", "--unsafe").exit_code == 0
        assert Path("new.csv").read_text() == "n\n1\n"


class TestWarehouse:
    """Which one is meant."""

    @pytest.fixture(autouse=True)
    def unset(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("BACKFILE_WAREHOUSE")

    def test_the_named_one(self, published: Path) -> None:
        assert run("sql", "SELECT 1 AS n", "--warehouse", published).exit_code == 0

    def test_the_sites(self, published: Path) -> None:
        Path("data").mkdir()
        Path("data/site").symlink_to(published)
        Path("data/other").symlink_to(published)
        assert run("sql", "SELECT 1 AS n", "--site", published.with_name("site")).exit_code == 0

    def test_the_sites_goes_before_that_of_the_environment(
        self, published: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Path("blog").mkdir()
        monkeypatch.setenv("BACKFILE_WAREHOUSE", str(published))
        assert "is the warehouse of" in refused("sql", "SELECT 1 AS n", "--site", "blog")

    def test_the_only_one(self, published: Path) -> None:
        Path("data").mkdir()
        Path("data/blog").symlink_to(published)
        assert run("sql", "SELECT 1 AS n").exit_code == 0

    def test_one_of_several_must_be_named(self, published: Path) -> None:
        Path("data").mkdir()
        Path("data/blog").symlink_to(published)
        Path("data/other").symlink_to(published)
        assert "there are data/blog, data/other" in refused("sql", "SELECT 1")

    def test_there_is_none(self) -> None:
        assert "--warehouse" in refused("sql", "SELECT 1")

    def test_nothing_is_published_in_it(self, tmp_path: Path) -> None:
        assert "holds no published build" in refused("sql", "SELECT 1", "--warehouse", tmp_path)
