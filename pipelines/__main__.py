"""The process of the command: `backfile`, or `python -m pipelines`."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress


def run() -> None:
    """Run the command, and end its process without freeing its memory piece by piece, which takes a tenth of a small
    build; threads, files and buffers are seen to before."""
    code = 1

    def leave() -> None:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):  # whoever read it has gone
                stream.flush()
        os._exit(code)

    atexit.register(leave)  # before all others, which are imported below: it is called after them
    from pipelines.cli import main  # noqa: PLC0415

    try:
        main(prog_name="backfile")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        raise


if __name__ == "__main__":
    run()
