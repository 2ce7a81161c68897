"""The warehouse's own Dagster instance: the folder that keeps its runs and schedules, and where its events go."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipelines.terminal import say

if TYPE_CHECKING:
    from pipelines.settings import Settings

POSTGRES: Final = """
# Runs, events and schedules in PostgreSQL, at the address that BACKFILE_POSTGRES holds.
storage:
  postgres:
    postgres_url:
      env: BACKFILE_POSTGRES
"""

EVENTS_AT_ONCE: Final = 1000
"""How many events Dagster writes together at most: those of an asset's months, those of all that a run is to make."""

PATIENCE: Final = 10
"""Seconds within which PostgreSQL answers."""

SIGNED: Final = "# Made by Backfile, {}: replaced by later versions of Backfile for as long as nobody changes it."
UNSIGNED: Final = (
    "6cf4651b1cc6d16b95077fd4336ef011",
    "83ee3e297bc4c4133a92aa78261d55e2",
)
"""Hashes of the templates from before they were signed."""


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _options(postgres: bool) -> str:
    """The instance's `dagster.yaml`, from the template and its storage; its first line holds the hash of the others."""
    from pipelines.settings import PACKAGE

    text = (PACKAGE / "dagster.yaml").read_text("utf-8") + (POSTGRES if postgres else "")
    return f"{SIGNED.format(_hash(text))}\n{text}"


def _unchanged(text: str) -> bool:
    """Whether it is as some version of Backfile made it."""
    first, _, rest = text.partition("\n")
    return first == SIGNED.format(_hash(rest)) or _hash(text.removesuffix(POSTGRES)) in UNSIGNED


_SECTION: Final = re.compile(r"^(?=[a-z_]+:)", re.MULTILINE)
_OWN_CLASS: Final = "module: pipelines."


def _without_own_classes(text: str) -> str:
    """Return the options without the sections that name classes of Backfile, which earlier versions wrote."""
    return "".join(section for section in _SECTION.split(text) if _OWN_CLASS not in section)


def _demand_answer(address: str) -> None:
    """Raise SettingsError unless PostgreSQL answers at the address."""
    import psycopg2

    from pipelines.settings import SettingsError

    try:
        psycopg2.connect(address.replace("+psycopg2", "", 1), connect_timeout=PATIENCE).close()
    except psycopg2.Error as error:
        said = " ".join(str(error).split())
        raise SettingsError(
            f"PostgreSQL, which keeps Dagster's runs, does not answer ({said}); start it, or correct BACKFILE_POSTGRES"
        ) from None


def dagster_home(settings: Settings) -> Path:
    """The instance's folder, its options made from the template, anew where nobody changed them; DAGSTER_HOME of this
    process names it.

    Raises:
        SettingsError: the instance and BACKFILE_POSTGRES do not fit, or PostgreSQL does not answer.
    """
    from pipelines.settings import SettingsError

    home = settings.warehouse_folder / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    options = home / "dagster.yaml"
    current = _options(bool(settings.postgres))
    found = options.read_text("utf-8") if options.exists() else current
    uses_postgres = "BACKFILE_POSTGRES" in found
    if settings.postgres and not uses_postgres:
        raise SettingsError(
            f"BACKFILE_POSTGRES is set, but {options} does not use it; remove that file to have it made anew"
        )
    if uses_postgres and not settings.postgres:
        raise SettingsError(f"{options} keeps its runs in PostgreSQL: set BACKFILE_POSTGRES to its address")
    if uses_postgres and not find_spec("dagster_postgres"):
        raise SettingsError("PostgreSQL needs a further package: install backfile[postgres]")
    wanted = current if _unchanged(found) else _without_own_classes(found)
    if _OWN_CLASS in found:
        say(
            (f"{options} named classes of an earlier Backfile and is rewritten; its runs stay", "yellow"),
            file=sys.stderr,
        )
    if not options.exists() or found != wanted:
        new = home / f"dagster.yaml.{os.getpid()}"
        new.write_text(wanted, "utf-8")
        new.replace(options)
    if settings.postgres:
        _demand_answer(settings.postgres)
        # SQLAlchemy would take another driver than the one that comes with dagster-postgres
        os.environ["BACKFILE_POSTGRES"] = re.sub(r"^postgres(ql)?://", "postgresql+psycopg2://", settings.postgres)
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", str(EVENTS_AT_ONCE))
    return home
