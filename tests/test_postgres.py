"""Dagster's instance in PostgreSQL: a real server in a folder of the test, reached by its socket alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.sites import CONFIG, post, rows, write

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
NOBODY = 65534
"""PostgreSQL does not run as root."""

pytestmark = pytest.mark.skipif(not PROGRAMS, reason="PostgreSQL's server is not installed")


@pytest.fixture
def address() -> Iterator[str]:
    who = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    with TemporaryDirectory(prefix="backfile-", ignore_cleanup_errors=True) as name:  # short: it holds a socket
        if who:
            os.chown(name, NOBODY, NOBODY)
        yield from server(Path(name), who)


def server(folder: Path, who: dict[str, Any]) -> Iterator[str]:
    def call(program: str, *arguments: str) -> None:
        subprocess.run([PROGRAMS[-1] / program, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=folder, **who)

    data = str(folder / "data")
    call("initdb", "--pgdata", data, "--username", "backfile", "--auth", "trust", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    call("pg_ctl", "--pgdata", data, "--wait", "--log", str(folder / "log"), "--options", options, "start")
    try:
        yield f"postgresql://backfile@/postgres?host={folder}"
    finally:
        call("pg_ctl", "--pgdata", data, "--mode", "immediate", "stop")


def build(site: Path, warehouse: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipelines", "build", str(site), "--warehouse", str(warehouse)],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )


def test_runs_are_kept_in_the_database(address: str, tmp_path: Path) -> None:
    site = write(tmp_path / "site", {"_config.yml": CONFIG, "_posts/2022-03-01-a.md": post("a")})
    warehouse = tmp_path / "warehouse"
    built = build(site, warehouse, BACKFILE_POSTGRES=address)
    assert built.returncode == 0, built.stderr
    query = [str(PROGRAMS[-1] / "psql"), address, "--tuples-only", "--no-align", "--command", "SELECT run_id FROM runs"]
    runs = subprocess.run(query, check=True, capture_output=True, text=True).stdout.split()
    assert runs == rows(warehouse, "builds").get_column("dagster_run_id").to_list()


def test_an_instance_that_lies_elsewhere_is_named(address: str, tmp_path: Path) -> None:
    site = write(tmp_path / "site", {"_config.yml": CONFIG, "_posts/2022-03-01-a.md": post("a")})
    (tmp_path / "warehouse" / "dagster").mkdir(parents=True)
    (tmp_path / "warehouse" / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    built = build(site, tmp_path / "warehouse", BACKFILE_POSTGRES=address)
    assert (built.returncode, "BACKFILE_POSTGRES is set, but" in built.stderr) == (2, True)


def test_a_database_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    site = write(tmp_path / "site", {"_config.yml": CONFIG, "_posts/2022-03-01-a.md": post("a")})
    built = build(site, tmp_path / "warehouse", BACKFILE_POSTGRES=f"postgresql://backfile@/postgres?host={tmp_path}")
    assert (built.returncode, len(built.stderr.splitlines())) == (2, 1)
    assert "does not answer" in built.stderr
