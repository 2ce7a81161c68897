"""Damage to what is published: the next build notices it, names it, mends it, and equals a build from scratch."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests import sites
from warehouse import contracts, lake, publish, repairs
from warehouse.connection import connect
from warehouse.manifest import MANIFEST, WarehouseError, damaged_by_content, inventory

FILES = {
    "_config.yml": sites.CONFIG,
    **{
        f"_posts/2022-0{month}-1{day}-post.md": sites.post(f"Post {month} {day}", tags="a b", categories="news")
        for month in (3, 4)
        for day in range(3)
    },
}
YEAR = "year=2022"


Archive = tuple[Path, Path, dict[str, pl.DataFrame]]
"""A site, its warehouse, and what a build from scratch makes of it."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path, dict[str, pl.DataFrame]]:
    """A site, its warehouse after two builds, a copy of it to begin each test with, and a build from scratch."""
    root = tmp_path_factory.mktemp("repairs")
    site = sites.write(root / "site", FILES)
    sites.build(site, root / "warehouse", reported=True)
    sites.write(site, {"_posts/2022-04-10-post.md": sites.post("Edited", tags="b c")})
    sites.build(site, root / "warehouse", reported=True)
    shutil.copytree(root / "warehouse", root / "copy", symlinks=True)
    sites.build(site, root / "scratch")
    return site, root / "warehouse", root / "copy", sites.content(root / "scratch")


@pytest.fixture
def archive(made: tuple[Path, Path, Path, dict[str, pl.DataFrame]]) -> Archive:
    site, warehouse, copy, scratch = made
    shutil.rmtree(warehouse)
    shutil.copytree(copy, warehouse, symlinks=True)
    return site, warehouse, scratch


