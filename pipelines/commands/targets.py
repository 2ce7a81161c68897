"""Files that a command writes for people: never over others unasked, never half."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.commands.errors import leave


def demand_free(targets: Iterable[Path], *, force: bool) -> None:
    """Whether nothing stands where these files are to be written, or it may be replaced."""
    for target in targets:
        if target.is_dir():
            leave(f"{target} is a folder; name a file")
        if not force and (target.exists() or target.is_symlink()):
            leave(f"{target} is there already; --force replaces it")


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A name beside the target to write under; it becomes the target when all is written, and is gone otherwise."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        yield unfinished
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
