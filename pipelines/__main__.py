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

    atexit.register(end)  # called last
    try:
        from pipelines.cli import command  # noqa: PLC0415  what this brings registers later, and so is called before

        command()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        raise
    except KeyboardInterrupt:
        atexit.unregister(end)  # the shell is to see that it died of the signal
        raise


if __name__ == "__main__":
    run()
