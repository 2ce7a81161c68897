"""Messages to the operator's webhook, kept in files of the warehouse until they are delivered.

A message that cannot be delivered is tried again after pauses that grow, for a day; then it is given up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = "messages"
SECONDS: Final = 10
"""How long the webhook may take to answer."""
FIRST_PAUSE: Final = 60
LONGEST_PAUSE: Final = 3600
GIVEN_UP: Final = 24 * 3600
"""Seconds: the pause after the first try, twice as long after each; the longest; and for how long it is tried."""


class Message(NamedTuple):
    """One message that was not yet delivered."""

    file: Path
    text: str
    since: float
    """When it was put there, Unix time."""
    tries: int

    @property
    def due(self) -> float:
        """When it is to be tried next, Unix time."""
        return self.since + sum(min(FIRST_PAUSE << done, LONGEST_PAUSE) for done in range(self.tries))


def put(warehouse: Path, name: str, text: str, now: float) -> None:
    """Keep a message for delivery; one of the same name that is still kept stays as it is."""
    file = warehouse / FOLDER / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        _write(Message(file, text, now, 0))


def _write(message: Message) -> None:
    new = message.file.with_suffix(".new")
    new.write_text(json.dumps({"text": message.text, "since": message.since, "tries": message.tries}), "utf-8")
    new.replace(message.file)


def waiting(warehouse: Path) -> list[Message]:
    """Return the messages that were not yet delivered, the oldest first; a file that is not one is removed."""
    return sorted(_read(warehouse), key=lambda message: (message.since, message.file))


def _read(warehouse: Path) -> Iterator[Message]:
    for file in (warehouse / FOLDER).glob("*.json"):
        try:
            fields = json.loads(file.read_text("utf-8"))
            yield Message(file, str(fields["text"]), float(fields["since"]), min(int(fields["tries"]), 99))
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
            file.unlink(missing_ok=True)


def deliver(warehouse: Path, webhook: str, now: float) -> str | None:
    """Send the messages that are due, as JSON with one `text`; return why one could not be sent, None if all could.

    The first that fails ends the round: the others would fail as well.
    """
    import requests  # noqa: PLC0415  only where there is something to send

    failed = None
    for message in waiting(warehouse):
        if message.due > now:
            continue
        try:
            requests.post(webhook, json={"text": message.text}, timeout=SECONDS).raise_for_status()
        except requests.RequestException as error:
            failed = f"the webhook does not answer as it should ({type(error).__name__}, try {message.tries + 1})"
            if now - message.since < GIVEN_UP:
                _write(message._replace(tries=message.tries + 1))
                break
            failed += f"; given up after a day: {message.text}"
        message.file.unlink(missing_ok=True)
    with suppress(OSError):  # it holds others
        (warehouse / FOLDER).rmdir()
    return failed
