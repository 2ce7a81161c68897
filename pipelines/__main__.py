"""The process of the command: `backfile`, or `python -m pipelines`."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress


def run() -> None:
    """Run the command, and end its process without freeing its memory piece by piece, which takes a seventh of a small
    build; threads, files and buffers are seen to before."""
    code = 1

    def end() -> None:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            with suppress(OSError, ValueError):  # what the output lacks was told; the stream may be closed
                stream.flush()
        os._exit(code)

    atexit.register(end)  # before all others, which are imported below: it is called after them
    try:
        _run()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        raise
    except KeyboardInterrupt:
        atexit.unregister(end)  # the shell is to see that it died of the signal
        raise


def _run() -> None:
    """The command; of output that cannot be written one line."""
    from pipelines.cli import main  # noqa: PLC0415
    from pipelines.commands.errors import FAILED, leave  # noqa: PLC0415

    try:
        try:
            main(prog_name="backfile")
        finally:
            if sys.stdout and not sys.stdout.closed:
                sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has gone
        sys.exit(FAILED)
    except OSError as error:
        if error.filename is not None:
            raise
        leave(f"{error.strerror or error}; look at the disk, and at where the output goes", FAILED)


if __name__ == "__main__":
    run()
