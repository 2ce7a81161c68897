"""How a command ends when it cannot do what was asked: one line that names the thing and the way out, no traceback."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn

import click

from pipelines import terminal
from warehouse.errors import UserError

FAILED: Final = 1
"""Exit code when the work itself failed: an audit, a step, a statement."""


def leave(message: str, code: int = UserError.exit_code, **facts: Any) -> NoReturn:
    """End the command with this one line; with --json, also with an object that holds it and the facts."""
    line = " ".join(message.split())
    as_object(line, **facts)
    terminal.say(f"backfile: {line}", file=sys.stderr)
    sys.exit(code)


def as_object(error: str, **facts: Any) -> None:
    """Print the error as a JSON object where the command was called with --json."""
    context = click.get_current_context(silent=True)
    if context and context.params.get("as_json"):
        terminal.say_json({"error": error} | facts)


def die(message: str) -> NoReturn:
    """End the process with this one line, by the signal itself: who called it sees that it was interrupted. What is
    registered for the process's end is not called: it would wait for the work in hand."""
    as_object(message)
    terminal.say(f"backfile: {message}", file=sys.__stderr__)  # what libraries write may be led elsewhere
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)
    raise AssertionError  # it is dead


@contextmanager
def clear_errors() -> Iterator[None]:
    """Show user errors and errors of files as one line, without a traceback."""
    try:
        yield
    except OSError as error:
        if error.filename is None:  # of the output, not of a file: `cli.command` shows it
            raise
        leave(f"{error.filename}: {error.strerror}; look at its permissions and at the disk")
    except UserError as error:
        leave(str(error), error.exit_code)


def quiet() -> None:
    """Warnings of libraries about their own future are not for the people who run a command, nor are those of processes
    that it starts."""
    import logging
    import warnings

    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    warnings.simplefilter("ignore")
    logging.disable(logging.ERROR)  # Dagster warns of audits that had nothing to audit
