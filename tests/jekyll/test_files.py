"""Opening files ahead of reading them: in order, few at a time, all closed again."""

from __future__ import annotations

import resource
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path

import pytest

from pipelines.jekyll import files
from pipelines.jekyll.config import read_site
from pipelines.jekyll.documents import Rejection, Rules
from pipelines.jekyll.files import READ_AHEAD, Entry, Ignored, Opened, opened_ahead
from pipelines.jekyll.scan import scan

NOW = datetime(2024, 1, 1, tzinfo=UTC)
MANY = 2 * READ_AHEAD + 3


@pytest.fixture
def listed(tmp_path: Path) -> tuple[Rules, list[Entry]]:
    (tmp_path / "_posts").mkdir()
    (tmp_path / "_config.yml").touch()
    for number in range(MANY):
        (tmp_path / "_posts" / f"2022-01-01-{number:03d}.md").write_text(f"---\n---\n{number}\n")
    site = read_site(tmp_path)
    rows = scan(site).entries.sort("path").select(Entry._fields).iter_rows()
    return Rules.of(site, NOW), [Entry._make(row) for row in rows]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc: open files cannot be counted")


def test_each_is_given_open_in_order(listed: tuple[Rules, list[Entry]]) -> None:
    read = []
    for entry, opened in opened_ahead(*listed):
        assert isinstance(opened, Opened)
        data, _ = files.content(opened.descriptor)
        read.append((entry.path, int(data.split()[-1])))
    assert read == [(f"_posts/2022-01-01-{number:03d}.md", number) for number in range(MANY)]


def test_few_are_open_at_a_time_and_none_afterwards(listed: tuple[Rules, list[Entry]]) -> None:
    before = descriptors()
    assert max(descriptors() - before for _ in opened_ahead(*listed)) == READ_AHEAD
    assert descriptors() == before


def test_none_stays_open_when_reading_is_given_up(listed: tuple[Rules, list[Entry]]) -> None:
    before = descriptors()
    given = opened_ahead(*listed)
    next(given)
    given.close()
    assert descriptors() == before


def test_where_few_may_be_open_each_is_given_all_the_same(listed: tuple[Rules, list[Entry]]) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = {int(path.name) for path in Path("/proc/self/fd").iterdir()}
    free = (number for number in count() if number not in taken)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next(islice(free, 10, None)), hard))
    try:
        given = [type(opened) for _, opened in opened_ahead(*listed)]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert given == [Opened] * MANY


def test_what_is_no_post_is_not_opened(listed: tuple[Rules, list[Entry]]) -> None:
    rules, (entry, *_) = listed
    others = [entry._replace(path="_posts/notes.txt"), entry._replace(kind="pipe")]
    before = descriptors()
    ignored, refused = [opened for _, opened in opened_ahead(rules, others) if descriptors() == before]
    assert isinstance(ignored, Ignored)
    assert isinstance(refused, Rejection)