def truncate(path: Path) -> None:
    path.chmod(0o644)
    os.truncate(path, path.stat().st_size // 2)


def replace_in_silence(path: Path) -> None:
    """Other bytes, same size and mtime."""
    stat = path.stat()
    path.chmod(0o644)
    path.write_bytes(b"x" * stat.st_size)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def remove(path: Path) -> None:
    path.unlink()


FILES_OF_A_BUILD = [
    f"lake/files/{YEAR}/data.parquet",
    f"lake/posts/{YEAR}/data.parquet",
    f"lake/post_bodies/{YEAR}/data.parquet",
    f"lake/post_tags/{YEAR}/data.parquet",
    f"lake/post_links/{YEAR}/data.parquet",
    "lake/tags/data.parquet",
    "lake/builds/data.parquet",
    "lake/changes",
    "warehouse.duckdb",
    "report/index.html",
]


TOLD_OF_WHAT_WAS = [name for name in FILES_OF_A_BUILD if set(name.split("/")) & set(repairs.REMEMBERED)]


def alone(warehouse: Path) -> None:
    """Leave the published build alone: nothing to take a sound copy from."""
    for folder in publish.kept(warehouse):
        if folder != publish.current(warehouse):
            shutil.rmtree(folder)


def harm_file(warehouse: Path, name: str, harm: Callable[[Path], None]) -> str:
    """Harm the file of the published build, or the last one below the folder; its name."""
    build = sites.current(warehouse)
    path = build / name
    if path.is_dir():
        path = max(path.rglob("*.parquet"))
    harm(path)
    return path.relative_to(build).as_posix()


def history(warehouse: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    return sites.rows(warehouse, "changes"), sites.rows(warehouse, "builds")


def assert_whole(warehouse: Path, expected: dict[str, pl.DataFrame]) -> None:
    for table, rows in sites.content(warehouse).items():
        assert_frame_equal(rows, expected[table])
    folder, manifest = publish.published(warehouse) or pytest.fail("nothing is published")
    assert damaged_by_content(folder, manifest) == {}


@pytest.mark.parametrize(
    ("name", "harm", "companions"),
    [
        *(pytest.param(name, remove, False, id=f"{name} missing") for name in FILES_OF_A_BUILD),
        *(pytest.param(name, truncate, False, id=f"{name} truncated") for name in TOLD_OF_WHAT_WAS),
        *(pytest.param(name, remove, True, id=f"{name} missing, other builds kept") for name in TOLD_OF_WHAT_WAS),
    ],
)
def test_a_damaged_file_is_mended(name: str, companions: bool, harm: Callable[[Path], None], archive: Archive) -> None:
    site, warehouse, scratch = archive
    changes, builds = history(warehouse)
    if not companions:
        alone(warehouse)
    named = harm_file(warehouse, name, harm)
    begun = sites.build(site, warehouse)
    assert begun and [notice for notice in begun.notices if notice.startswith(f"{named} was ")]
    assert_whole(warehouse, scratch)
    assert_frame_equal(sites.rows(warehouse, "changes"), changes)
    assert_frame_equal(sites.rows(warehouse, "builds").head(2), builds)


@pytest.mark.parametrize("table", ["files", "posts", "post_tags"])
@pytest.mark.parametrize("gone", [[], ["_posts/2022-04-11-post.md"]], ids=["same-year", "year-that-shrank"])
def test_a_damaged_month_of_a_large_year_is_mended(
    table: str, gone: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake, "PART_FILES", 5)
    site = sites.write(tmp_path / "site", FILES)
    sites.build(site, tmp_path / "warehouse")
    for name in gone:
        (site / name).unlink()
    named = harm_file(tmp_path / "warehouse", f"lake/{table}/{YEAR}/04-0001.parquet", remove)
    begun = sites.build(site, tmp_path / "warehouse")
    assert begun and begun.notices[0].startswith(f"{named} was missing: ")
    sites.build(site, tmp_path / "scratch")
    assert_whole(tmp_path / "warehouse", sites.content(tmp_path / "scratch"))
    assert sites.rows(tmp_path / "warehouse", "changes").height == len(FILES) - 1 + len(gone)


@pytest.mark.parametrize("name", ["lake/posts/x.parquet", "lake/posts/a/b/c.parquet", "lake/files/data.parquet"])
def test_a_part_that_no_build_writes_is_named(name: str, archive: Archive) -> None:
    site, warehouse, scratch = archive
    path = sites.current(warehouse) / MANIFEST
    fields = json.loads(path.read_text("utf-8"))
    fields["files"][name] = [1, 1, "0"]
    path.chmod(0o644)
    path.write_text(json.dumps(fields), "utf-8")
    begun = sites.build(site, warehouse)
    assert begun and begun.notices[0].startswith(f"{name} was missing: ")
    assert_whole(warehouse, scratch)


def test_a_sound_warehouse_is_left_alone(archive: Archive) -> None:
    assert sites.build(*archive[:2]) is None


def test_damage_behind_the_same_size_and_time_is_mended_once_verified(archive: Archive) -> None:
    site, warehouse, scratch = archive
    harm_file(warehouse, f"lake/posts/{YEAR}/data.parquet", replace_in_silence)
    build, manifest = publish.published(warehouse) or pytest.fail("nothing is published")
    repairs.remember(warehouse, build, damaged_by_content(build, manifest))
    assert sites.build(site, warehouse)
    assert_whole(warehouse, scratch)
    assert sites.build(site, warehouse) is None


@pytest.mark.parametrize(
    "name",
    [
        f"lake/files/{YEAR}/data.parquet",
        f"lake/post_tags/{YEAR}/data.parquet",
        f"lake/post_bodies/{YEAR}/data.parquet",
        "lake/builds",
        "warehouse.duckdb",
    ],
)
def test_damage_behind_the_same_size_and_time_is_told_where_it_is_met(name: str, archive: Archive) -> None:
    site, warehouse, scratch = archive
    named = harm_file(warehouse, name, replace_in_silence)
    with (
        pytest.raises(WarehouseError, match=f"damaged since it was published: {named}; build again"),
        repairs.damage_told(warehouse),
    ):
        sites.build(site, warehouse, months=["2022-03"])
    begun = sites.build(site, warehouse)
    assert begun and [notice for notice in begun.notices if notice.startswith(f"{named} was ")]
    assert_whole(warehouse, scratch)


def remembered(warehouse: Path) -> None:
    """Damage that `verify` found."""
    harm_file(warehouse, f"lake/posts/{YEAR}/data.parquet", replace_in_silence)
    build, manifest = publish.published(warehouse) or pytest.fail("nothing is published")
    repairs.remember(warehouse, build, damaged_by_content(build, manifest))


def missing(warehouse: Path) -> None:
    harm_file(warehouse, "report/index.html", remove)


@pytest.mark.parametrize("harm", [lambda _: None, remembered, missing], ids=["none", "remembered", "missing"])
def test_what_the_build_began_with_explains_no_error(harm: Callable[[Path], None], archive: Archive) -> None:
    """The build mends it as it begins: to tell it would hide the error."""
    harm(archive[1])
    with pytest.raises(duckdb.Error, match="of another kind"), repairs.damage_told(archive[1]):
        raise duckdb.OutOfMemoryException("of another kind")


@pytest.mark.parametrize(
    "name",
    ["stray.txt", "warehouse.duckdb.wal", f"lake/posts/{YEAR}/04-0007.parquet", "lake/posts/year=1999/data.parquet"],
)
def test_a_stray_file_is_left_out(name: str, archive: Archive) -> None:
    site, warehouse, scratch = archive
    build = sites.current(warehouse)
    (build / name).parent.mkdir(exist_ok=True)
    shutil.copyfile(lake.parts(build, "posts")[0], build / name)
    begun = sites.build(site, warehouse)
    assert begun and begun.notices == [f"{name} was not of the build: left out"]
    assert_whole(warehouse, scratch)


def lead_nowhere(warehouse: Path) -> None:
    (warehouse / "current").unlink()
    (warehouse / "current").symlink_to("builds/gone")


def a_file_for_the_link(warehouse: Path) -> None:
    (warehouse / "current").unlink()
    (warehouse / "current").write_text("builds/gone")


def remove_link(warehouse: Path) -> None:
    (warehouse / "current").unlink()


def remove_build(warehouse: Path) -> None:
    shutil.rmtree(sites.current(warehouse))


def half_remove_build(warehouse: Path) -> None:
    build = sites.current(warehouse)
    (build / MANIFEST).unlink()
    shutil.rmtree(build / "lake" / "posts")
    (build / "warehouse.duckdb").unlink()


def break_manifest(warehouse: Path) -> None:
    truncate(sites.current(warehouse) / MANIFEST)


def break_manifest_types(warehouse: Path) -> None:
    path = sites.current(warehouse) / MANIFEST
    path.chmod(0o644)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"months": [1]}))


