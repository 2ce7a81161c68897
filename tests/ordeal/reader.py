"""A reader in a process of its own: queries what is published, over and over, until a file appears.

    python -m tests.ordeal.reader WAREHOUSE STOP SEED

Each read looks at one build in several ways and compares them: all must tell of the same generation. Prints what it did
and what went wrong as one JSON object.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["POLARS_MAX_THREADS"] = "1"

import duckdb
import polars as pl

PATH = "_posts/2022-01-01-generation.md"


def generation(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    rows = connection.execute(statement, [PATH]).fetchall()
    assert len(rows) == 1, rows
    return int(rows[0][0])


TITLE = "SELECT regexp_extract(title, '[0-9]+$') FROM posts WHERE path = ?"


def agree(connection: duckdb.DuckDBPyConnection, *statements: str) -> None:
    told = {statement: generation(connection, statement) for statement in (TITLE, *statements)}
    assert len(set(told.values())) == 1, told


def scans(connection: duckdb.DuckDBPyConnection) -> None:
    row = connection.execute("SELECT counts FROM builds ORDER BY started_at DESC LIMIT 1").fetchone()
    files = connection.execute("SELECT count(*), count(DISTINCT month) FROM files").fetchone()
    assert row and files
    assert json.loads(row[0])["files"] == files[0]
    agree(connection, "SELECT max(regexp_extract(tag, '[0-9]+')) FROM post_tags WHERE path = ? AND tag LIKE 'gen%'")


def bodies(connection: duckdb.DuckDBPyConnection) -> None:
    agree(connection, "SELECT regexp_extract(body, 'generation ([0-9]+)', 1) FROM post_bodies WHERE path = ?")


def links(connection: duckdb.DuckDBPyConnection) -> None:
    agree(connection, "SELECT regexp_extract(url, '[0-9]+$') FROM post_links WHERE path = ?")


def reports(connection: duckdb.DuckDBPyConnection) -> None:
    names = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'reports' ORDER BY 1"
    ).fetchall()
    for (name,) in random.sample(names, 5):
        connection.execute(f'SELECT * FROM reports."{name}"').fetchall()


def database(look: Callable[[duckdb.DuckDBPyConnection], None]) -> Callable[[Path], None]:
    def read(warehouse: Path) -> None:
        with duckdb.connect(str(warehouse / "warehouse.duckdb"), read_only=True) as connection:
            connection.execute("SET threads = 1")
            look(connection)

    read.__name__ = look.__name__
    return read


def lake(warehouse: Path) -> None:
    """By Polars, `current` resolved once."""
    here = (warehouse / "current").resolve()
    told: dict[str, Any] = {}
    for table, column, pattern in (
        ("posts", "title", r"(\d+)$"),
        ("post_bodies", "body", r"generation (\d+)"),
        ("post_links", "url", r"(\d+)$"),
    ):
        rows = pl.scan_parquet(here / "lake" / table / "**" / "*.parquet").filter(path=PATH)
        told[table] = rows.select(pl.col(column).str.extract(pattern)).collect().item()
    assert len(set(told.values())) == 1, told


READS = [database(look) for look in (scans, bodies, links, reports)] + [lake]


def main(warehouse: Path, stop: Path, seed: int) -> None:
    rng = random.Random(seed)
    done: Counter[str] = Counter()
    wrong: list[str] = []
    builds: set[str] = set()
    longest = 0.0
    while not stop.exists():
        read = rng.choice(READS)
        began = time.monotonic()
        builds.add((warehouse / "current").readlink().name)
        try:
            read(warehouse)
        except Exception as error:
            wrong.append(f"{read.__name__}: {type(error).__name__}: {error}")
        done[read.__name__] += 1
        longest = max(longest, time.monotonic() - began)
    print(json.dumps({"done": done, "wrong": wrong, "builds": sorted(builds), "longest": longest}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
