"""The command: exit codes, one clear line, nothing changed where it could not begin."""

import json
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result

from pipelines import cli
from pipelines import settings as options
from pipelines.commands import ui
from pipelines.jekyll.config import SiteError
from tests import sites
from tests.sites import CONFIG, post, write
from tests.warehouse.test_lock import HOLD
from warehouse import publish

SITE: dict[str, str | bytes] = {
    "_config.yml": CONFIG,
    "_posts/2022-03-01-a.md": post("a"),
    "_posts/2022-03-02-later.md": post("later", date="2099-01-01"),
    "_posts/2022-03-03-bad.md": b"---\n\xff\n---\n",
    "old_post/2021-01-01-old.md": post("old"),
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("BACKFILE_SITE", "BACKFILE_WAREHOUSE", "DAGSTER_HOME"):  # the command sets them for its process
        monkeypatch.setenv(name, str(tmp_path / "unset"))
    monkeypatch.chdir(tmp_path)
    return write(tmp_path / "site", SITE)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments], catch_exceptions=False)


def snapshot(folder: Path) -> Iterator[tuple[str, int]]:
    """Every path below the folder with its mtime."""
    for path in sorted(folder.rglob("*")):
        yield path.as_posix(), path.lstat().st_mtime_ns


class Built(NamedTuple):
    """A site that was built by the command, in a folder of its own; tests look at it and change nothing."""

    folder: Path
    result: Result

    @property
    def site(self) -> Path:
        return self.folder / "my site"

    @property
    def warehouse(self) -> Path:
        return self.folder / "data" / "my site"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("built")
    write(folder / "my site", SITE)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("BACKFILE_SITE", "DAGSTER_HOME"):
            patch.setenv(name, str(folder / "unset"))
        patch.delenv("BACKFILE_WAREHOUSE", raising=False)
        patch.chdir(folder)
        return Built(folder, run("build", folder / "my site"))


class TestBuild:
    def test_a_summary_for_people(self, built: Built) -> None:
        assert built.result.exit_code == 0
        for line in (
            "files     3",
            "posts     2 (1 future, 1 published)",
            "rejected  1 (1 not_decodable)",
            "months    1 rewritten",
        ):
            assert line in built.result.stdout

    @pytest.mark.parametrize(("line", "begins"), [(-2, "month "), (-1, "path ")], ids=["a report", "the rejected"])
    def test_a_query_to_try_can_be_pasted(
        self, built: Built, monkeypatch: pytest.MonkeyPatch, line: int, begins: str
    ) -> None:
        monkeypatch.chdir(built.folder)
        program, *arguments = shlex.split(built.result.stdout.splitlines()[line])
        assert (program, arguments[2]) == ("backfile", "data/my site")
        assert run(*arguments).stdout.startswith(begins)

    def test_posts_outside_posts_folders_are_counted_with_the_way_in(self, built: Built) -> None:
        assert "1 files are named like posts but lie outside posts folders (old_post/)" in built.result.stdout
        assert 'posts_folders = ["old_post"]' in built.result.stdout

    def test_the_warehouse_is_named_after_the_site(self, built: Built) -> None:
        assert publish.current(built.warehouse) is not None

    def test_one_json_object_for_programs_even_where_nothing_is_published(self, built: Built, site: Path) -> None:
        result = run("build", built.site, "--warehouse", built.warehouse, "--json")
        summary = json.loads(result.stdout)
        assert (summary["published"], summary["read"]) == (False, 0)

    def test_of_a_posts_folder_at_a_time_when_a_future_post_is_published(self, site: Path) -> None:
        result = run("build", site / "_posts", "--warehouse", "warehouse", "--as-of", "2099-02-01", "--json")
        summary = json.loads(result.stdout)
        assert (summary["files"], summary["rejected"]) == (3, {"not_decodable": 1})
        assert summary["posts"] == {"published": 2, "hidden": 0, "future": 0, "draft": 0}


