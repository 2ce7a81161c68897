"""Build folders: whole or not at all, readers never blocked, nobody else's warehouse."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from warehouse import contracts, publish
from warehouse.manifest import MANIFEST, PENDING, Manifest, WarehouseError, inventory, read_manifest

SITE = Path("/a/site")


def manifest(name: str, warehouse: Path, **more: object) -> Manifest:
    fields = {
        "build_id": name,
        "site": str(SITE),
        "warehouse": str(warehouse),
        "started_at": "2022-04-15T00:00:00+00:00",
        "now": "2022-04-15T00:00:00+00:00",
        "versions": {"contract": str(contracts.CONTRACT_VERSION)},
    }
    return Manifest(**(fields | more))  # type: ignore[arg-type]  # one dict for fields of several types


def named(digit: str) -> str:
    """The name of a build; sorts by its digit."""
    return f"20220415T00000{digit}.000Z-0000000{digit}"


def build(warehouse: Path, digit: str, text: str = "x") -> Path:
    """Begin and publish a build of one file."""
    name = named(digit)
    folder = publish.begin(warehouse, name)
    (folder / publish.DATABASE).write_text(text)
    publish.publish(warehouse, folder, manifest(name, warehouse, files=inventory(folder, None)))
    return folder


def test_nothing_is_published_before_the_first_build(tmp_path: Path) -> None:
    assert publish.published(tmp_path) is None


def test_people_open_the_published_build(tmp_path: Path) -> None:
    build(tmp_path, "1", "first")
    build(tmp_path, "2", "second")
    assert (tmp_path / publish.DATABASE).read_text() == "second"


def test_an_unfinished_build_is_not_seen(tmp_path: Path) -> None:
    build(tmp_path, "1")
    publish.begin(tmp_path, named("2"))
    assert publish.current(tmp_path) == tmp_path / "builds" / named("1")


def test_published_files_are_read_only(tmp_path: Path) -> None:
    folder = build(tmp_path, "1")
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o444}


@pytest.mark.parametrize("carry", [os.link, shutil.copy2], ids=["linked", "copied"])
def test_every_file_that_is_not_shared_with_the_last_build_reaches_the_disk(
    carry: Callable[[Path, Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy, where the file system knows no links, is as read-only as what was carried by a link."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    old, new = build(tmp_path, "1"), publish.begin(tmp_path, named("2"))
    carry(old / publish.DATABASE, new / publish.DATABASE)
    synced.clear()
    publish.publish(tmp_path, new, manifest(named("2"), tmp_path, files=inventory(new, None)))
    assert ((new / publish.DATABASE).stat().st_ino in synced) == (carry is shutil.copy2)


def test_a_reader_of_the_old_build_keeps_it(tmp_path: Path) -> None:
    build(tmp_path, "1", "first")
    with (tmp_path / publish.DATABASE).open() as reader:
        build(tmp_path, "2", "second")
        assert reader.read() == "first"


def test_what_a_try_to_publish_has_left_is_in_nobodys_way(tmp_path: Path) -> None:
    folder = publish.begin(tmp_path, named("1"))
    half = tmp_path / "half"
    half.write_text("half")
    half.chmod(0o444)
    os.link(half, folder / PENDING)  # shows whether it is written through, to who may write anything
    publish.publish(tmp_path, folder, manifest(named("1"), tmp_path, files=inventory(folder, None)))
    assert read_manifest(folder).files == {}
    assert half.read_text() == "half"


class TestClean:
    def test_the_last_three_are_kept(self, tmp_path: Path) -> None:
        for name in "12345":
            build(tmp_path, name)
        long_after = datetime.now(UTC).timestamp() + 7200
        assert publish.clean(tmp_path, long_after) == [named("1"), named("2")]

    def test_those_superseded_within_the_hour_are_kept(self, tmp_path: Path) -> None:
        for name in "12345":
            build(tmp_path, name)
        assert publish.clean(tmp_path) == []

    def test_one_that_was_gone_back_to_is_kept_for_an_hour_after_that(self, tmp_path: Path) -> None:
        hours_ago = datetime.now(UTC).timestamp() - 7200
        for folder in [build(tmp_path, name) for name in "123"]:
            os.utime(folder, (hours_ago, hours_ago))
        publish.go_back(tmp_path, publish.build_folder(tmp_path, named("1")))
        for name in "456":
            build(tmp_path, name)
        assert publish.clean(tmp_path) == [named("2")]

    def test_unfinished_ones_go(self, tmp_path: Path) -> None:
        build(tmp_path, "1")
        publish.begin(tmp_path, named("2"))
        assert publish.clean(tmp_path) == [named("2")]

    def test_the_current_one_stays_however_old(self, tmp_path: Path) -> None:
        for name in "12345":
            build(tmp_path, name)
        (tmp_path / "current").unlink()
        (tmp_path / "current").symlink_to(f"builds/{named('1')}")
        assert named("1") not in publish.clean(tmp_path, datetime.now(UTC).timestamp() + 7200)


class TestForeign:
    """What is below `builds` and is not a build is left alone, whatever it holds, and named."""

    @pytest.fixture
    def outside(self, tmp_path: Path) -> Path:
        folder = tmp_path / "outside"
        build(folder, "9")
        return folder / publish.BUILDS / named("9")

    def test_a_link_and_a_folder_stay(self, outside: Path, tmp_path: Path) -> None:
        warehouse = tmp_path / "warehouse"
        for digit in "12345":
            build(warehouse, digit)
        builds = warehouse / publish.BUILDS
        (builds / named("0")).symlink_to(outside)
        (builds / "mended").symlink_to(outside)
        (builds / "notes").mkdir()
        (builds / "notes" / MANIFEST).write_text("{}")
        (builds / "99991231T235959.999Z-zzzzzzzz").mkdir()
        removed = publish.clean(warehouse, datetime.now(UTC).timestamp() + 7200)
        assert removed == [named("1"), named("2")]
        assert publish.foreign(warehouse) == sorted([named("0"), "mended", "notes", "99991231T235959.999Z-zzzzzzzz"])
        assert (outside / MANIFEST).exists()
        assert [folder.name for folder in publish.kept(warehouse)] == [named("3"), named("4"), named("5")]

    def test_a_link_is_not_the_published_build(self, outside: Path, tmp_path: Path) -> None:
        build(tmp_path, "1")
        (tmp_path / publish.BUILDS / named("9")).symlink_to(outside)
        (tmp_path / "current").unlink()
        (tmp_path / "current").symlink_to(f"builds/{named('9')}")
        assert publish.current(tmp_path) is None

    def test_a_folder_from_the_end_of_time_stops_no_clock(self, tmp_path: Path) -> None:
        (tmp_path / publish.BUILDS / "99991231T235959.999Z-00000000").mkdir(parents=True)
        now = datetime(2026, 11, 22, tzinfo=UTC)
        assert publish.start_time(tmp_path, now) == now


class TestCheck:
    def test_a_new_folder_will_do(self, tmp_path: Path) -> None:
        publish.check(tmp_path / "deep" / "new", SITE)

    def test_another_sites_warehouse_will_not(self, tmp_path: Path) -> None:
        build(tmp_path, "1")
        with pytest.raises(WarehouseError, match="is the warehouse of /a/site, not of /another"):
            publish.check(tmp_path, Path("/another"))

    def test_a_newer_programs_warehouse_will_not(self, tmp_path: Path) -> None:
        folder = publish.begin(tmp_path, named("1"))
        newer = {"contract": str(contracts.CONTRACT_VERSION + 1)}
        publish.publish(tmp_path, folder, manifest(named("1"), tmp_path, versions=newer))
        with pytest.raises(WarehouseError, match="newer Backfile"):
            publish.check(tmp_path, SITE)

    def test_a_folder_of_other_things_will_not(self, tmp_path: Path) -> None:
        (tmp_path / "thesis.txt").touch()
        with pytest.raises(WarehouseError, match=r"holds other things \(thesis.txt"):
            publish.check(tmp_path, SITE)

    def test_a_file_will_not(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(WarehouseError, match="is no folder"):
            publish.check(tmp_path / "file", SITE)

    def test_a_folder_in_the_links_place_will_not(self, tmp_path: Path) -> None:
        build(tmp_path, "1")
        (tmp_path / "current").unlink()
        (tmp_path / "current").mkdir()
        with pytest.raises(WarehouseError, match="current is a folder, not a link"):
            publish.check(tmp_path, SITE)


class TestStartTime:
    CLOCK = datetime(2022, 4, 15, 8, 30, 0, 123456, tzinfo=UTC)

    def test_the_first_build_goes_by_the_clock(self, tmp_path: Path) -> None:
        assert publish.start_time(tmp_path, self.CLOCK) == self.CLOCK.replace(microsecond=123000)

    def test_a_clock_turned_back_does_not_change_the_order(self, tmp_path: Path) -> None:
        first = publish.build_id(publish.start_time(tmp_path, self.CLOCK))
        publish.begin(tmp_path, first)
        second = publish.build_id(publish.start_time(tmp_path, self.CLOCK - timedelta(days=1)))
        assert first < second


class TestSettle:
    """A process that dies right after the rename leaves a published build, and the next one completes it."""

    @pytest.fixture
    def warehouse(self, tmp_path: Path) -> Path:
        folder = build(tmp_path, "1")
        (folder / MANIFEST).rename(folder / PENDING)
        (tmp_path / "report").unlink()
        return tmp_path

    def test_the_build_is_published_all_the_same(self, warehouse: Path) -> None:
        published = publish.published(warehouse)
        assert published and published[1].build_id == named("1")

    def test_the_links_that_people_open_are_made(self, warehouse: Path) -> None:
        publish.settle(warehouse)
        assert (warehouse / "report").is_symlink()

    def test_it_is_one_of_the_kept_builds(self, warehouse: Path) -> None:
        publish.settle(warehouse)
        assert [folder.name for folder in publish.kept(warehouse)] == [named("1")]

    def test_one_that_died_before_the_rename_goes(self, tmp_path: Path) -> None:
        build(tmp_path, "1")
        folder = build(tmp_path, "2")
        (folder / MANIFEST).rename(folder / PENDING)
        publish._relink(tmp_path / "current", "builds/1")
        publish.settle(tmp_path)
        assert publish.clean(tmp_path) == [named("2")]


class TestGoBack:
    def test_people_open_the_earlier_build(self, tmp_path: Path) -> None:
        first = build(tmp_path, "1", "first")
        build(tmp_path, "2", "second")
        publish.go_back(tmp_path, first)
        assert (tmp_path / publish.DATABASE).read_text() == "first"

    def test_a_damaged_one_will_not_do(self, tmp_path: Path) -> None:
        first = build(tmp_path, "1", "first")
        (first / publish.DATABASE).unlink()
        build(tmp_path, "2", "second")
        with pytest.raises(WarehouseError, match=r"1 is damaged \(warehouse.duckdb: missing\)"):
            publish.go_back(tmp_path, first)

    def test_the_later_build_stays_for_its_readers(self, tmp_path: Path) -> None:
        first = build(tmp_path, "1", "first")
        second = build(tmp_path, "2", "second")
        publish.go_back(tmp_path, first)
        publish.clean(tmp_path)
        assert second.is_dir()
