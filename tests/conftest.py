"""What several modules of tests share: the sample that the documents speak of."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import documents
from tests.webhook import Webhook, listening


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of the bundled sample, built twice with a change between; see tests/documents.py."""
    return documents.sample(tmp_path_factory.mktemp("documents"))


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with listening() as hook:
        yield hook
