"""The audits: an undamaged warehouse passes all, and each damage fails the one that is meant for it."""

import json
from pathlib import Path

import pytest

from tests.tables import post, table, write_lake
from warehouse import audits, database, queries
from warehouse.publish import DATABASE

POST = post("_posts/2022-04-15-a.md", categories=["X"], tags=["T"])
OF_POST = {"path": POST["path"], "month": POST["month"]}
IGNORED = {"path": "_posts/picture.png", "month": "undated", "outcome": "ignored"}


def counts(**more: object) -> str:
    """What a build counted, as JSON; of this archive unless said otherwise."""
    counted = {"entries": 2, "now": "2022-04-16T00:00:00+00:00", "posts": {"published": 1}, "rejected": {}}
    return json.dumps(counted | more)


DAMAGE = {
    "counts_agree": "UPDATE categories SET posts = 5",
    "every_entry_is_a_row": f"UPDATE builds SET counts = '{counts(entries=3)}'",
    "every_post_is_a_file": "UPDATE files SET outcome = 'hidden' WHERE outcome = 'published'",
    "keys_are_unique": "INSERT INTO hosts BY NAME SELECT 'a.example' AS host, 0 AS links FROM range(2)",
    "paths_have_one_month": f"UPDATE files SET path = '{POST['path']}' WHERE outcome = 'ignored'",
    "posts_are_whole": "INSERT INTO stored.post_links BY NAME SELECT 'lost' AS path, '2022-04' AS month, 1 AS position",
    "references_exist": "INSERT INTO suspects BY NAME SELECT 'tag' AS kind, 't' AS term, 'gone' AS other",
    "states_follow_dates": "UPDATE posts SET published_at = TIMESTAMPTZ '2022-05-01 00:00:00Z'",
    "terms_are_counted": "UPDATE posts SET tags = ['T', 'U']",
    "volume_is_kept": (
        f"INSERT INTO builds BY NAME SELECT '0' AS build_id, '{counts(posts={'hidden': 60, 'draft': 40})}' AS counts, "
        "TIMESTAMPTZ '1999-01-01 00:00:00Z' AS started_at"
    ),
}


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """One post, whole and consistent."""
    write_lake(
        tmp_path,
        files=table("files", OF_POST | {"outcome": "published"}, IGNORED),
        posts=table("posts", POST),
        post_categories=table("post_categories", OF_POST | {"category": "X", "category_key": "x"}),
        category_keys=table("category_keys", {"category_key": "x", "category_id": "x"}),
        categories=table("categories", {"id": "x", "name": "X", "posts": 1}),
        post_tags=table("post_tags", OF_POST | {"tag": "T", "tag_key": "t"}),
        tag_keys=table("tag_keys", {"tag_key": "t", "tag_id": "t"}),
        tags=table("tags", {"id": "t", "name": "T", "posts": 1}),
        builds=table("builds", {"build_id": "1", "counts": counts()}),
    )
    database.stage(tmp_path, None)
    return tmp_path


def damage(name: str, build: Path) -> None:
    with database.connect(build / DATABASE, read_only=False) as connection:
        connection.execute(DAMAGE[name])


def failed(build: Path) -> list[str]:
    return [finding.name for finding in audits.run(build) if not finding.passed]


def test_an_undamaged_warehouse_passes_all(build: Path) -> None:
    assert failed(build) == []


def test_there_is_a_damage_for_each_audit() -> None:
    assert sorted(DAMAGE) == [audit.name for audit in queries.audits()]


@pytest.mark.parametrize("name", list(DAMAGE))
def test_each_damage_fails_its_audit_alone(name: str, build: Path) -> None:
    damage(name, build)
    assert failed(build) == [name]


def test_a_finding_shows_the_first_wrong_rows(build: Path) -> None:
    damage("every_post_is_a_file", build)
    (finding,) = [finding for finding in audits.run(build) if not finding.passed]
    assert finding.first == [{"path": POST["path"], "outcome": "hidden", "state": "published"}]


def test_a_threshold_lets_pass(build: Path) -> None:
    damage("volume_is_kept", build)
    found = {finding.name: finding for finding in audits.run(build, {"volume_is_kept": 1.0})}
    assert found["volume_is_kept"].passed


def test_an_accepted_audit_only_warns(build: Path) -> None:
    damage("volume_is_kept", build)
    found = {finding.name: finding for finding in audits.run(build, accepted=["volume_is_kept"])}
    assert (found["volume_is_kept"].passed, found["volume_is_kept"].severity) == (False, "warn")


def test_a_value_is_what_the_column_says(build: Path) -> None:
    damage("volume_is_kept", build)
    found = {finding.name: finding for finding in audits.run(build)}
    assert found["volume_is_kept"].value == 0.99


@pytest.mark.parametrize("audit", queries.audits(), ids=lambda audit: audit.name)
def test_every_audit_says_what_it_is(audit: queries.Query) -> None:
    assert audit.header.keys() <= {"description", "severity", "threshold", "accept"}
    assert audit.header["severity"] in {"error", "warn"}
