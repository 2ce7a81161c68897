"""The base class of errors that users can resolve."""

from typing import Final


class UserError(Exception):
    """An error that a user can resolve. Commands and steps show its message as one line, without a traceback.

    The message names the thing, the fact and the way out.
    """

    exit_code: Final = 2
    """Exit code of a command that could not begin: nothing was changed. A command whose work failed exits with 1."""
