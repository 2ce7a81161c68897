"""The wheel and the source archive hold what a person needs who has no checkout."""

import email
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

import pytest

from pipelines.cli import documents
from tests.documents import PROJECT

PACKAGES = ("pipelines", "warehouse")

pytestmark = pytest.mark.skipif(not find_spec("hatchling"), reason="hatchling, the build back end, is not installed")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with both archives, built without network."""
    folder = tmp_path_factory.mktemp("dist")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HATCH")}
    build = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run(build, cwd=PROJECT, env=environment, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked: what an installation has below site-packages."""
    folder = tmp_path_factory.mktemp("site-packages")
    (archive,) = built.glob("*.whl")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    (path,) = wheel.glob("*.dist-info/METADATA")
    return email.message_from_string(path.read_text("utf-8"))


WORKSPACE = "pipelines/workspace.yaml"


def below(root: Path, *folders: str) -> set[str]:
    """The files of these folders, but for what Python makes itself."""
    paths = (path for folder in folders for path in (root / folder).rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix() for path in paths if "__pycache__" not in path.parts}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_holds_every_file_of_the_packages(package: str, wheel: Path) -> None:
    assert below(wheel, package) - {WORKSPACE} == below(PROJECT, package)
    assert f"{package}/py.typed" in below(wheel, package)


def test_dagsters_workspace_is_in_the_package(wheel: Path) -> None:
    assert (wheel / WORKSPACE).read_text() == (PROJECT / "workspace.yaml").read_text()


def test_the_sample_is_whole(wheel: Path) -> None:
    """Also those of its files that a build tool might leave out: hidden ones, backups, other encodings."""
    names = {path.name for path in (wheel / "pipelines" / "sample").rglob("*")}
    assert {".hidden.md", "2022-04-15-backup.md~", "2022-04-15-gbk.md", "annual-review.md"} <= names


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    assert {path.name.partition("-")[0] for path in wheel.iterdir()} == {*PACKAGES, "backfile_docs", "backfile"}


def test_the_wheels_documents_are_where_help_says(wheel: Path) -> None:
    code = "from pipelines.cli import documents; print(documents())"
    environment = os.environ | {"PYTHONPATH": str(wheel)}
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=wheel, env=environment, check=True, capture_output=True, text=True
    )
    assert Path(ended.stdout.strip()) == wheel / "backfile_docs"
    assert documents() == PROJECT / "docs"


def test_links_of_the_wheels_documents_hold(wheel: Path) -> None:
    broken = [
        f"{page.name}: {link}"
        for page in sorted((wheel / "backfile_docs").rglob("*.md"))
        for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text("utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []


def test_the_wheel_has_the_command_and_the_licence(wheel: Path, metadata: Message) -> None:
    (folder,) = wheel.glob("*.dist-info")
    assert "backfile = pipelines.__main__:run" in (folder / "entry_points.txt").read_text("utf-8")
    assert (folder / "licenses" / "LICENSE").read_bytes() == (PROJECT / "LICENSE").read_bytes()
    assert metadata["License-Expression"] == "Apache-2.0"


def test_an_import_from_the_wheel_reads_no_checkout(wheel: Path) -> None:
    code = "from pipelines.settings import PACKAGE, SAMPLE; print(SAMPLE.is_relative_to(PACKAGE), PACKAGE)"
    environment = os.environ | {"PYTHONPATH": str(wheel)}
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=wheel, env=environment, check=True, capture_output=True, text=True
    )
    assert ended.stdout.strip() == f"True {wheel / 'pipelines'}"


@pytest.mark.parametrize("name", ["dagster", "dagster-webserver", "duckdb", "polars"])
def test_minor_releases_that_break_us_are_kept_out(name: str, metadata: Message) -> None:
    (found,) = [each for each in metadata.get_all("Requires-Dist", []) if re.match(rf"{name}[<>]", each)]
    assert re.search(r">=\d", found)
    assert re.search(r"<\d", found)


def test_every_dependency_has_a_lower_bound(metadata: Message) -> None:
    assert [each for each in metadata.get_all("Requires-Dist", []) if ">=" not in each] == []


def test_the_extras(metadata: Message) -> None:
    assert set(metadata.get_all("Provides-Extra", [])) == {"postgres", "dask"}


def test_the_source_archive_holds_what_builds_and_tests_need(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {str(PurePosixPath(*PurePosixPath(name).parts[1:])) for name in opened.getnames()}
    needed = {"LICENSE", "README.md", "Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"}
    assert needed | {"docs/opening.md", "tests/test_packaging.py", "pipelines/sample/_config.yml"} <= names
    assert not [name for name in names if name.startswith((".venv", "data/"))]


class TestLocks:
    """The environment of a user, and what developers add to it."""

    def pins(self, name: str) -> dict[str, str]:
        text = (PROJECT / name).read_text("utf-8")
        return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))

    def test_both_agree(self) -> None:
        user, developer = self.pins("requirements.lock"), self.pins("requirements-dev.lock")
        assert {name: developer[name] for name in user.keys() & developer} == {
            name: user[name] for name in user.keys() & developer
        }

    def test_a_user_gets_no_tools_of_developers(self) -> None:
        groups = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
        tools = {re.match(r"[\w-]+", each)[0] for each in groups["dev"]}  # type: ignore[index]
        assert tools <= self.pins("requirements-dev.lock").keys()
        assert not tools & self.pins("requirements.lock").keys()

    @pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
    def test_every_package_has_a_hash_and_no_index_is_named(self, name: str) -> None:
        text = (PROJECT / name).read_text("utf-8")
        assert all("--hash=sha256:" in each for each in re.split(r"\n(?=[\w.-]+==)", text))
        assert "://" not in text
