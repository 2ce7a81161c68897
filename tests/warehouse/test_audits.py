"""The audits: an undamaged warehouse passes all, and each damage fails the one that is meant for it."""

import json
import re
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.tables import post, table, write_lake
from warehouse import audits, database, queries
from warehouse.connection import connect
from warehouse.publish import DATABASE

DAYS = 20
POSTS = [
    post(
        f"_posts/{day}-a.md",
        published_on=day,
        published_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        url=f"/{day}/",
        categories=["X"],
        tags=[f"T{n}"],
        front_matter='{"title": "A"}',
    )
    for n, day in enumerate(date(2022, 3, 27) + timedelta(days=n) for n in range(DAYS))
]
IGNORED = [{"path": f"_posts/{n}.png", "month": "undated", "outcome": "ignored"} for n in range(3)]
FIRST, LAST = POSTS[0]["path"], POSTS[-1]["path"]


def of_posts(**more: object) -> list[dict[str, object]]:
    return [{"path": row["path"], "month": row["month"]} | more for row in POSTS]


def counts(**more: object) -> str:
    """What a build counted, as JSON; of this archive unless said otherwise."""
    counted = {
        "entries": DAYS + len(IGNORED),
        "now": "2022-04-16T00:00:00+00:00",
        "posts": {"published": DAYS},
        "rejected": {},
    }
    return json.dumps(counted | more)


def added(posts: int) -> str:
    """The last build added the last so many posts."""
    return (
        "INSERT INTO changes BY NAME SELECT '2' AS build_id, path, 'added' AS change "
        f"FROM posts ORDER BY path DESC LIMIT {posts};"
    )


