"""A job of Dagster's that does nothing, in an instance of its own: what a build costs before it does anything."""

from __future__ import annotations

import dagster as dg
import duckdb  # noqa: F401 - a build imports it
import polars  # noqa: F401 - a build imports it


@dg.op
def nothing() -> None: ...


@dg.job
def empty() -> None:
    nothing()


if __name__ == "__main__":
    with dg.DagsterInstance.local_temp() as instance:
        assert empty.execute_in_process(instance=instance).success