class TestExplain:
    def explained(self, *arguments: object) -> dict[str, dict[str, object]]:
        result = run("explain", *arguments, "--json")
        assert result.exit_code == 0
        found: dict[str, dict[str, object]] = json.loads(result.stdout)
        return found

    @pytest.fixture(autouse=True)
    def at_the_site(self, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("BACKFILE_SITE")
        monkeypatch.chdir(site)

    def test_the_site_is_found_above_the_file(self, site: Path) -> None:
        assert self.explained("_posts/2022-03-01-a.md")["outcome"]["outcome"] == "published"

    def test_why_a_file_is_no_post(self, site: Path) -> None:
        assert "byte 0xff at line 2 column 1" in str(self.explained("_posts/2022-03-03-bad.md")["outcome"]["said"])

    def test_why_a_file_is_not_found(self, site: Path) -> None:
        assert "lies in no posts folder" in str(self.explained("old_post/2021-01-01-old.md")["found"]["said"])

    def test_what_the_published_build_holds(self, built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(built.site)
        held = self.explained("_posts/2022-03-02-later.md", "--warehouse", built.warehouse)["published"]
        assert (held["outcome"], held["url"]) == ("future", "/2099/01/01/later.html")

    def test_nothing_is_made(self, site: Path) -> None:
        before = list(snapshot(site.parent))
        run("explain", "_posts/2022-03-01-a.md", "--warehouse", "../new")
        assert list(snapshot(site.parent)) == before

    def test_terminal_escapes_are_written_out(self, site: Path) -> None:
        write(site, {"_posts/2022-03-04-x.md": post('"\\e[31mred"')})
        assert "\x1b" not in run("explain", "_posts/2022-03-04-x.md").stdout

    def test_a_file_of_no_site_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        result = run("explain", "lost.md")
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


class TestRefused:
    """Exit code 2, one line, nothing changed."""

    def refused(self, *arguments: object) -> str:
        result = run(*arguments)
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
        return result.stderr

    def test_a_missing_site(self, site: Path) -> None:
        assert "there is no site at nowhere" in self.refused("build", "nowhere", "--warehouse", "new")
        assert not Path("new").exists()

    @pytest.mark.parametrize("command", ["build", "verify", "explain"])
    def test_with_json_it_is_an_object_too(self, command: str, site: Path) -> None:
        result = run(command, "nowhere", "--json")
        assert result.exit_code == 2
        assert json.loads(result.stdout)["error"] in result.stderr

    def test_a_service_of_a_broken_site_starts_once_it_was_built(
        self, built: Built, capsys: pytest.CaptureFixture[str]
    ) -> None:
        config = built.site / "_config.yml"
        before = config.read_text()
        settings = options.load(site=built.site, warehouse=built.warehouse)
        config.write_text("timezone: [\n")
        try:
            ui._demand_site_or_tell(settings, None)
            assert "started all the same" in capsys.readouterr().err
            with pytest.raises(SiteError):
                ui._demand_site_or_tell(settings.model_copy(update={"warehouse": built.folder / "new"}), None)
        finally:
            config.write_text(before)

    def test_a_service_of_another_site_than_was_built_does_not_start(self, built: Built) -> None:
        with pytest.raises(SiteError):
            ui._demand_site_or_tell(options.load(site=built.folder / "gone", warehouse=built.warehouse), None)

    def test_no_site_at_all(self, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("BACKFILE_SITE")
        assert "which site?" in self.refused("build")

    def test_a_site_without_posts_folders(self, site: Path) -> None:
        Path("empty").mkdir()
        assert "has no _posts folder" in self.refused("build", "empty", "--warehouse", "new")
        assert not Path("new").exists()

    @pytest.mark.parametrize("folder", ["_posts/wh", "blog/_drafts/wh", "old_post/wh"])
    def test_a_warehouse_in_a_posts_folder(self, folder: str, site: Path) -> None:
        write(site, {"backfile.toml": "posts_folders = ['old_post']\n"})
        assert "lies in a posts folder" in self.refused("build", site, "--warehouse", site / folder)
        assert not (site / folder).exists()

    @pytest.mark.parametrize("command", ["ui", "webserver"])
    def test_a_port_that_is_taken(self, command: str, site: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            said = self.refused(command, site, "--warehouse", "new", "--port", port)
        assert f"nobody can listen on 127.0.0.1, port {port}" in said
        assert not Path("new").exists()

    def test_a_port_that_is_taken_where_the_environment_names_a_warehouse_alone(
        self, built: Built, site: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whose site is the warehouse's, not the sample."""
        monkeypatch.delenv("BACKFILE_SITE")
        monkeypatch.setenv("BACKFILE_WAREHOUSE", str(built.warehouse))
        with socket.create_server(("127.0.0.1", 0)) as server:
            assert "nobody can listen" in self.refused("ui", "--port", server.getsockname()[1])

    def test_a_configuration_that_cannot_be_read(self, site: Path) -> None:
        write(site, {"_config.yml": "title: [\n"})
        assert "_config.yml" in self.refused("build", site, "--warehouse", "new")

    def test_wrong_rules(self, site: Path) -> None:
        write(site, {"backfile.toml": "[rules]\nnonsense = 1\n"})
        assert "backfile.toml" in self.refused("build", site, "--warehouse", "new")

    def test_wrong_rules_of_another_file(self, site: Path) -> None:
        Path("mine.toml").write_text("[rules.terms]\nsimplify = 3\n")
        assert "mine.toml" in self.refused("build", site, "--warehouse", "new", "--rules", "mine.toml")

    def test_an_unknown_setting(self, site: Path) -> None:
        write(site, {"backfile.toml": "posts_folder = ['x']\n"})
        assert "posts_folder" in self.refused("build", site, "--warehouse", "new")

    def test_a_time_that_is_none(self, site: Path) -> None:
        assert "--as-of soon: not a time" in self.refused("build", site, "--as-of", "soon", "--warehouse", "new")

    def test_another_sites_warehouse(self, built: Built, site: Path) -> None:
        before = list(snapshot(built.warehouse))
        assert f"is the warehouse of {built.site}" in self.refused("build", site, "--warehouse", built.warehouse)
        assert list(snapshot(built.warehouse)) == before

    def test_a_folder_of_other_things(self, site: Path) -> None:
        assert "holds other things" in self.refused("build", site, "--warehouse", site)

    def test_a_file(self, site: Path) -> None:
        assert "is no folder" in self.refused("build", site, "--warehouse", site / "_config.yml")

    @pytest.mark.parametrize("folder", ["/proc/warehouse", "/sys/warehouse"])
    def test_a_place_where_nothing_can_be_made(self, folder: str, site: Path) -> None:
        """Not for root either."""
        assert folder.rpartition("/")[0] in self.refused("build", site, "--warehouse", folder)

    def test_a_build_that_is_running(self, built: Built) -> None:
        """The lock is held by another process."""
        warehouse = built.warehouse
        with subprocess.Popen([sys.executable, "-c", HOLD, str(warehouse)], stdout=subprocess.PIPE) as other:
            assert other.stdout and other.stdout.readline()
            before = list(snapshot(warehouse))
            assert "already running" in self.refused("build", built.site, "--warehouse", warehouse)
            assert list(snapshot(warehouse)) == before
            other.kill()


class TestFailed:
    """Exit code 1, nothing published."""

    def test_a_broken_lake_file_is_named(self, site: Path) -> None:
        sites.build(site, Path("warehouse"))
        before = publish.current(Path("warehouse"))
        assert before is not None
        path = next((before / "lake" / "builds").iterdir())
        stamp = path.stat()
        path.write_bytes(b"x" * stamp.st_size)
        os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        write(site, {"_posts/2022-03-01-a.md": post("edited")}, age=5)
        result = run("build", site, "--warehouse", "warehouse")
        assert (result.exit_code, publish.current(Path("warehouse"))) == (1, before)
        named = path.relative_to(before).as_posix()
        assert f"nothing was published: damaged since it was published: {named}; build again" in result.stderr