DAMAGE = {
    "counts_agree": "UPDATE categories SET posts = 5",
    "dates_are_past": f"""
        UPDATE posts SET state = 'future', published_at = TIMESTAMPTZ '2222-04-01 00:00:00Z' WHERE path = '{FIRST}';
        UPDATE files SET outcome = 'future' WHERE path = '{FIRST}'""",
    "every_entry_is_a_row": f"UPDATE builds SET counts = '{counts(entries=3)}' WHERE build_id = '2'",
    "every_post_is_a_file": f"UPDATE files SET outcome = 'hidden' WHERE path = '{FIRST}'",
    "few_files_are_rejected": f"""
        UPDATE files SET outcome = 'rejected', reason = 'bad_date' WHERE outcome = 'ignored';
        UPDATE builds SET counts = '{counts(rejected={"bad_date": 3})}' WHERE build_id = '2'""",
    "hosts_are_known": f"""
        {added(1)}
        INSERT INTO hosts BY NAME SELECT range || '.example' AS host, 1 AS links FROM range(21);
        INSERT INTO stored.post_links BY NAME
        SELECT '{LAST}' AS path, '2022-04' AS month, range + 1 AS position, range || '.example' AS host
        FROM range(21)""",
    "keys_are_known": f"""
        {added(1)}
        UPDATE posts SET front_matter = '{{"tittle": "A"}}' WHERE path = '{LAST}'""",
    "keys_are_unique": "INSERT INTO hosts BY NAME SELECT 'a.example' AS host, 0 AS links FROM range(2)",
    "newest_post_is_recent": f"""UPDATE builds SET counts = '{counts(now="2022-05-01T00:00:00+00:00")}'""",
    "paths_have_one_month": f"UPDATE files SET path = '{FIRST}' WHERE path = '_posts/0.png'",
    "posts_are_whole": "INSERT INTO stored.post_links BY NAME SELECT 'lost' AS path, '2022-04' AS month, 1 AS position",
    "posts_name_their_source": "UPDATE posts SET publisher = NULL WHERE published_on > DATE '2022-04-09'",
    "references_exist": "INSERT INTO suspects BY NAME SELECT 'tag' AS kind, 't1' AS term, 'gone' AS other",
    "states_follow_dates": f"UPDATE posts SET published_at = TIMESTAMPTZ '2022-04-16 01:00:00Z' WHERE path = '{LAST}'",
    "terms_are_counted": "UPDATE posts SET tags = ['T', 'U']",
    "terms_are_known": added(6),
    "urls_are_unique": "UPDATE posts SET url = '/same/'",
    "volume_is_kept": f"""
        UPDATE builds SET counts = '{counts(posts={"hidden": 60, "draft": 40})}' WHERE build_id = '1'""",
    "volume_is_usual": "UPDATE posts SET published_on = published_on - 1 WHERE published_on = DATE '2022-04-14'",
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A post a day for twenty days, each with its own tag, whole and consistent, after two builds."""
    build = tmp_path_factory.mktemp("build")
    keys = [f"t{n}" for n in range(DAYS)]
    write_lake(
        build,
        files=table("files", *of_posts(outcome="published"), *IGNORED),
        posts=table("posts", *POSTS),
        post_sources=table("post_sources", *of_posts(publisher="P")),
        post_categories=table("post_categories", *of_posts(category="X", category_key="x")),
        category_keys=table("category_keys", {"category_key": "x", "category_id": "x"}),
        categories=table("categories", {"id": "x", "name": "X", "posts": DAYS}),
        post_tags=table(
            "post_tags",
            *(row | {"tag": key.upper(), "tag_key": key} for row, key in zip(of_posts(), keys, strict=True)),
        ),
        tag_keys=table("tag_keys", *({"tag_key": key, "tag_id": key} for key in keys)),
        tags=table("tags", *({"id": key, "name": key.upper(), "posts": 1} for key in keys)),
        builds=table(
            "builds",
            {"build_id": "1", "counts": counts(), "started_at": datetime(2022, 4, 15, tzinfo=UTC)},
            {"build_id": "2", "counts": counts(), "started_at": datetime(2022, 4, 16, tzinfo=UTC)},
        ),
    )
    database.stage(build, None)
    return build


@pytest.fixture
def build(sound: Path, tmp_path: Path) -> Path:
    """A copy to damage; the bodies stay where they are."""
    shutil.copyfile(sound / DATABASE, tmp_path / DATABASE)
    return tmp_path


def damage(name: str, build: Path) -> None:
    with connect(build / DATABASE, read_only=False) as connection:
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
    assert finding.first == [{"path": FIRST, "outcome": "hidden", "state": "published"}]


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
    assert found["volume_is_kept"].value == 0.8


def test_a_build_that_is_looked_at_again_has_become_older(build: Path) -> None:
    now = datetime(2022, 6, 14, 12, tzinfo=UTC)  # sixty days after the newest post
    assert {one.name: one.value for one in audits.run(build, now=now)}["newest_post_is_recent"] == 60


def test_a_threshold_may_depend_on_the_archive(build: Path) -> None:
    """Five posts with 40 days between them, the newest 60 days ago."""
    with connect(build / DATABASE, read_only=False) as connection:
        connection.execute(
            f"""UPDATE posts SET published_on = day - CAST(40 * ((day - published_on) // 4) AS INTEGER)
            FROM (SELECT DATE '{LAST[7:17]}' AS day)"""
        )
    now = datetime(2022, 6, 14, 12, tzinfo=UTC)
    found = {one.name: one for one in audits.run(build, now=now)}["newest_post_is_recent"]
    assert (found.passed, found.message) == (False, "No new post for 60 days (longest usual gap: 40)")


@pytest.mark.parametrize("audit", queries.audits(), ids=lambda audit: audit.name)
def test_every_failure_has_its_message(audit: queries.Query, build: Path) -> None:
    damage(audit.name, build)
    found = {one.name: one for one in audits.run(build)}[audit.name]
    assert "{" not in found.message
    assert re.search(r"[0-9]", found.message)


@pytest.mark.parametrize("audit", queries.audits(), ids=lambda audit: audit.name)
def test_every_audit_says_what_it_is(audit: queries.Query) -> None:
    assert audit.header.keys() <= {"description", "says", "severity", "threshold", "accept"}
    assert audit.header["severity"] in {"error", "warn"}
