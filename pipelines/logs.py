"""The log of a service: lines from standard input, without colours or as JSON, to standard output.

    dagster-daemon run 2>&1 | python -m pipelines.logs plain

Dagster's services colour their lines wherever they go, and what their runs write is never JSON.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Callable
from typing import Final

COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")


def plain(line: str) -> str:
    """Return the line without colours."""
    return COLOUR.sub("", line)


def as_json(line: str) -> str:
    """Return the line as a JSON object; one that is not yet JSON becomes its `event`."""
    text = plain(line)
    if text.startswith("{"):
        try:
            return json.dumps(json.loads(text), ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    return json.dumps({"event": text}, ensure_ascii=False)


FORMATS: Final[dict[str, Callable[[str], str]]] = {"plain": plain, "json": as_json}


def main() -> None:
    """Go on until the service closes its output: a signal that ends the service is not for its log."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    shown = FORMATS[sys.argv[1]]
    sys.stdin.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]  # a real stream
    for line in sys.stdin:
        sys.stdout.write(shown(line.rstrip("\n")) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
