"""The bundled sample holds an example of everything that the code tells apart, and each report has rows on it."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.settings import SAMPLE
from tests.sites import build, current, rows, write
from warehouse import contracts, queries
from warehouse.connection import connect
from warehouse.publish import DATABASE

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the sample, built twice with a change between."""
    folder = tmp_path_factory.mktemp("sample")
    site = Path(shutil.copytree(SAMPLE, folder / "site"))
    build(site, folder / "warehouse", now=NOW)
    name = "_posts/2022-04-13-NW202204130000000012.md"
    write(site, {name: (site / name).read_text("utf-8").replace("百分之五", "百分之六")}, age=5)
    (site / "_posts/2022-04-12-rolled-over.md").rename(site / "_posts/2022-04-12-it-rolled-over.md")
    (site / "_posts/2022-04-11-withdrawn.md").unlink()
    build(site, folder / "warehouse", now=NOW)
    yield folder / "warehouse"


@pytest.mark.parametrize("value", sorted(set(contracts.OUTCOMES) - {"hidden"}))
def test_every_outcome(value: str, warehouse: Path) -> None:
    assert value in set(rows(warehouse, "files").get_column("outcome"))


def test_a_hidden_post_before_it_was_removed() -> None:
    assert any("published: false" in path.read_text("utf-8", "replace") for path in (SAMPLE / "_posts").glob("*.md"))


@pytest.mark.parametrize("value", list(contracts.FRONT_MATTER_STATES))
def test_every_front_matter_state(value: str, warehouse: Path) -> None:
    assert value in set(rows(warehouse, "posts").get_column("front_matter_state"))


@pytest.mark.parametrize("value", ["read_as_utc", "differs_from_name", "ambiguous_zone", "rolled_over"])
def test_every_date_flag(value: str, warehouse: Path) -> None:
    assert value in set(rows(warehouse, "posts").get_column("date_flags").explode(empty_as_null=True))


@pytest.mark.parametrize("value", list(contracts.LINK_ROLES))
def test_every_link_role(value: str, warehouse: Path) -> None:
    assert value in set(rows(warehouse, "post_links").get_column("role"))


@pytest.mark.parametrize("value", list(contracts.LINK_KINDS))
def test_every_link_kind(value: str, warehouse: Path) -> None:
    assert value in set(rows(warehouse, "post_links").get_column("kind"))


@pytest.mark.parametrize("value", list(contracts.CHANGES))
def test_every_change(value: str, warehouse: Path) -> None:
    assert value in set(rows(warehouse, "changes").get_column("change"))


@pytest.mark.parametrize(
    ("kind", "spelling", "key"),
    [
        pytest.param("category", "ｓｏｎｇｈｅｒｉｂａｏ", "songheribao", id="full-width"),
        pytest.param("category", "Techdaily", "techdaily", id="case"),
        pytest.param("tag", "machine_learning", "machine-learning", id="separator"),
        pytest.param("tag", "Machine Learning", "machine-learning", id="blank"),
        pytest.param("tag", "data,", "data", id="comma"),
        pytest.param("tag", "R&amp;D", "r&d", id="html-entity"),
        pytest.param("tag", "機器學習", "机器学习", id="traditional"),
        pytest.param("tag", "C#", "c#", id="sharp"),
        pytest.param("tag", "C++", "c++", id="plus"),
        pytest.param("tag", "", None, id="empty"),
    ],
)
def test_every_change_of_spelling(kind: str, spelling: str, key: str | None, warehouse: Path) -> None:
    table = rows(warehouse, f"post_{'categories' if kind == 'category' else 'tags'}")
    assert table.filter(table[kind] == spelling).get_column(f"{kind}_key").unique().to_list() == [key]


def test_a_name_that_was_split_is_one_category_again(warehouse: Path) -> None:
    keys = dict(rows(warehouse, "category_keys").iter_rows())
    assert keys["jinbaoapp"] == keys["jinbaozaixian"]


def test_a_slug_takes_its_name_from_the_tag_beside_it(warehouse: Path) -> None:
    assert rows(warehouse, "categories").filter(id="songheribao").get_column("name").item() == "松河日报"


@pytest.mark.parametrize("table", [name for name in contracts.TABLES if name != "near_signatures"])  # off by default
def test_every_table_has_rows(table: str, warehouse: Path) -> None:
    assert not rows(warehouse, table).is_empty()


@pytest.mark.parametrize("model", queries.models(), ids=lambda model: model.name)
def test_every_report_has_rows(model: queries.Query, warehouse: Path) -> None:
    with connect(current(warehouse) / DATABASE) as connection:
        assert connection.execute(f"SELECT count(*) > 0 FROM reports.{model.name}").fetchone() == (True,)


def test_the_counts_of_the_build_add_up(warehouse: Path) -> None:
    counts = json.loads(rows(warehouse, "builds").sort("started_at").get_column("counts")[-1])
    files = sum(counts["posts"].values()) + sum(counts["rejected"].values()) + counts["ignored"]
    assert files == counts["files"] == counts["entries"] == rows(warehouse, "files").height
