"""Every option in one typed place, with its environment variable.

An option comes from the command line, else its environment variable (`BACKFILE_` and its name), else the site's
`backfile.toml`, else its default. The rules of normalising, table `[rules]` of the same file, are `normalise.rules`'s.
"""

from __future__ import annotations

import math
import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import Field, HttpUrl, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipelines.untrusted import table, text_of
from warehouse import queries
from warehouse.errors import UserError

PACKAGE: Final = Path(__file__).resolve().parent
WORKSPACE: Final = next(
    (path for folder in (PACKAGE, PACKAGE.parent) if (path := folder / "workspace.yaml").exists()),
    Path("workspace.yaml"),
)
"""What Dagster loads: in an installed package beside the modules, in a checkout at its top."""
SAMPLE: Final = PACKAGE / "sample"
"""A small invented archive; `backfile demo` builds it."""
SITE_FILE: Final = "backfile.toml"
RULES_TABLE: Final = "rules"
OF_A_SITE: Final = (
    "posts_folders", "schedule_hour", "sensor", "sensor_seconds", "runs_kept", "days_kept", "lock_wait_seconds",
    "thresholds",
)  # fmt: skip
"""Settings that a site's file may hold: they concern the site's own posts and builds, within limits. All others come
from the command line or the environment: a site doesn't say where its warehouse lies, how many processes this machine
runs, nor which machines it talks to."""

ENGINE: Final = re.compile(r"dask://(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+):([0-9]{1,5})")


class SettingsError(UserError):
    """A setting is wrong. The message names it and the way out."""


def as_utc(value: datetime) -> datetime:
    """The time in UTC; one without zone is UTC already."""
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


class Settings(BaseSettings):
    """All options of a build and of the service that runs it."""

    model_config = SettingsConfigDict(env_prefix="BACKFILE_", extra="forbid", frozen=True)

    site: Path = Field(default=SAMPLE, description="The Jekyll site's root, or its _posts folder")
    warehouse: Path | None = Field(
        default=None, description="The warehouse's folder; default data/<name of the site's folder>"
    )
    now: datetime | None = Field(
        default=None, description="The build's now, instead of the clock: what is later is future"
    )
    posts_folders: tuple[str, ...] = Field(
        default=(),
        description="Further folders read as though they were _posts, relative to the site's source",
    )
    rules: Path | None = Field(default=None, description="The owner's rules, instead of the site's backfile.toml")
    workers: int = Field(default=0, ge=0, description="Worker processes; 0 for one a core")
    engine: str | None = Field(
        default=None,
        description="An engine whose workers take the place of worker processes: `dask://host:port`; see scaling.md",
    )
    schedule_hour: int = Field(default=4, ge=0, le=23, description="Hour of the daily build, in the site's time zone")
    sensor: bool = Field(default=False, description="Whether the sensor that builds on a change is on from the start")
    sensor_seconds: int = Field(default=15, ge=5, le=86_400, description="How often it looks at the archive")
    webhook: HttpUrl | None = Field(
        default=None, description="Where a failed build is told of, in a short message: an http or https address"
    )
    runs_kept: int = Field(default=100, ge=1, le=10_000, description="How many of its newest runs Dagster keeps")
    days_kept: int = Field(
        default=90,
        ge=0,
        le=3_650,
        description="For how many days it also keeps each day's last run that published, found nothing, or failed",
    )
    postgres: str | None = Field(
        default=None,
        repr=False,
        description="Address of the PostgreSQL database in which Dagster keeps runs and events, instead of files",
    )
    lock_wait_seconds: int = Field(
        default=3600, ge=0, le=86_400, description="How long a run waits for another build of the warehouse"
    )

    thresholds: dict[str, float] = Field(
        default={}, description="Thresholds of audits, by name, instead of those in warehouse/checks"
    )

    @field_validator("thresholds")
    @classmethod
    def _thresholds_are_of_audits(cls, value: dict[str, float]) -> dict[str, float]:
        known = [audit.name for audit in queries.audits()]
        for name, threshold in value.items():
            if name not in known:
                raise ValueError(f"no audit is named {name}; there are {', '.join(known)}")
            if math.isnan(threshold):
                raise ValueError(f"the threshold of {name} is no number")
        return value

    @field_validator("engine")
    @classmethod
    def _engine_is_known(cls, value: str | None) -> str | None:
        found = ENGINE.fullmatch(value or "")
        if value and not (found and 0 < int(found[1]) < 1 << 16):
            raise ValueError(f"{value} is no engine's address; write dask://host:port")
        return value or None

    @field_validator("now")
    @classmethod
    def _now_is_utc(cls, value: datetime | None) -> datetime | None:
        return value and as_utc(value)

    @property
    def warehouse_folder(self) -> Path:
        """Where the warehouse lies, absolute."""
        if self.warehouse is not None:
            return self.warehouse.absolute()
        return Path.cwd() / "data" / site_root(self.site.absolute()).name

    @property
    def site_name(self) -> str:
        """The name of the site's folder, for messages."""
        return site_root(self.site.absolute()).name

    @property
    def workplace(self) -> int | str:
        """Where chunks run: in so many processes, or on the engine with this address."""
        return self.engine or self.workers or len(os.sched_getaffinity(0))


