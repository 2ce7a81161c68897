"""`backfile verify` and `backfile rollback`, on a warehouse of two builds."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines import cli, messages
from tests import sites
from tests.webhook import Webhook
from warehouse import publish
from warehouse.manifest import MANIFEST

FILES = {"_config.yml": sites.CONFIG, "_posts/2022-03-01-a.md": sites.post("a")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A site, the warehouse of its two builds, and a copy to begin each test with."""
    root = tmp_path_factory.mktemp("verify")
    site = sites.write(root / "site", FILES)
    sites.build(site, root / "warehouse")
    sites.write(site, {"_posts/2022-03-01-a.md": sites.post("b")})
    sites.build(site, root / "warehouse")
    shutil.copytree(root / "warehouse", root / "copy", symlinks=True)
    return site, root / "warehouse", root / "copy"


@pytest.fixture
def warehouse(made: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    _, warehouse, copy = made
    for name in ("BACKFILE_SITE", "BACKFILE_WAREHOUSE"):  # the command sets them for its process
        monkeypatch.setenv(name, str(warehouse))
    shutil.rmtree(warehouse)
    shutil.copytree(copy, warehouse, symlinks=True)
    return warehouse


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments], catch_exceptions=False)


def test_the_webhook_is_told_of_damage(warehouse: Path, webhook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKFILE_WEBHOOK", webhook.url)
    harm(warehouse)
    assert run("verify", "--warehouse", warehouse).exit_code == 1
    (text,) = webhook.texts
    assert "needs a look" in text
    assert "warehouse.duckdb: changed" in text


def test_a_webhook_that_is_down_is_left_to_the_service(
    warehouse: Path, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKFILE_WEBHOOK", webhook.url)
    webhook.status = 500
    (sites.current(warehouse) / MANIFEST).chmod(0o644)
    (sites.current(warehouse) / MANIFEST).write_text("[")
    assert run("verify", "--warehouse", warehouse).exit_code == 2
    (kept,) = messages.waiting(warehouse)
    assert "could not be verified" in kept.text


def harm(warehouse: Path) -> str:
    """Other bytes behind the same size and time."""
    path = sites.current(warehouse) / "warehouse.duckdb"
    stat = path.stat()
    path.chmod(0o644)
    path.write_bytes(b"\0" * stat.st_size)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    return path.name


@contextmanager
def another_holds(lock: Path) -> Iterator[None]:
    """Another process has the lock."""
    held = "import fcntl, sys; file = open(sys.argv[1], 'a'); fcntl.flock(file, fcntl.LOCK_EX); "
    held += "print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", held, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        process.stdout.readline()
        yield
        process.communicate("\n")


def titles(warehouse: Path) -> list[str]:
    return sites.rows(warehouse, "posts").get_column("title").to_list()


class TestVerify:
    def test_a_sound_warehouse(self, warehouse: Path) -> None:
        result = run("verify", "--warehouse", warehouse)
        assert (result.exit_code, "as they were published, and the audits pass" in result.stdout) == (0, True)

    def test_damage_is_named(self, warehouse: Path) -> None:
        name = harm(warehouse)
        result = run("verify", "--warehouse", warehouse)
        assert (result.exit_code, f"{name}: changed" in result.stdout) == (1, True)

    def test_the_next_build_mends_what_was_found(self, made: tuple[Path, Path, Path], warehouse: Path) -> None:
        harm(warehouse)
        run("verify", "--warehouse", warehouse)
        sites.build(made[0], warehouse)
        assert run("verify", "--warehouse", warehouse).exit_code == 0

    def test_for_programs(self, warehouse: Path) -> None:
        name = harm(warehouse)
        said = json.loads(run("verify", "--warehouse", warehouse, "--json").stdout)
        assert said["damaged"] == {name: "changed"}

    def test_nothing_to_verify(self, tmp_path: Path, warehouse: Path) -> None:
        result = run("verify", "--warehouse", tmp_path / "none")
        assert (result.exit_code, "holds no published build" in result.stderr) == (2, True)
        assert not (tmp_path / "none").exists()

    def test_of_another_site(self, tmp_path: Path, warehouse: Path) -> None:
        result = run("verify", sites.write(tmp_path / "other", FILES), "--warehouse", warehouse)
        assert (result.exit_code, "is the warehouse of" in result.stderr) == (2, True)

    def test_a_build_is_not_waited_for(self, warehouse: Path) -> None:
        with another_holds(warehouse / "lock"):
            assert run("verify", "--warehouse", warehouse).exit_code == 0

    def test_damage_is_named_while_a_build_runs(self, warehouse: Path) -> None:
        name = harm(warehouse)
        with another_holds(warehouse / "lock"):
            result = run("verify", "--warehouse", warehouse)
        assert (result.exit_code, f"{name}: changed" in result.stdout) == (1, True)
        assert "verify again" in result.stdout

    def test_the_sites_thresholds_hold(self, made: tuple[Path, Path, Path], warehouse: Path) -> None:
        sites.write(made[0], {"backfile.toml": "[thresholds]\nkeys_are_unique = -1\n"})
        result = run("verify", made[0], "--warehouse", warehouse)
        (made[0] / "backfile.toml").unlink()
        assert (result.exit_code, "keys_are_unique" in result.stdout) == (1, True)

    def test_an_audit_that_was_let_pass_is_no_damage(self, made: tuple[Path, Path, Path], warehouse: Path) -> None:
        more = {f"_posts/2022-03-02-{number}.md": sites.post("c") for number in range(30)}
        sites.build(sites.write(made[0], more), warehouse)
        for name in more:
            (made[0] / name).unlink()
        sites.build(made[0], warehouse)
        assert sites.failed_audits(sites.current(warehouse)) == ["volume_is_kept"]
        assert run("verify", "--warehouse", warehouse).exit_code == 0


class TestRollback:
    def test_to_the_build_before(self, warehouse: Path) -> None:
        assert run("rollback", "--warehouse", warehouse).exit_code == 0
        assert titles(warehouse) == ["a"]

    def test_and_forth_again_by_name(self, warehouse: Path) -> None:
        newest = sites.current(warehouse).name
        run("rollback", "--warehouse", warehouse)
        assert run("rollback", newest, "--warehouse", warehouse).exit_code == 0
        assert titles(warehouse) == ["b"]

    def test_the_next_build_goes_on_from_there(self, made: tuple[Path, Path, Path], warehouse: Path) -> None:
        run("rollback", "--warehouse", warehouse)
        sites.build(made[0], warehouse)
        assert titles(warehouse) == ["b"]

    @pytest.mark.parametrize(
        ("name", "said"), [("1999", "no build 1999 is kept"), ("20", "2 builds begin with 20")], ids=str
    )
    def test_a_name_that_fits_no_single_build(self, name: str, said: str, warehouse: Path) -> None:
        result = run("rollback", name, "--warehouse", warehouse)
        assert (result.exit_code, said in result.stderr) == (2, True)

    def test_there_is_none_before_the_first(self, warehouse: Path) -> None:
        run("rollback", "--warehouse", warehouse)
        result = run("rollback", "--warehouse", warehouse)
        assert (result.exit_code, "no earlier build is kept" in result.stderr) == (2, True)

    def test_a_damaged_build_is_refused(self, warehouse: Path) -> None:
        (publish.kept(warehouse)[0] / "warehouse.duckdb").unlink()
        result = run("rollback", "--warehouse", warehouse)
        assert (result.exit_code, titles(warehouse)) == (2, ["b"])

    def test_the_kept_builds_are_listed(self, warehouse: Path) -> None:
        listed = run("rollback", "--list", "--warehouse", warehouse).stdout.splitlines()
        assert [line.endswith("published") for line in listed] == [False, True]
