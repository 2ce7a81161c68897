"""The audits: an undamaged warehouse passes all, and each damage fails the one that is meant for it."""

import json
from pathlib import Path

import pytest

from tests.tables import post, table, write_lake
from warehouse import audits, database, queries
from warehouse.publish import DATABASE

POST = post("_posts/2022-04-15-a.md", categories=["X"], tags=["T"])
OF_POST = {"path": POST["path"], "month": POST["month"]}
COUNTS = json.dumps({"entries": 1, "now": "2022-04-16T00:00:00+00:00"})

DAMAGE = {
    "every_entry_is_a_row": 'UPDATE builds SET counts = \'{"entries": 2, "now": "2022-04-16T00:00:00+00:00"}\'',
    "every_post_is_a_file": "UPDATE files SET outcome = 'hidden'",
    "keys_are_unique": "INSERT INTO categories SELECT * FROM categories",
    "posts_are_whole": "INSERT INTO stored.post_links BY NAME SELECT 'lost' AS path, '2022-04' AS month, 1 AS position",
    "states_follow_dates": "UPDATE posts SET published_at = TIMESTAMPTZ '2022-05-01 00:00:00Z'",
    "terms_are_counted": "UPDATE posts SET tags = ['T', 'U']",
}


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """One post, whole and consistent."""
    write_lake(
        tmp_path,
        posts=table("posts", POST),
        post_categories=table("post_categories", OF_POST | {"category": "X", "category_key": "x"}),
        category_keys=table("category_keys", {"category_key": "x", "category_id": "x"}),
        categories=table("categories", {"id": "x", "name": "X"}),
        post_tags=table("post_tags", OF_POST | {"tag": "T", "tag_key": "t"}),
        tag_keys=table("tag_keys", {"tag_key": "t", "tag_id": "t"}),
        tags=table("tags", {"id": "t", "name": "T"}),
        builds=table("builds", {"build_id": "1", "counts": COUNTS}),
    )
    database.stage(tmp_path, None)
    return tmp_path


def failed(build: Path) -> list[str]:
    return [finding.name for finding in audits.run(build) if not finding.passed]


def test_an_undamaged_warehouse_passes_all(build: Path) -> None:
    assert failed(build) == []


def test_there_is_a_damage_for_each_audit() -> None:
    assert sorted(DAMAGE) == [audit.name for audit in queries.audits()]


@pytest.mark.parametrize("name", list(DAMAGE))
def test_each_damage_fails_its_audit_alone(name: str, build: Path) -> None:
    with database.connect(build / DATABASE, read_only=False) as connection:
        connection.execute(DAMAGE[name])
    assert failed(build) == [name]


def test_a_finding_shows_the_first_wrong_rows(build: Path) -> None:
    with database.connect(build / DATABASE, read_only=False) as connection:
        connection.execute(DAMAGE["every_post_is_a_file"])
    (finding,) = [finding for finding in audits.run(build) if not finding.passed]
    assert finding.first == [{"path": POST["path"], "outcome": "hidden", "state": "published"}]
