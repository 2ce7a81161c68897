"""Sites of real files for tests: paths and contents in, a folder out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl

from pipelines.jekyll.config import read_site
from pipelines.jekyll.posts import read
from pipelines.jekyll.scan import scan
from warehouse import contracts

NOW: Final = datetime(2026, 11, 22, 0, 0, 7, tzinfo=UTC)
HERALD: Final = Path(__file__).parents[1] / "archives" / "herald"

POST: Final = "---\ntitle: t\n---\nBody.\n"


def make(root: Path, files: Mapping[str, str | bytes], config: str | None = None) -> Path:
    """The folder with these files, and a configuration if given."""
    if config is not None:
        files = {**files, "_config.yml": config}
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def tables(root: Path, *posts_folders: str, now: datetime = NOW) -> dict[str, pl.DataFrame]:
    """The site's tables, each held to its contract."""
    site = read_site(root, posts_folders)
    found = read(site, scan(site).entries, now)
    return {name: contracts.check(name, frame) for name, frame in found.items()}


def posts(root: Path, *posts_folders: str, now: datetime = NOW) -> dict[str, dict[str, object]]:
    """The site's posts by path."""
    return {row["path"]: row for row in tables(root, *posts_folders, now=now)["posts"].iter_rows(named=True)}


def outcomes(root: Path, *posts_folders: str, now: datetime = NOW) -> dict[str, tuple[str, str | None]]:
    """Outcome and reason of the site's files by path."""
    rows = tables(root, *posts_folders, now=now)["files"].iter_rows(named=True)
    return {row["path"]: (row["outcome"], row["reason"]) for row in rows}
