"""The warehouse's own Dagster instance: the folder that keeps its runs and schedules."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def dagster_home(warehouse: Path) -> Path:
    """The instance's folder, made from the template if need be; DAGSTER_HOME of this process names it."""
    from pipelines.settings import PROJECT

    home = warehouse / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copyfile(PROJECT / "dagster.yaml", home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
    return home
