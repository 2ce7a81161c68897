"""The rules' files: built-in, an owner's over it, and what is wrong in one."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from pipelines.normalise.rules import Rules, RulesError, load_rules


def owner(folder: Path, text: str) -> Path:
    path = folder / "backfile.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_built_in_rules_load_alike_each_time() -> None:
    assert load_rules() == load_rules()


def test_rules_go_to_worker_processes() -> None:
    rules = load_rules()
    assert pickle.loads(pickle.dumps(rules)) == rules


def test_settings_in_the_owners_file_are_let_through(tmp_path: Path) -> None:
    path = owner(tmp_path, 'posts_folders = ["old_post"]\n[schedule]\nhour = 3\n')
    assert load_rules(path) == load_rules()


def test_a_value_replaces_the_built_in_one(tmp_path: Path) -> None:
    assert not load_rules(owner(tmp_path, "[rules.terms]\nsimplify = false\n")).terms.simplify


def test_a_list_is_added_to_and_taken_from(tmp_path: Path) -> None:
    tracking = load_rules(owner(tmp_path, '[rules.urls]\ntracking = ["from_app", "!spm"]\n')).urls.tracking
    assert ("from_app" in tracking, "spm" in tracking, "fbclid" in tracking) == (True, False, True)


def test_new_rules_come_before_built_in_ones(tmp_path: Path) -> None:
    path = owner(tmp_path, '[[rules.entities]]\nname = "mine"\nkind = "x"\nurl = "(x)"\n')
    assert load_rules(path).entities[0].name == "mine"


def test_a_rule_of_the_same_name_replaces_in_its_place(tmp_path: Path) -> None:
    before = [rule.name for rule in load_rules().entities]
    path = owner(
        tmp_path, '[[rules.entities]]\nname = "github-repository"\nkind = "project"\nurl = "github.com/(.*)"\n'
    )
    after = load_rules(path).entities
    assert [rule.name for rule in after] == before
    assert [rule.kind for rule in after if rule.name == "github-repository"] == ["project"]


def test_a_rule_is_switched_off(tmp_path: Path) -> None:
    path = owner(tmp_path, '[[rules.entities]]\nname = "github-repository"\noff = true\n')
    assert "github-repository" not in {rule.name for rule in load_rules(path).entities}


def test_the_version_follows_what_is_in_force_not_the_file(tmp_path: Path) -> None:
    same = load_rules(owner(tmp_path, "# nothing\n[rules.terms]\nsimplify = true\n")).version
    other = load_rules(owner(tmp_path, "[rules.terms]\nsimplify = false\n")).version
    assert (same == load_rules().version, other == load_rules().version) == (True, False)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        pytest.param("\n[rules\n", 2, "Expected ']'", id="no TOML"),
        pytest.param("a = 1\nrules = 1\n", 2, "rules must be a table", id="rules no table"),
        pytest.param("\n[rules.colours]\n", 2, "rules.colours is no kind of rule", id="unknown section"),
        pytest.param("\n[rules.hosts]\n", 2, "rules.hosts must be a list of tables", id="table for a list"),
        pytest.param("[[rules.terms]]\n", 1, "rules.terms must be a table", id="list for a table"),
        pytest.param("[rules.terms]\n\nsimplfy = true\n", 3, "rules.terms.simplfy is unknown", id="unknown key"),
        pytest.param("[rules.terms]\nsimplify = 1\n", 2, "rules.terms.simplify must be true or false", id="wrong type"),
        pytest.param(
            "[rules.urls]\ntracking = [1]\n", 2, "rules.urls.tracking must be a list of texts", id="wrong items"
        ),
        pytest.param(
            '[rules.sources]\nlabel = "("\n', 2, "rules.sources.label is no RE2 pattern: missing )", id="pattern"
        ),
        pytest.param('[rules.sources]\nlabel = "(?=a)"\n', 2, "is no RE2 pattern", id="no look-around"),
        pytest.param("[rules.duplicates]\nsource_id = 'a'\n", 2, "needs a group", id="pattern without a group"),
        pytest.param('[[rules.same]]\nkind = "tag"\n', 1, "rules.same lacks terms", id="key missing"),
        pytest.param('[[rules.same]]\nkind = "tag"\nterms = ["a"]\n', 3, "needs two terms or more", id="one term"),
        pytest.param(
            '[[rules.same]]\nkind = "x"\nterms = ["a", "b"]\n', 2, "must be one of category, tag", id="choice"
        ),
        pytest.param(
            '[[rules.hosts]]\nname = "a"\nhost = "a"\nalias_of = "b"\n\n[[rules.hosts]]\nname = "b"\nhost = 1\n',
            8,
            "rules.hosts.host must be a text",
            id="the second of a list",
        ),
        pytest.param(
            "[[rules.entities]]\nname = 'a'\nkind = 'b'\nid = '\\2'\nurl = '(x)'\n",
            5,
            "id names \\2",
            id="group that is not there",
        ),
        pytest.param(
            '[[rules.hosts]]\nname = "h"\nhost = "https://a.com/"\nalias_of = "b.com"\n',
            3,
            "must be a host",
            id="no host",
        ),
        pytest.param(
            '[[rules.entities]]\nname = "n"\nkind = "k"\nurl = "(a)"\nhosts = ["*.a.com", "B.com"]\n',
            5,
            "must be a host",
            id="no host in a list",
        ),
        pytest.param('[[rules.entities]]\nname = "n"\nkind = "k"\nurl = ""\n', 4, "needs a group", id="empty pattern"),
        pytest.param('[[rules.entities]]\nname = "n"\noff = true\n', 1, "no built-in rule", id="nothing to switch off"),
        pytest.param(
            '[[rules.hosts]]\nname = "n"\nhost = "a"\nalias_of = "b"\n' * 2, 5, "a second rule", id="a name twice"
        ),
        pytest.param(
            '[[rules.same]]\nkind = "tag"\nterms = ["a", "b"]\n[[rules.same]]\nkind = "tag"\nterms = ["b", "c"]\n'
            '[[rules.different]]\nkind = "category"\nterms = ["a", "c"]\n'
            '[[rules.different]]\nkind = "tag"\nterms = ["a", "c"]\n',
            10,
            "'a' and 'c' are the same by rules.same",
            id="same and different",
        ),
        pytest.param('[rules.sources]\nlabel = ""\n', 2, "must not be empty", id="empty label"),
        pytest.param("[rules.duplicates]\nnear = 1.5\n", 2, "must be a number from 0 to 1", id="number out of range"),
        pytest.param('[rules]\nterms = { simplify = "x" }\n', 2, "must be true or false", id="inline table"),
    ],
)
def test_what_is_wrong_is_one_line_with_file_and_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = owner(tmp_path, text)
    with pytest.raises(RulesError) as caught:
        load_rules(path)
    message = str(caught.value)
    assert message.startswith(f"{path}:{line}: ")
    assert said in message
    assert "\n" not in message


def test_a_missing_file_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="cannot be read"):
        load_rules(tmp_path / "none.toml")


def test_a_file_that_is_not_utf8_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "backfile.toml"
    path.write_bytes(b"a = '\xff'")
    with pytest.raises(RulesError, match="not UTF-8"):
        load_rules(path)


def test_rules_are_frozen() -> None:
    rules: Rules = load_rules()
    with pytest.raises(AttributeError):
        rules.version = "x"  # type: ignore[misc]
