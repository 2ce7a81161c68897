"""`backfile demo`: the bundled sample, built in an empty folder."""

import json
from pathlib import Path

import pytest

from pipelines.settings import SAMPLE
from tests.commands.running import run
from warehouse import open_warehouse


def test_the_samples_warehouse_is_built_below_data(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BACKFILE_SITE", "BACKFILE_WAREHOUSE", "DAGSTER_HOME"):
        monkeypatch.setenv(name, "/nowhere")  # put back afterwards: the command sets them
    monkeypatch.delenv("BACKFILE_WAREHOUSE")
    summary = json.loads(run("demo", "--json").stdout)
    assert (summary["site"], summary["warehouse"]) == (str(SAMPLE), str(Path.cwd() / "data" / "sample"))
    with open_warehouse("data/sample") as warehouse:
        assert warehouse.posts().height == sum(summary["posts"].values()) > 0
