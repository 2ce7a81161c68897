"""Builds that meet: by the command, started by Dagster, and after one that was killed."""

from __future__ import annotations

import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests import sites
from tests.ordeal import processes
from tests.ordeal.crash import Victim
from tests.ordeal.processes import Child, running, until
from warehouse.lock import BusyError, lock

DAGSTER = str(Path(sys.executable).with_name("dagster"))


def command(victim: Victim) -> tuple[object, ...]:
    return (processes.BACKFILE, "build", victim.site, "--warehouse", victim.warehouse, "--as-of", sites.NOW)


def setting(victim: Victim) -> dict[str, str]:
    """The environment of what Dagster starts for the warehouse."""
    return {
        "BACKFILE_SITE": str(victim.site),
        "BACKFILE_WAREHOUSE": str(victim.warehouse),
        "BACKFILE_NOW": sites.NOW.isoformat(),
        "DAGSTER_HOME": str(victim.warehouse / "dagster"),
    }


def is_locked(warehouse: Path) -> bool:
    try:
        with lock(warehouse):
            return False
    except BusyError:
        return True


def runs(victim: Victim) -> dict[str, str]:
    """The status of each run that Dagster knows, by id."""
    folder = victim.warehouse / "dagster"
    for path in (folder / "history" / "runs.db", folder / "storage" / "runs.db", folder / "runs.db"):
        if path.exists():
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
                return dict(connection.execute("SELECT run_id, status FROM runs").fetchall())
    return {}


def begun(victim: Victim) -> Child:
    """A command that holds the lock and was stopped in mid-build."""
    before = set((victim.warehouse / "builds").iterdir())
    child = Child(*command(victim))
    assert until(lambda: set((victim.warehouse / "builds").iterdir()) - before), child.ended()
    child.signal(signal.SIGSTOP)
    assert is_locked(victim.warehouse)
    return child


def refused(victim: Victim) -> str:
    """The one clear line with which a command leaves while another is at work."""
    with running(*command(victim)) as second:
        ended = second.ended()
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"backfile: a build of {victim.warehouse} is already running; wait for it to end\n"
    return ended.stderr.strip()


def command_and_command(victim: Victim) -> str:
    """The second leaves while the first is at work, and the first ends as though alone."""
    victim.await_changes()
    first = begun(victim)
    said = refused(victim)
    first.signal(signal.SIGCONT)
    assert first.ended().returncode == 0
    victim.outlived("two commands")
    return said


def command_and_dagster(victim: Victim) -> str:
    """A run that Dagster starts waits for the command's build, then ends well."""
    victim.await_changes()
    first = begun(victim)
    job = (DAGSTER, "job", "execute", "--module-name", "pipelines.definitions", "--job", "Build")
    known = set(runs(victim))
    with running(*job, **setting(victim)) as second:
        assert until(lambda: "STARTED" in [status for run, status in runs(victim).items() if run not in known])
        time.sleep(1)
        assert second.process.poll() is None
        first.signal(signal.SIGCONT)
        assert first.ended().returncode == 0
        ended = second.ended()
    assert ended.returncode == 0, ended.stderr
    victim.outlived("a command and a run of Dagster's")
    return "a run of Dagster's waited for a command"


def after_a_kill(victim: Victim) -> str:
    """A command at work lets no other in; once killed it holds nobody up, and its run is known to be dead."""
    import dagster as dg

    victim.await_changes()
    first = begun(victim)
    refused(victim)
    (left,) = [run for run, status in runs(victim).items() if status == "STARTED"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DAGSTER_HOME", setting(victim)["DAGSTER_HOME"])
        instance = dg.DagsterInstance.get()
    with instance:
        from pipelines import automation

        grace, automation.STARTS_WITHIN = automation.STARTS_WITHIN, 0  # type: ignore[misc]
        assert automation.mark_dead(instance) == []
        first.kill()
        assert automation.mark_dead(instance) == [left]
        automation.STARTS_WITHIN = grace  # type: ignore[misc]
        assert runs(victim)[left] == "FAILURE"
    with running(*command(victim)) as second:
        assert second.ended().returncode == 0
    victim.outlived("a killed command")
    return "a killed command held up nobody"


def dagster_and_dagster(victim: Victim) -> str:
    """The real service: a run that was killed is cleared away, and of two that are asked for the second waits."""
    victim.await_changes()
    killed = begun(victim)
    killed.kill()
    leftover = [run for run, status in runs(victim).items() if status == "STARTED"]
    assert leftover
    ui = (processes.BACKFILE, "ui", victim.site, "--warehouse", victim.warehouse, "--port", free_port())
    environment = {name: value for name, value in setting(victim).items() if name.startswith("BACKFILE_NOW")}
    workspace = str(processes.ROOT / "workspace.yaml")
    launch = (DAGSTER, "job", "launch", "--workspace", workspace, "--location", "backfile", "--job", "Build")
    with running(*ui, **environment) as service:
        known = set(runs(victim))
        for _ in range(2):
            with running(*launch, **setting(victim)) as launched:
                ended = launched.ended()
                assert ended.returncode == 0, ended.stderr
        asked = set(runs(victim)) - known
        assert len(asked) == 2, asked
        most = 0

        def done() -> bool:
            nonlocal most
            now = runs(victim)
            most = max(most, sum(now[run] in ("STARTING", "STARTED") for run in asked))
            return all(now[run] in ("SUCCESS", "FAILURE") for run in asked)

        ended_well = until(done, 1200, every=0.1)
        assert ended_well, {run: status for run, status in runs(victim).items() if run in asked}
        assert {runs(victim)[run] for run in asked} == {"SUCCESS"}
        assert {runs(victim)[run] for run in leftover} == {"FAILURE"}
        assert most == 1, f"{most} runs at once"
        service.signal(signal.SIGTERM)
        assert until(lambda: service.process.poll() is not None)
        service.process.communicate()
        assert until(lambda: not service.descendants()), service.descendants()
    victim.outlived("two runs of Dagster's")
    return f"{len(leftover)} leftover run cleared away, two runs in turn"


def free_port() -> int:
    import socket

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


ALL = (command_and_command, command_and_dagster, after_a_kill, dagster_and_dagster)


def two_builds(folder: Path, seed: int, count: int, say: Callable[[str], None]) -> dict[str, int]:
    """Every pair of builds that can meet."""
    victim = Victim(folder)
    for meet in ALL[: count or None]:
        say(meet(victim))
    return {"meetings": len(ALL[: count or None])}
