"""The README's commands and answers are what they say, on the sample."""

import json
import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines import cli
from pipelines.settings import PROJECT
from warehouse import database
from warehouse.publish import DATABASE

README = (PROJECT / "README.md").read_text("utf-8")
QUESTIONS = re.findall(r"```sql\n(.*?)```\n\n((?:\|[^\n]*\n)+)", README, re.DOTALL)


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The sample built by the command, and what it printed."""
    folder = tmp_path_factory.mktemp("readme")
    site = shutil.copytree(PROJECT / "sample", folder / "sample")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("BACKFILE_SITE", "BACKFILE_WAREHOUSE", "DAGSTER_HOME"):
            patch.setenv(name, str(folder))
        done = CliRunner().invoke(cli.main, ["build", str(site), "--warehouse", str(folder / "warehouse")])
    assert done.exit_code == 0, done.output
    return folder / "warehouse", done.stdout


@pytest.mark.parametrize(
    "line", re.findall(r"^  (?:files|posts|rejected|ignored|changes|months) .*$", README, re.MULTILINE)
)
def test_the_summary_is_what_the_command_prints(line: str, summary: tuple[Path, str]) -> None:
    assert line in summary[1].splitlines()


def test_there_are_questions() -> None:
    assert len(QUESTIONS) == 2


@pytest.mark.parametrize(("query", "answer"), QUESTIONS, ids=["publishers", "securities"])
def test_each_question_has_its_answer(query: str, answer: str, summary: tuple[Path, str]) -> None:
    with database.connect(summary[0] / DATABASE) as connection:
        result = connection.execute(query)
        head = [column[0] for column in result.description or []]
        body = [
            [value.isoformat() if isinstance(value, date) else str(value) for value in row] for row in result.fetchall()
        ]
    lines = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in answer.splitlines()]
    assert [lines[0], *lines[2:]] == [head, *body]


def test_the_explanation_is_what_the_command_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKFILE_SITE", str(PROJECT / "sample"))
    monkeypatch.setenv("BACKFILE_WAREHOUSE", "unset")
    found = re.search(r"backfile explain (\S+)\n(.*?)\n\.\.\.\n(.*?)\n```", README, re.DOTALL)
    assert found
    said = CliRunner().invoke(cli.main, ["explain", str(PROJECT / found[1])]).stdout.splitlines()
    assert {found[2], found[3]} <= set(said)


def test_the_targets_are_those_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", README)) <= targets


def test_the_polars_example_reads_the_lake(summary: tuple[Path, str]) -> None:
    example = re.search(r"`(polars\.scan_parquet\([^`]*\))`", README)
    assert example
    code = example[1].replace("data/sample", str(summary[0]))
    read = eval(code, {"polars": __import__("polars")})
    assert json.loads(read.select("path").collect().write_json())
