"""Both READMEs are equal, and their commands and answers are what they say, on the sample."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines import cli
from pipelines.settings import SAMPLE
from tests import documents
from tests.documents import PROJECT

README, CHINESE = (path.read_text("utf-8") for path in documents.READMES)
PAGES = sorted([*documents.READMES, *PROJECT.glob("[CS]*.md"), *(PROJECT / "docs").glob("*.md")])
ANSWERED = re.findall(r"^\$ \.venv/bin/backfile ((?:sql|search|diff) .*)\n((?:(?![$`]).*\n)+)", README, re.MULTILINE)
SMALL = 150_000
"""Bytes of a picture: a README is opened on slow lines too."""


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The sample built by the command, and what it printed."""
    folder = tmp_path_factory.mktemp("readme")
    site = shutil.copytree(SAMPLE, folder / "sample")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("BACKFILE_SITE", "BACKFILE_WAREHOUSE", "DAGSTER_HOME"):
            patch.setenv(name, str(folder))
        done = CliRunner().invoke(cli.main, ["build", str(site), "--warehouse", str(folder / "warehouse")])
    assert done.exit_code == 0, done.output
    return folder / "warehouse", done.stdout


@pytest.mark.parametrize(
    "line", re.findall(r"^  (?:files|posts|rejected|ignored|changes|months|warnings|       ) .*$", README, re.MULTILINE)
)
def test_the_summary_is_what_the_command_prints(line: str, summary: tuple[Path, str]) -> None:
    said = re.sub(r"for [0-9,]+ days", "for … days", summary[1])
    assert line in said.splitlines()


@pytest.mark.parametrize("question", documents.questions(README), ids=["securities"])
def test_each_question_has_its_answer(question: documents.Question, summary: tuple[Path, str]) -> None:
    assert question.answer == documents.answer(summary[0], question.sql), "run `make docs`, and look at the answer"


@pytest.mark.parametrize(("command", "printed"), ANSWERED, ids=[command.split()[0] for command, _ in ANSWERED])
def test_a_command_prints_what_is_shown(command: str, printed: str, summary: tuple[Path, str]) -> None:
    arguments = shlex.split(command.replace("--site ~/my-blog", f"--warehouse {summary[0]}"))
    said = CliRunner().invoke(cli.main, arguments).stdout
    assert [line.rstrip() for line in said.splitlines()] == printed.splitlines()


def test_the_explanation_is_what_the_command_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKFILE_SITE", str(SAMPLE))
    monkeypatch.setenv("BACKFILE_WAREHOUSE", "unset")
    found = re.search(r"backfile explain (\S+)\n(.*?)\n\.\.\.\n(.*?)\n```", README, re.DOTALL)
    assert found
    said = CliRunner().invoke(cli.main, ["explain", str(PROJECT / found[1])]).stdout.splitlines()
    assert {found[2], found[3]} <= set(said)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_targets_and_commands_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):.*## ", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"`?\bmake ([a-z]+)(?: SITE|`|$)", text, re.MULTILINE)) <= targets
    assert set(re.findall(r"\bbackfile ([a-z]+)", text)) <= set(cli.main.commands)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_tests_and_folders_that_contributors_read_of_exist() -> None:
    page = (PROJECT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(?:\w+::)?(\w+)`", page)
    assert len(named) == 10
    assert [name for path, name in named if f"def {name}(" not in (PROJECT / path).read_text("utf-8")] == []
    files = re.findall(r"`((?:pipelines|warehouse|tests|docs)/[\w/.]*)`", page)
    assert [name for name in files if not (PROJECT / name).exists()] == []


def test_the_options_are_up_to_date() -> None:
    page = documents.OPTIONS.read_text("utf-8")
    assert page == documents.options(page), "run `make docs`"


@pytest.mark.parametrize(
    "picture", sorted((PROJECT / "docs" / "images").glob("*.png")), ids=lambda picture: picture.name
)
def test_pictures_are_small(picture: Path) -> None:
    assert picture.stat().st_size < SMALL


@pytest.mark.parametrize(
    "what",
    [
        pytest.param(r"^```\w+\n[^`]*```\n(?:\n(?:\|.*\n)+)?", id="code-and-answers"),
        pytest.param(r"\]\((?!README)([^)]+)\)", id="links"),
        pytest.param(r"^#+ ", id="headings"),
        pytest.param(r"^\|", id="rows"),
    ],
)
def test_the_chinese_readme_is_equal(what: str) -> None:
    english, chinese = (re.findall(what, page, re.MULTILINE) for page in (README, CHINESE.replace(".zh.png", ".png")))
    assert english
    assert english == chinese
