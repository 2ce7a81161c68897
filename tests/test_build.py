"""Builds: what is due, what is rewritten, and that an incremental one equals one from scratch."""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipelines import build as steps
from pipelines import due
from pipelines import settings as options
from pipelines.build import BuildError
from pipelines.due import SETTLED_NS
from tests.ordeal import states
from tests.sites import CONFIG, NOW, build, content, current, failed_audits, post, rows, write
from warehouse import contracts, database, lake, publish
from warehouse.connection import connect
from warehouse.lock import lock
from warehouse.manifest import MANIFEST, WarehouseError, read_manifest
from warehouse.publish import DATABASE

SITE: dict[str, str | bytes] = {
    "_config.yml": CONFIG,
    "_posts/2022-03-01-a.md": post("a", categories="x", tags="t u", date="2022-03-01 10:00:00 +0800"),
    "_posts/2022-03-02-b.md": post("b", "See [a](https://a.example/).", categories="y"),
    "_posts/2022-04-01-c.md": post("c", categories="x"),
    "_posts/2022-04-02-d.md": post("d"),
    "_posts/2022-06-01-later.md": post("later"),
    "_posts/2022-04-03-bad.md": b"---\ntitle: \xff\n---\n",
    "_posts/notes.txt": "no post",
    "_drafts/idea.md": post("idea"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the site and its warehouse after one build, and copies of both to begin each test with."""
    root = tmp_path_factory.mktemp("build")
    build(write(root / "site", SITE), root / "warehouse")
    for name in ("site", "warehouse"):
        shutil.copytree(root / name, root / "copies" / name, symlinks=True)
    return root


def restored(made: Path) -> Path:
    """The site as it was, with its warehouse beside it: a warehouse is at home where it was made."""
    for path in made.iterdir():
        if path.name != "copies":
            shutil.rmtree(path)
    for copy in (made / "copies").iterdir():
        shutil.copytree(copy, made / copy.name, symlinks=True)
    return made / "site"


@pytest.fixture
def site(made: Path) -> Path:
    return restored(made)


@pytest.fixture
def warehouse(site: Path) -> Path:
    """The site, built once."""
    return site.with_name("warehouse")


def assert_equals_scratch(site: Path, warehouse: Path) -> None:
    """The tables are those of a build from scratch, and nothing keeps them from being published."""
    states.assert_same(content(warehouse), states.scratch(site, warehouse.with_name("scratch")))
    assert failed_audits(current(warehouse)) == []


_watched: list[tuple[str, list[str]]] = []


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open":
        path = os.fsdecode(arguments[0]) if isinstance(arguments[0], (str, bytes)) else ""
        for folder, opened in _watched:
            if path.startswith(folder):
                opened.append(path)


sys.addaudithook(_watch)  # for good: Python cannot take one off


@contextmanager
def opened_below(folder: Path) -> Iterator[list[str]]:
    """The files below the folder that this process opens meanwhile."""
    _watched.append((str(folder), []))
    try:
        yield _watched[-1][1]
    finally:
        _watched.pop()


def settle(site: Path, warehouse: Path) -> None:
    """Let the site's files be older than what may change unnoticed, and have a build see them so."""
    time.sleep(SETTLED_NS / 1e9 + 0.1)
    build(site, warehouse)


def changes(warehouse: Path) -> list[tuple[str, str]]:
    """What the last build saw, as change and path."""
    last = rows(warehouse, "builds").sort("started_at").get_column("build_id")[-1]
    found = rows(warehouse, "changes").filter(build_id=last).sort("path")
    return [(change, path) for change, path in found.select("change", "path").iter_rows()]


class TestFirst:
    def test_every_file_has_one_outcome(self, warehouse: Path) -> None:
        outcomes = dict(rows(warehouse, "files").select("path", "outcome").iter_rows())
        assert outcomes == {
            "_drafts/idea.md": "draft",
            "_posts/2022-03-01-a.md": "published",
            "_posts/2022-03-02-b.md": "published",
            "_posts/2022-04-01-c.md": "published",
            "_posts/2022-04-02-d.md": "published",
            "_posts/2022-04-03-bad.md": "rejected",
            "_posts/2022-06-01-later.md": "future",
            "_posts/notes.txt": "ignored",
        }

    def test_posts_are_the_four_states(self, warehouse: Path) -> None:
        assert set(rows(warehouse, "posts").get_column("state")) == {"published", "future", "draft"}

    def test_every_file_is_added(self, warehouse: Path) -> None:
        assert changes(warehouse) == [("added", path) for path in rows(warehouse, "files").get_column("path")]

    def test_the_months_are_those_of_the_names(self, warehouse: Path) -> None:
        months = set(rows(warehouse, "files").get_column("month"))
        assert months == {"2022-03", "2022-04", "2022-06", "undated"}

    def test_small_months_share_a_file(self, warehouse: Path) -> None:
        for table in contracts.MONTHLY - {"changes"}:
            parts = {part for part, _ in parts_of(warehouse, table)}
            assert parts <= {"year=2022/data.parquet", "year=undated/data.parquet"}


def truncated(path: Path) -> None:
    path.write_bytes(b"PAR1")


def other_columns(path: Path) -> None:
    pl.DataFrame({"path": ["a"]}).write_parquet(path)


def another_type(path: Path) -> None:
    pl.read_parquet(path).with_columns(pl.col("inode").cast(pl.String)).write_parquet(path)


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def a_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


class TestNothingChanged:
    def test_nothing_is_published(self, site: Path, warehouse: Path) -> None:
        before = current(warehouse)
        assert build(site, warehouse) is None
        assert current(warehouse) == before

    def test_no_post_is_opened(self, site: Path, warehouse: Path) -> None:
        settle(site, warehouse)
        with opened_below(site) as opened:
            build(site, warehouse)
        assert not [path for path in opened if path.endswith((".md", ".txt"))]

    def test_touching_rewrites_nothing(self, site: Path, warehouse: Path) -> None:
        (site / "_posts/2022-03-01-a.md").touch()
        assert build(site, warehouse) is None

    def test_what_a_killed_build_left_is_removed(self, site: Path, warehouse: Path) -> None:
        publish.begin(warehouse, "20220415T000000.000Z-00000000")
        publish.begin(warehouse, "20220415T000000.000Z-00000000.parts")
        (warehouse / ".scan.parquet.new").touch()
        (warehouse / ".current.new").symlink_to("builds/nowhere")
        build(site, warehouse)
        left = [path.name for path in (*warehouse.iterdir(), *(warehouse / "builds").iterdir())]
        assert sorted(left) == sorted(
            [current(warehouse).name, "builds", "current", "lake", "lock", "report", "scan.parquet", "warehouse.duckdb"]
        )

    def test_what_could_not_be_read_is_tried_again_whatever_its_times(self, site: Path, warehouse: Path) -> None:
        settings = options.load(site=site, warehouse=warehouse, now=NOW)
        begun = steps.begin(settings, "run", full=True)
        assert begun is not None
        (site / "_posts/2022-03-01-a.md").rename(site / "aside")
        steps.read(begun)
        due.remember(warehouse, begun.folder, begun.entries, time.time_ns() + SETTLED_NS)
        assert "_posts/2022-03-01-a.md" not in pl.read_parquet(warehouse / "scan.parquet").get_column("path")

    def test_without_the_scan_cache_nothing_is_published_either(self, site: Path, warehouse: Path) -> None:
        (warehouse / "scan.parquet").unlink()
        assert build(site, warehouse) is None

    @pytest.mark.parametrize(
        "harm", [truncated, other_columns, another_type, a_pipe, a_link], ids=lambda one: one.__name__
    )
    def test_a_scan_cache_that_cannot_be_used_costs_time_and_a_line(
        self, harm: Callable[[Path], object], site: Path, warehouse: Path
    ) -> None:
        harm(warehouse / "scan.parquet")
        (line,) = steps.oddities(warehouse)
        assert "scan.parquet" in line
        assert build(site, warehouse) is None
        assert steps.oddities(warehouse) == []

    def test_a_folder_for_the_scan_cache_is_one_error(self, site: Path, warehouse: Path) -> None:
        (warehouse / "scan.parquet").unlink()
        (warehouse / "scan.parquet").mkdir()
        with pytest.raises(WarehouseError, match="is a folder; move it away"):
            build(site, warehouse)

    def test_a_copy_of_the_site_with_new_times_rewrites_nothing(self, site: Path, warehouse: Path) -> None:
        shutil.rmtree(site / "_posts")
        write(site, {name: text for name, text in SITE.items() if name.startswith("_posts/")}, age=5)
        assert build(site, warehouse) is None


def edit(site: Path) -> None:
    write(site, {"_posts/2022-03-01-a.md": post("changed", categories="z")}, age=5)


def add(site: Path) -> None:
    write(site, {"_posts/2022-05-01-new.md": post("new", tags="t")}, age=5)


def remove(site: Path) -> None:
    (site / "_posts/2022-04-02-d.md").unlink()


def empty_a_month(site: Path) -> None:
    (site / "_posts/2022-06-01-later.md").unlink()


def move(site: Path) -> None:
    (site / "_posts/2022-03-02-b.md").rename(site / "_posts/2022-04-09-b.md")


def reject(site: Path) -> None:
    write(site, {"_posts/2022-03-01-a.md": b"---\n\xff\n---\n"}, age=5)


def mend(site: Path) -> None:
    write(site, {"_posts/2022-04-03-bad.md": post("mended")}, age=5)


def into_a_folder(site: Path) -> None:
    (site / "_posts/2022-03-01-a.md").unlink()
    write(site, {"_posts/2022-03-01-a.md/2022-03-01-inside.md": post("inside")}, age=5)


EDITS = [
    pytest.param((edit, [("edited", "_posts/2022-03-01-a.md")], ["2022-03"]), id="edit"),
    pytest.param((add, [("added", "_posts/2022-05-01-new.md")], ["2022-05"]), id="add"),
    pytest.param((remove, [("removed", "_posts/2022-04-02-d.md")], ["2022-04"]), id="remove"),
    pytest.param((empty_a_month, [("removed", "_posts/2022-06-01-later.md")], ["2022-06"]), id="empty-a-month"),
    pytest.param((move, [("moved", "_posts/2022-04-09-b.md")], ["2022-03", "2022-04"]), id="move"),
    pytest.param((reject, [("edited", "_posts/2022-03-01-a.md")], ["2022-03"]), id="reject"),
    pytest.param((mend, [("edited", "_posts/2022-04-03-bad.md")], ["2022-04"]), id="mend"),
    pytest.param(
        (
            into_a_folder,
            [("removed", "_posts/2022-03-01-a.md"), ("added", "_posts/2022-03-01-a.md/2022-03-01-inside.md")],
            ["2022-03"],
        ),
        id="into-a-folder",
    ),
]


Part = tuple[str, int]


@dataclass(frozen=True)
class Edited:
    """A site and its warehouse, built before and after something was done to the site."""

    site: Path
    warehouse: Path
    before: set[Part]
    """The files of `files` before it."""
    recorded: list[tuple[str, str]]
    """What a build should record of it."""
    months: list[str]
    """Those it should rewrite."""


@pytest.fixture(scope="class", params=EDITS)
def edited(request: pytest.FixtureRequest, made: Path) -> Edited:
    do, recorded, months = request.param
    site = restored(made)
    warehouse = site.with_name("warehouse")
    before = parts_of(warehouse, "files")
    do(site)
    build(site, warehouse)
    return Edited(site, warehouse, before, recorded, months)


class TestChange:
    def test_it_is_recorded(self, edited: Edited) -> None:
        assert changes(edited.warehouse) == edited.recorded

    def test_only_its_months_are_rewritten(self, edited: Edited) -> None:
        builds = rows(edited.warehouse, "builds").sort("started_at").get_column("counts")
        assert json.loads(builds[-1])["months_rewritten"] == edited.months
        rewritten = {part for part, _ in parts_of(edited.warehouse, "files") - edited.before}
        assert rewritten == {lake.year_part("2022")}

    def test_the_result_equals_scratch(self, edited: Edited) -> None:
        assert_equals_scratch(edited.site, edited.warehouse)


def parts_of(warehouse: Path, table: str) -> set[Part]:
    """Return the table's parts, each with the inode of its file."""
    found = lake.parts(current(warehouse), table)
    return {(f"{path.parent.name}/{path.name}", path.stat().st_ino) for path in found}


def staged(warehouse: Path, table: str) -> list[tuple[object, ...]]:
    """The rows of a month table as the database has it, by its key."""
    names, key = list(contracts.polars_schema(table)), contracts.TABLES[table].primary_key()
    with connect(current(warehouse) / DATABASE) as connection:
        query = f"SELECT {', '.join(names)} FROM {database.LOADED[table]} ORDER BY {', '.join(key)}"
        return connection.execute(query).fetchall()


def test_only_changed_files_are_read(site: Path, warehouse: Path) -> None:
    settle(site, warehouse)
    edit(site)
    with opened_below(site) as opened:
        build(site, warehouse)
    assert {path for path in opened if path.endswith(".md")} == {str(site / "_posts/2022-03-01-a.md")}


def test_changes_are_kept_for_ever(site: Path, warehouse: Path) -> None:
    edit(site)
    build(site, warehouse)
    add(site)
    build(site, warehouse, full=True)
    kinds = rows(warehouse, "changes").get_column("change").value_counts().sort("change").rows()
    assert kinds == [("added", 9), ("edited", 1)]


def test_many_builds_keep_their_changes_in_one_file(site: Path, warehouse: Path) -> None:
    for number in range(3):
        write(site, {"_posts/2022-03-01-a.md": post(f"version {number}")}, age=5)
        build(site, warehouse)
    assert rows(warehouse, "changes").filter(change="edited").height == 3
    assert len(parts_of(warehouse, "changes")) == 1


@dataclass
class InParts:
    """A month of five posts in parts of two, before and after a change."""

    site: Path
    warehouse: Path
    before: dict[str, set[Part]]
    """The files of each table before it."""
    rewritten: set[str]
    """The parts that it touches."""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(("2022-03-07-new", None, [3]), id="at-the-end"),
        pytest.param(("2022-03-03-a", None, [1]), id="edited"),
        pytest.param(("2022-03-01-new", None, [1, 2, 3]), id="at-the-beginning"),
        pytest.param((None, "2022-03-06-a", []), id="the-last-gone"),
    ],
)
def month(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> InParts:
    """A month of small parts, changed; the parts are whole again when a test runs, since tests of other classes may run
    before the module's fixtures end."""
    new, gone, numbers = request.param
    folder = tmp_path_factory.mktemp("parts")
    posts = {f"_posts/2022-03-0{day}-a.md": post(f"{day}", f"[a](/{day})") for day in range(2, 7)}
    site = write(folder / "site", {"_config.yml": CONFIG, "_posts/2022-04-01-b.md": post("b"), **posts}, age=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lake, "PART_FILES", 2)
        build(site, folder / "warehouse")
        before = {table: parts_of(folder / "warehouse", table) for table in contracts.MONTHLY}
        if new:
            write(site, {f"_posts/{new}.md": post("new", "[n](/n)")}, age=4)
        if gone:
            (site / f"_posts/{gone}.md").unlink()
        build(site, folder / "warehouse")
    rewritten = {lake.month_part("2022-03", number) for number in numbers}
    return InParts(site, folder / "warehouse", before, rewritten)


class TestParts:
    @pytest.mark.parametrize("table", ["files", "posts", "post_bodies", "post_links", "post_sources"])
    def test_only_those_in_which_something_happened_are_rewritten(self, table: str, month: InParts) -> None:
        new = {part for part, _ in parts_of(month.warehouse, table) - month.before[table]}
        # A part that comes out as it was is the file of the build before.
        assert new <= month.rewritten
        assert table != "files" or new == month.rewritten

    def test_the_result_equals_scratch(self, month: InParts) -> None:
        assert_equals_scratch(month.site, month.warehouse)

    @pytest.mark.parametrize("table", ["files", "posts", "post_links", "changes"])
    def test_the_database_has_the_lakes_rows(self, table: str, month: InParts) -> None:
        assert staged(month.warehouse, table) == rows(month.warehouse, table).rows()


class TestAYearOfAnotherSize:
    """With parts of six files; the year has six, or eight."""

    NEW = ("_posts/2022-03-03-new.md", "_posts/2022-07-01-new.md")

    @pytest.mark.parametrize("grows", [True, False], ids=["grows", "shrinks"])
    def test_its_files_are_others_and_the_result_equals_scratch(
        self, grows: bool, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lake, "PART_FILES", 6)
        small = {lake.year_part("2022")}
        large = {lake.month_part(f"2022-{month}", 1) for month in ("03", "04", "06", "07")}
        new = {name: post(name, "See [a](https://a.example/).", tags="t") for name in self.NEW}
        if not grows:
            write(site, new, age=5)
        build(site, tmp_path / "w")
        undated = {part for part in parts_of(tmp_path / "w", "posts") if "undated" in part[0]}
        if grows:
            write(site, new, age=5)
        else:
            for name in self.NEW:
                (site / name).unlink()
        with opened_below(site) as opened:
            build(site, tmp_path / "w")
        for table in ("files", "posts", "post_links", "post_sources"):
            assert {part for part, _ in parts_of(tmp_path / "w", table)} >= (large if grows else small)
            assert not {part for part, _ in parts_of(tmp_path / "w", table)} & (small if grows else large)
        assert {part for part in parts_of(tmp_path / "w", "posts") if "undated" in part[0]} == undated
        assert {path for path in opened if "-new" in path} == {str(site / name) for name in self.NEW if grows}
        assert_equals_scratch(site, tmp_path / "w")


def test_a_warehouse_in_what_a_link_makes_a_posts_folder_is_refused(tmp_path: Path) -> None:
    site = write(tmp_path / "site", {"_config.yml": CONFIG, "content/2022-03-01-a.md": post("a")})
    (site / "_posts").symlink_to("content")
    with pytest.raises(BuildError, match="lies in a posts folder"):
        build(site, site / "content" / "warehouse")


class TestFinish:
    def test_tried_again_it_publishes_nothing_twice(self, site: Path, warehouse: Path) -> None:
        write(site, {"_posts/2022-03-05-new.md": post("new")}, age=5)
        built = build(site, warehouse)
        assert built
        manifest = built.folder / MANIFEST
        before = manifest.read_bytes(), manifest.stat().st_mtime_ns
        with lock(warehouse):
            assert steps.finish(built) == read_manifest(built.folder)
        assert (manifest.read_bytes(), manifest.stat().st_mtime_ns) == before


class TestTime:
    def test_a_future_post_becomes_published_when_its_time_comes(self, site: Path, warehouse: Path) -> None:
        build(site, warehouse, now=NOW + timedelta(days=60))
        assert (
            rows(warehouse, "posts").filter(path="_posts/2022-06-01-later.md").get_column("state").item() == "published"
        )

    def test_only_its_month_is_rewritten(self, site: Path, warehouse: Path) -> None:
        done = build(site, warehouse, now=NOW + timedelta(days=60))
        assert done is not None
        assert done.normalise_months == ["2022-06"]

    def test_going_back_in_time_makes_it_future_again(self, site: Path, warehouse: Path) -> None:
        build(site, warehouse, now=NOW + timedelta(days=60))
        build(site, warehouse)
        assert_equals_scratch(site, warehouse)

    def test_no_file_is_recorded_as_changed(self, site: Path, warehouse: Path) -> None:
        build(site, warehouse, now=NOW + timedelta(days=60))
        assert changes(warehouse) == []

    def test_an_undated_draft_follows_its_times(self, site: Path, warehouse: Path) -> None:
        then = NOW.timestamp() - 86_400
        os.utime(site / "_drafts/idea.md", (then, then))
        build(site, warehouse)
        assert_equals_scratch(site, warehouse)


class TestConfiguration:
    def test_another_time_zone_moves_the_days(self, site: Path, warehouse: Path) -> None:
        write(site, {"_config.yml": "timezone: America/New_York\nurl: https://news.example\n"}, age=5)
        build(site, warehouse)
        assert_equals_scratch(site, warehouse)

    def test_another_option_of_kramdown_brings_its_links(self, site: Path, warehouse: Path) -> None:
        hidden = {"_posts/2022-04-01-c.md": post("c", "<div>[x](https://x.example/)</div>")}
        options = "kramdown: {parse_block_html: true}\n"
        for config, there in ((CONFIG, False), (CONFIG + options, True)):
            build(write(site, {"_config.yml": config, **hidden}, age=5), warehouse)
            assert ("https://x.example/" in rows(warehouse, "post_links")["url"]) is there

    def test_another_folder_of_posts_brings_its_posts(self, site: Path, warehouse: Path) -> None:
        write(
            site, {"old_post/2021-01-01-old.md": post("old"), "backfile.toml": 'posts_folders = ["old_post"]\n'}, age=5
        )
        build(site, warehouse)
        assert rows(warehouse, "posts").filter(path="old_post/2021-01-01-old.md").get_column("archived").to_list() == [
            True
        ]

    def test_a_post_that_moves_there_has_moved(self, site: Path, warehouse: Path) -> None:
        write(site, {"old_post/.keep": "", "backfile.toml": 'posts_folders = ["old_post"]\n'}, age=5)
        build(site, warehouse)
        (site / "_posts/2022-03-01-a.md").rename(site / "old_post/2022-03-01-a.md")
        build(site, warehouse)
        assert changes(warehouse) == [("moved", "old_post/2022-03-01-a.md")]

    def test_other_rules_open_no_file(self, site: Path, warehouse: Path) -> None:
        settle(site, warehouse)
        write(site, {"backfile.toml": "[rules.terms]\nsimplify = false\n"}, age=5)
        with opened_below(site / "_posts") as opened:
            done = build(site, warehouse)
        assert done is not None
        assert opened == []

    def test_other_rules_normalise_every_month(self, site: Path, warehouse: Path) -> None:
        write(site, {"backfile.toml": "[rules.terms]\nsimplify = false\n"}, age=5)
        done = build(site, warehouse)
        assert done is not None
        assert done.normalise_months == ["2022-03", "2022-04", "2022-06", "undated"]

    @pytest.mark.parametrize(
        "rule",
        [
            pytest.param("[rules.terms]\nsimplify = false\n", id="terms"),
            pytest.param('[[rules.publishers]]\nname = "b"\ncontains = "See"\ntext = "See (a)"\n', id="publishers"),
            pytest.param('[[rules.entities]]\nname = "a"\nkind = "thing"\nurl = "//(a)[.]example"\n', id="entities"),
            pytest.param("[rules.duplicates]\nnear = 0.8\n", id="near-duplicates"),
            pytest.param('[[rules.same]]\nkind = "category"\nterms = ["x", "y"]\n', id="same"),
        ],
    )
    def test_other_rules_decide_all_tables(self, rule: str, site: Path, warehouse: Path) -> None:
        write(site, {"backfile.toml": rule}, age=5)
        build(site, warehouse)
        assert_equals_scratch(site, warehouse)

    def test_what_other_rules_leave_as_it_was_is_the_file_of_before(self, site: Path, warehouse: Path) -> None:
        before = parts_of(warehouse, "post_sources")
        rule = '[[rules.publishers]]\nname = "b"\ncontains = "See"\ntext = "See (a)"\n'
        write(site, {"backfile.toml": rule}, age=5)
        build(site, warehouse)
        after = parts_of(warehouse, "post_sources")
        assert {part for part, _ in after - before} == {lake.year_part("2022")}

    def test_rules_named_by_a_setting_stand_instead_of_the_sites(self, site: Path, warehouse: Path) -> None:
        write(
            site, {"backfile.toml": '[[rules.same]]\nkind = "category"\nterms = ["x", "y"]\n', "other.toml": ""}, age=5
        )
        build(site, warehouse)
        assert rows(warehouse, "categories").get_column("id").to_list() == ["x"]
        build(site, warehouse, rules=site / "other.toml")
        assert rows(warehouse, "categories").get_column("id").to_list() == ["x", "y"]


class TestNearDuplicates:
    LINES = ", ".join(f"clause {number} of the text" for number in range(40))
    RULES = "[rules.duplicates]\nnear = 0.8\n"

    @pytest.fixture
    def site(self, site: Path) -> Path:
        alike = {
            "_posts/2021-03-03-one.md": post("one", self.LINES),
            "_posts/2022-04-03-two.md": post("two", self.LINES + ", and one more"),
        }
        return write(site, {**alike, "backfile.toml": self.RULES}, age=5)

    @pytest.fixture
    def warehouse(self, site: Path) -> Path:
        shutil.rmtree(site.with_name("warehouse"))
        build(site, site.with_name("warehouse"))
        return site.with_name("warehouse")

    def test_are_found_across_months(self, site: Path, warehouse: Path) -> None:
        assert set(rows(warehouse, "duplicates").get_column("reason")) == {"near"}

    def test_an_edit_signs_its_year_alone(self, site: Path, warehouse: Path) -> None:
        before = lake.part(current(warehouse), "near_signatures", lake.year_part("2021")).stat().st_ino
        write(site, {"_posts/2022-04-03-two.md": post("two", "Other words, and few.")}, age=4)
        build(site, warehouse)
        assert lake.part(current(warehouse), "near_signatures", lake.year_part("2021")).stat().st_ino == before
        assert rows(warehouse, "duplicates").is_empty()
        assert_equals_scratch(site, warehouse)

    def test_switched_off_leave_no_signature(self, site: Path, warehouse: Path) -> None:
        write(site, {"backfile.toml": ""}, age=4)
        build(site, warehouse)
        assert lake.parts(current(warehouse), "near_signatures") == []
        assert_equals_scratch(site, warehouse)

    def test_switched_on_later_sign_every_month(self, site: Path, warehouse: Path) -> None:
        write(site, {"backfile.toml": ""}, age=4)
        build(site, warehouse)
        write(site, {"backfile.toml": self.RULES}, age=3)
        build(site, warehouse)
        assert set(rows(warehouse, "duplicates").get_column("reason")) == {"near"}
        assert_equals_scratch(site, warehouse)


class TestForced:
    def test_a_chosen_month_is_read_anew(self, site: Path, warehouse: Path) -> None:
        done = build(site, warehouse, months=["2022-03"])
        assert done is not None
        assert done.entries.filter("fresh").get_column("month").unique().to_list() == ["2022-03"]

    def test_a_month_that_the_archive_lacks_is_an_error(self, site: Path, warehouse: Path) -> None:
        with pytest.raises(BuildError, match="no files of 1999-01"):
            build(site, warehouse, months=["1999-01"])

    def test_a_full_build_equals_the_one_before(self, site: Path, warehouse: Path) -> None:
        before = content(warehouse)
        build(site, warehouse, full=True)
        for table, frame in content(warehouse).items():
            assert_frame_equal(frame, before[table])


def test_an_ignored_file_that_changed_before_a_rollback(site: Path, warehouse: Path) -> None:
    """No hash tells that the row which the rollback brought back is not of the file as the last scan saw it."""
    write(site, {"_posts/picture.png": "old"})
    build(site, warehouse)
    first = current(warehouse)
    write(site, {"_posts/picture.png": "new and longer"})
    settle(site, warehouse)
    publish.go_back(warehouse, first)
    build(site, warehouse)
    assert_equals_scratch(site, warehouse)


def test_another_sites_warehouse_is_refused(site: Path, warehouse: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", {"_posts/2022-01-01-a.md": post("a")})
    with pytest.raises(WarehouseError, match="is the warehouse of"):
        build(other, warehouse)


def test_every_table_is_in_the_lake(warehouse: Path) -> None:
    without_rows = {"near_signatures"}  # unless the rules look for near duplicates
    assert {path.name for path in (current(warehouse) / "lake").iterdir()} == contracts.TABLES.keys() - without_rows
