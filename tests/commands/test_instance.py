"""The options of a warehouse's Dagster instance: made from the template, kept up with it, never overwritten."""

import os
from pathlib import Path

import pytest

from pipelines import settings as options
from pipelines.commands import instance

OURS = "telemetry:\n  enabled: false\n"
SIGNED = f"{instance.SIGNED.format(instance._hash(OURS))}\n{OURS}"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> options.Settings:
    monkeypatch.setenv("DAGSTER_HOME", "")  # put back afterwards
    return options.load(site=tmp_path, warehouse=tmp_path / "warehouse")


def made(settings: options.Settings, before: str | None) -> str:
    """The instance's options after a command, where they were such `before` it."""
    path = settings.warehouse_folder / "dagster" / "dagster.yaml"
    if before is not None:
        path.parent.mkdir(parents=True)
        path.write_text(before)
    instance.dagster_home(settings)
    return path.read_text()


@pytest.mark.parametrize("before", [None, SIGNED], ids=["none yet", "an earlier template"])
def test_the_template_is_followed(before: str | None, settings: options.Settings) -> None:
    text = made(settings, before)
    assert text.partition("\n")[2] == (options.PACKAGE / "dagster.yaml").read_text()


@pytest.mark.parametrize(
    "before", [OURS, SIGNED + "# mine\n", SIGNED.replace("false", "true")], ids=["unsigned", "longer", "another value"]
)
def test_what_an_operator_wrote_stays(before: str, settings: options.Settings) -> None:
    assert made(settings, before) == before


def test_classes_of_an_earlier_version_go_with_a_notice(
    settings: options.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    launcher = "run_launcher:\n  module: pipelines.automation\n  class: Launcher\n"
    storage = "storage:\n  custom:\n    module: pipelines.automation\n    class: Storage\n"
    assert made(settings, f"{launcher}telemetry:\n  enabled: true\n{storage}") == "telemetry:\n  enabled: true\n"
    assert "is rewritten; its runs stay" in capsys.readouterr().err
    instance.dagster_home(settings)
    assert capsys.readouterr().err == ""


def test_a_second_command_finds_what_the_first_made(settings: options.Settings) -> None:
    path = settings.warehouse_folder / "dagster" / "dagster.yaml"
    made(settings, None)
    first = path.stat().st_mtime_ns
    made(settings, None)
    assert path.stat().st_mtime_ns == first


def test_events_that_come_together_are_to_be_written_together(
    settings: options.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "")  # put back afterwards
    monkeypatch.delenv("DAGSTER_EVENT_BATCH_SIZE")
    made(settings, None)
    assert int(os.environ["DAGSTER_EVENT_BATCH_SIZE"]) > 1
