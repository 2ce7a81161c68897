"""`backfile search`: what people and programs see of what is found."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.commands import search
from tests.commands.running import refused, run
from tests.sites import current


@pytest.fixture(autouse=True)
def meant(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKFILE_WAREHOUSE", str(published))


def test_a_post_is_three_lines() -> None:
    assert run("search", "碳税").stdout.splitlines() == [
        "2022-03-03  气候变化",
        "            _posts/2022-03-03-climate.md",
        "            碳税与气候 Carbon and a tax.",
    ]


def test_a_post_that_is_not_published_says_so() -> None:
    assert run("search", "idea").stdout.splitlines()[0] == "2022-04-01  An idea  draft"


def test_words_may_be_excluded_though_they_look_like_options() -> None:
    assert run("search", "carbon", "-help").stdout.count("_posts/") == 2
    assert run("search", "carbon", "-and").stdout.count("_posts/") == 1


def test_what_was_quoted_for_the_shell_is_a_phrase() -> None:
    assert "formula" in run("search", "carbon tax").stdout
    assert "climate" not in run("search", "carbon tax").stdout
    assert "climate" in run("search", "carbon", "tax").stdout


def test_json_has_what_the_macro_gives() -> None:
    (found,) = json.loads(run("search", "碳税", "--json").stdout)
    assert (found["path"], found["occurrences"], found["published_on"]) == (
        "_posts/2022-03-03-climate.md",
        1,
        "2022-03-03",
    )


def test_no_more_than_asked_for_and_that_there_are_more() -> None:
    result = run("search", "text", "red", "--limit", 1)
    assert (result.stdout.count("_posts/"), result.stderr) == (1, "")
    result = run("search", "carbon", "--limit", 1)
    assert (result.stdout.count("_posts/"), "--limit 5" in result.stderr) == (1, True)


def test_terminal_escapes_are_written_out() -> None:
    assert run("search", "red").stdout.startswith("2022-03-01  \\x1b[31mred\n")


def test_nothing_found_is_said() -> None:
    result = run("search", "nonesuch")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no post has all these words\n")


@pytest.mark.parametrize("words", [(), ("-carbon",), ("",), ('""',)], ids=["none", "excluded", "empty", "quotes"])
def test_a_word_that_is_to_occur_is_asked_for(words: tuple[str, ...]) -> None:
    assert "which words" in refused("search", *words)


def test_a_mistyped_option_is_no_word() -> None:
    assert "there is no option --limt" in refused("search", "carbon", "--limt", "3")


def test_words_are_bold_between_marks() -> None:
    assert search.marked("a \x02word\x03 and") == [("", "bold"), "a ", ("word", "bold"), " and"]


def test_a_build_of_a_time_before_search_says_so(published: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(published, tmp_path / "copy", symlinks=True)
    database = current(copy) / "warehouse.duckdb"
    database.chmod(0o644)
    with duckdb.connect(database) as connection:
        connection.execute("DROP MACRO TABLE search")
    assert "was made by an earlier Backfile" in refused("search", "carbon", "--warehouse", copy)