def site_root(site: Path) -> Path:
    """The site's folder, also for its `_posts` folder."""
    return site.parent if site.name == "_posts" else site


def site_file(site: Path) -> Path | None:
    """Return the site's `backfile.toml`, if it has one; also for a `_posts` folder.

    Raises:
        SettingsError: it is a link that leaves the site.
    """
    folders = (site, site_root(site))
    for folder in folders:
        path = folder / SITE_FILE
        if not path.exists():
            continue
        if not any(path.resolve().is_relative_to(own.resolve()) for own in folders):
            raise SettingsError(f"{path} is a link that leaves the site: put the settings themselves there")
        return path
    return None


def _site_options(site: Path) -> dict[str, Any]:
    path = site_file(site)
    if path is None:
        return {}
    try:
        options = table(text_of(path))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}") from None
    options.pop(RULES_TABLE, None)
    for name in options:
        if name.lower() in Settings.model_fields and name not in OF_A_SITE:
            raise SettingsError(
                f"{path}: {name} is no setting of a site; use the command line or BACKFILE_{name.upper()}"
            )
        if name not in OF_A_SITE:  # pydantic would take names in capitals, and orders to itself such as _env_file
            raise SettingsError(
                f"{path}: {name[:80]} is no setting; a site has {', '.join(OF_A_SITE)} and [{RULES_TABLE}]"
            )
    return options


def load(**given: Any) -> Settings:
    """The settings in force; `given` are the command line's, None for what it does not say.

    Raises:
        SettingsError: a value is wrong or a name unknown.
    """
    given = {name: value for name, value in given.items() if value is not None}
    try:
        first = Settings(**given)
        options = _site_options(first.site)
        options = {name: value for name, value in options.items() if f"BACKFILE_{name.upper()}" not in os.environ}
        return Settings(**(options | given)) if options else first
    except ValidationError as error:
        wrong = error.errors()[0]
        name = ".".join(str(piece) for piece in wrong["loc"])
        path = site_file(Path(given.get("site", ".")))
        variable = f"BACKFILE_{name.upper()}"
        where = variable if variable in os.environ else f"{path or 'settings'}: {name}"
        where = f"--{name}" if name in given else where
        raise SettingsError(f"{where}: {wrong['msg']}") from None


def load_for_service(**given: Any) -> tuple[Settings, str | None]:
    """Return the settings in force and what is wrong with the site's `backfile.toml`: a service starts without that
    file, so that it can say what is wrong.

    Raises:
        SettingsError: a value of the command line or the environment is wrong.
    """
    try:
        return load(**given), None
    except SettingsError as error:
        with suppress(ValidationError):
            return Settings(**{name: value for name, value in given.items() if value is not None}), str(error)
        raise
