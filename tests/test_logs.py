"""The log of a service: no colours outside a terminal, JSON where it is asked for."""

import json
import subprocess
import sys

import pytest

LINES = '\x1b[32m2026-11-22\x1b[0m - dagster - INFO - a "line"\n{"event": "of Dagster", "level": "info"}\n{half\n'


@pytest.mark.parametrize(
    ("shown", "lines"),
    [
        ("plain", ['2026-11-22 - dagster - INFO - a "line"', '{"event": "of Dagster", "level": "info"}', "{half"]),
        (
            "json",
            [
                json.dumps({"event": '2026-11-22 - dagster - INFO - a "line"'}),
                '{"event": "of Dagster", "level": "info"}',
                '{"event": "{half"}',
            ],
        ),
    ],
)
def test_a_line_is_shown(shown: str, lines: list[str]) -> None:
    log = subprocess.run(
        [sys.executable, "-m", "pipelines.logs", shown], input=LINES, capture_output=True, text=True, check=True
    )
    assert log.stdout.splitlines() == lines
