"""Messages that wait for the webhook: tried again after pauses that grow, for a day."""

from itertools import pairwise
from pathlib import Path

import pytest

from pipelines import messages
from tests.webhook import Webhook


def test_a_message_is_sent_and_forgotten(webhook: Webhook, tmp_path: Path) -> None:
    messages.put(tmp_path, "one", "a build failed", 0)
    assert messages.deliver(tmp_path, webhook.url, 0) is None
    assert webhook.texts == ["a build failed"]
    assert list(tmp_path.iterdir()) == []


def test_a_message_that_waits_is_not_replaced(tmp_path: Path) -> None:
    messages.put(tmp_path, "one", "first", 0)
    messages.put(tmp_path, "one", "second", 9)
    assert [message.text for message in messages.waiting(tmp_path)] == ["first"]


def tried(tmp_path: Path, webhook: Webhook) -> list[int]:
    """The seconds at which a message is tried that the webhook never takes."""
    messages.put(tmp_path, "one", "a build failed", 0)
    times: list[int] = []
    for second in range(0, 100_000, 60):
        before = len(webhook.texts)
        messages.deliver(tmp_path, webhook.url, second)
        times += [second] * (len(webhook.texts) - before)
    return times


def test_the_pauses_grow_for_a_day(webhook: Webhook, tmp_path: Path) -> None:
    webhook.status = 500
    times = tried(tmp_path, webhook)
    assert times[:7] == [0, 60, 180, 420, 900, 1860, 3780]
    assert {later - earlier for earlier, later in pairwise(times[7:])} == {3600}
    assert 24 * 3600 <= times[-1] < 25 * 3600
    assert messages.waiting(tmp_path) == []


def test_the_first_that_fails_keeps_the_others_waiting(webhook: Webhook, tmp_path: Path) -> None:
    webhook.status = 500
    messages.put(tmp_path, "one", "first", 0)
    messages.put(tmp_path, "two", "second", 1)
    assert "does not answer" in str(messages.deliver(tmp_path, webhook.url, 2))
    assert webhook.texts == ["first"]
    webhook.status = 200
    assert messages.deliver(tmp_path, webhook.url, 90) is None
    assert webhook.texts == ["first", "first", "second"]


def test_nobody_listens(tmp_path: Path) -> None:
    messages.put(tmp_path, "one", "first", 0)
    assert "ConnectionError" in str(messages.deliver(tmp_path, "http://127.0.0.1:9/", 0))
    assert len(messages.waiting(tmp_path)) == 1


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "[" * 9000, '{"text": 1, "since": 1e999, "tries": "x"}'], ids=range(5)
)
def test_a_file_that_is_not_a_message_is_removed(content: str, tmp_path: Path) -> None:
    messages.put(tmp_path, "one", "first", 0)
    (tmp_path / messages.FOLDER / "two.json").write_text(content)
    assert [message.text for message in messages.waiting(tmp_path)] == ["first"]
    assert [file.name for file in (tmp_path / messages.FOLDER).iterdir()] == ["one.json"]
