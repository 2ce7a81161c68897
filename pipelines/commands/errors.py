"""How a command ends when it cannot do what was asked: one line that names the thing and the way out, no traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import click

FAILED: Final = 1
"""Exit code when the work itself failed: an audit, a step, a statement."""
WRONG: Final = 2
"""Exit code when the command could not begin: nothing was changed."""


def leave(message: str, code: int = WRONG) -> NoReturn:
    """End the command with this one line."""
    click.echo(f"backfile: {' '.join(message.split())}", err=True)
    sys.exit(code)


@contextmanager
def clear_errors() -> Iterator[None]:
    """One line instead of a traceback for what a person can mend."""
    try:
        yield
    except OSError as error:
        if error.filename is None:  # it is not a file's but the output's: `cli.command` tells it
            raise
        leave(f"{error.filename}: {error.strerror}; look at its permissions and at the disk")
    except Exception as error:
        if not _mendable(error):
            raise
        leave(str(error))


def _mendable(error: Exception) -> bool:
    """Imported only when something went wrong: it costs more than most commands."""
    from pipelines.assets import USER_ERRORS
    from pipelines.settings import SettingsError

    return isinstance(error, (*USER_ERRORS, SettingsError))


def quiet() -> None:
    """Warnings of libraries about their own future are not for the people who run a command."""
    import logging
    import warnings

    warnings.simplefilter("ignore")
    logging.disable(logging.ERROR)  # Dagster warns of audits that had nothing to audit