def nest_manifest(warehouse: Path) -> None:
    path = sites.current(warehouse) / MANIFEST
    path.chmod(0o644)
    path.write_text("[" * 100_000)


def break_manifest_and_history(warehouse: Path) -> None:
    break_manifest(warehouse)
    harm_file(warehouse, "lake/changes", truncate)
    harm_file(warehouse, "lake/builds", truncate)


BROKEN = [
    lead_nowhere,
    a_file_for_the_link,
    remove_link,
    remove_build,
    half_remove_build,
    break_manifest,
    break_manifest_types,
    nest_manifest,
    break_manifest_and_history,
]


@pytest.mark.parametrize("harm", BROKEN, ids=lambda harm: harm.__name__)
def test_a_broken_warehouse_is_mended(harm: Callable[[Path], None], archive: Archive) -> None:
    site, warehouse, scratch = archive
    first = sites.rows(warehouse, "builds").head(1)
    harm(warehouse)
    begun = sites.build(site, warehouse)
    assert begun and begun.notices
    assert_whole(warehouse, scratch)
    assert_frame_equal(sites.rows(warehouse, "builds").head(1), first)
    assert sites.rows(warehouse, "changes").filter(pl.col("build_id") == begun.build_id).height <= 1


class TestOlderContract:
    """A warehouse of an older contract: its history is read by the columns' names, all else is made anew."""

    @pytest.fixture
    def older(self, archive: Archive) -> Archive:
        """Write the older layout: `changes` without moves and with its old column, a folder per month."""
        site, warehouse, scratch = archive
        build = sites.current(warehouse)
        for path in [path for table in contracts.MONTHLY for path in lake.parts(build, table)]:
            rows = pl.read_parquet(path, hive_partitioning=False)
            if rows.schema == contracts.polars_schema("changes"):
                rows = rows.drop("old_path").with_columns(gone=pl.lit(1))
            shutil.rmtree(path.parent)
            for (month,), some in rows.partition_by("month", as_dict=True, include_key=False).items():
                folder = path.parent.with_name(f"month={month}")
                folder.mkdir()
                some.write_parquet(folder / "0000.parquet")
        fields = json.loads((build / MANIFEST).read_text("utf-8"))
        fields["versions"]["contract"] = str(contracts.CONTRACT_VERSION - 1)
        fields["files"] = inventory(build, None)
        (build / MANIFEST).unlink()
        (build / MANIFEST).write_text(json.dumps(fields), "utf-8")
        return site, warehouse, scratch

    def test_it_is_said_in_one_line(self, older: Archive) -> None:
        begun = sites.build(*older[:2])
        assert begun and begun.notices == [
            "the tables' contract is another than the last build's: every file is read anew"
        ]

    def test_it_is_made_anew(self, older: Archive) -> None:
        sites.build(*older[:2])
        assert_whole(*older[1:])

    def test_its_history_stays(self, older: Archive) -> None:
        found = lake.folder(sites.current(older[1]), "changes").rglob("*.parquet")
        before = sum(pl.read_parquet(path).height for path in found)
        sites.build(*older[:2])
        assert sites.rows(older[1], "changes").height == before


def test_the_database_gives_back_what_a_year_of_files_was(archive: Archive) -> None:
    site, warehouse, _scratch = archive
    alone(warehouse)
    harm_file(warehouse, f"lake/files/{YEAR}/data.parquet", remove)
    sites.build(site, warehouse)
    with connect(sites.current(warehouse) / publish.DATABASE) as connection:
        latest = "SELECT count(*) FROM changes WHERE build_id = (SELECT max(build_id) FROM builds)"
        assert connection.execute(latest).fetchone() == (0,)


def test_a_backup_of_the_history_is_enough(archive: Archive, tmp_path: Path) -> None:
    """What docs/operate.md says to keep, unpacked into an empty warehouse."""
    site, warehouse, scratch = archive
    changes, builds = history(warehouse)
    build = sites.current(warehouse)
    restored = tmp_path / "restored"
    for name in ("lake/changes", "lake/builds", "lake/files"):
        shutil.copytree(build / name, restored / "builds" / build.name / name)
    shutil.copyfile(build / MANIFEST, restored / "builds" / build.name / MANIFEST)
    sites.build(site, restored)
    assert_whole(restored, scratch)
    assert_frame_equal(sites.rows(restored, "changes"), changes)
    assert_frame_equal(sites.rows(restored, "builds").head(2), builds)


def test_a_moved_warehouse_is_made_anew_where_it_lies(archive: Archive, tmp_path: Path) -> None:
    site, warehouse, _ = archive
    shutil.copytree(warehouse, tmp_path / "moved", symlinks=True)
    assert sites.build(site, tmp_path / "moved") is not None
