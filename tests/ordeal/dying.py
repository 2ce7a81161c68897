"""A build in a process of its own that kills itself at its n-th step.

    python -m tests.ordeal.dying SITE WAREHOUSE [STEP]

A step is whatever changes the warehouse's folder. Python's audit hooks tell of those that Python does; os.fsync, what
Polars writes and DuckDB's statements outside a transaction are wrapped, here only. Without STEP the build goes on to
its end and prints its steps, one a line.
"""

from __future__ import annotations

import functools
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from tests.ordeal import archives

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
EVENTS = {"open", "os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.truncate"}
ID = re.compile(r"\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{8}")


class Death:
    """Counts steps, and dies before the one that was asked for."""

    def __init__(self, warehouse: Path, at: int | None) -> None:
        self.warehouse = f"{warehouse}/"
        self.at = at
        self.steps: list[str] = []

    def step(self, name: str) -> None:
        self.steps.append(ID.sub("BUILD", name.replace(self.warehouse, "")))
        if len(self.steps) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in EVENTS or (event == "open" and not int(arguments[2] or 0) & WRITING):
            return
        names = [os.fsdecode(part) for part in arguments if isinstance(part, str | bytes | os.PathLike)]
        within = any(name.startswith(self.warehouse) for name in names)
        relative = event == "os.remove" and arguments[1] != -1  # rmtree's, by the folder's descriptor
        nothing = event == "os.mkdir" and os.path.isdir(names[0])  # noqa: PTH112  os.mkdir would refuse
        if (within and not nothing) or relative:
            self.step(f"{event} {' '.join(names[:2])}")


def counted(death: Death, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as a step."""

    @functools.wraps(function)
    def wrapped(*arguments: Any, **more: Any) -> Any:
        death.step(name)
        return function(*arguments, **more)

    return wrapped


def torn(death: Death, write: Callable[..., Any]) -> Callable[..., Any]:
    """Polars' writing as two steps: not begun, half done."""

    @functools.wraps(write)
    def wrapped(frame: pl.DataFrame, file: Path, **more: Any) -> None:
        death.step(f"write {file}, before")
        if len(death.steps) + 1 == death.at:
            write(frame, file, **more)
            os.truncate(file, file.stat().st_size // 2)
        death.step(f"write {file}, half")
        write(frame, file, **more)

    return wrapped


class Connection:
    """DuckDB's connection, its statements outside a transaction counted."""

    def __init__(self, death: Death, inner: duckdb.DuckDBPyConnection) -> None:
        self.death, self.inner, self.within = death, inner, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def execute(self, statement: str, *more: Any) -> Any:
        if not self.within:
            self.death.step(f"sql {' '.join(statement.split()[:3])}")
        return self.inner.execute(statement, *more)

    def begin(self) -> Any:
        self.within = True
        return self.inner.begin()

    def commit(self) -> Any:
        self.death.step("sql commit")
        self.within = False
        return self.inner.commit()


def main(site: str, warehouse: str, at: str | None = None) -> None:
    death = Death(Path(warehouse), int(at) if at else None)
    os.fsync = counted(death, "fsync", os.fsync)
    pl.DataFrame.write_parquet = torn(death, pl.DataFrame.write_parquet)  # type: ignore[method-assign]
    connect = duckdb.connect
    duckdb.connect = lambda *a, **k: Connection(death, connect(*a, **k))  # type: ignore[assignment]
    sys.addaudithook(death.hook)
    archives.build(Path(site), Path(warehouse), audited=False)
    print("\n".join(death.steps))


if __name__ == "__main__":
    main(*sys.argv[1:])
