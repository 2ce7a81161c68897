"""The warehouse's own Dagster instance: the folder that keeps its runs and schedules, and where its events go."""

from __future__ import annotations

import os
import re
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pipelines.settings import Settings

POSTGRES: Final = """
# Runs, events and schedules in PostgreSQL, at the address that BACKFILE_POSTGRES holds.
storage:
  postgres:
    postgres_url:
      env: BACKFILE_POSTGRES
"""


def dagster_home(settings: Settings) -> Path:
    """The instance's folder, made from the template if need be; DAGSTER_HOME of this process names it.

    Raises:
        SettingsError: the instance and BACKFILE_POSTGRES do not fit.
    """
    from pipelines.settings import PROJECT, SettingsError

    home = settings.warehouse_folder / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    options = home / "dagster.yaml"
    if not options.exists():
        shutil.copyfile(PROJECT / "dagster.yaml", options)
        if settings.postgres:
            options.write_text(options.read_text("utf-8") + POSTGRES, "utf-8")
    uses_postgres = "BACKFILE_POSTGRES" in options.read_text("utf-8")
    if settings.postgres and not uses_postgres:
        raise SettingsError(
            f"BACKFILE_POSTGRES is set, but {options} does not use it; remove that file to have it made anew"
        )
    if uses_postgres and not settings.postgres:
        raise SettingsError(f"{options} keeps its runs in PostgreSQL: set BACKFILE_POSTGRES to its address")
    if uses_postgres and not find_spec("dagster_postgres"):
        raise SettingsError("PostgreSQL needs a further package: install backfile[postgres]")
    if settings.postgres:  # SQLAlchemy would take another driver than the one that comes with dagster-postgres
        os.environ["BACKFILE_POSTGRES"] = re.sub(r"^postgres(ql)?://", "postgresql+psycopg2://", settings.postgres)
    os.environ["DAGSTER_HOME"] = str(home)
    return home
