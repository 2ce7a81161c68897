"""Shared fixtures, and the tiers of the tests: `make test` runs all, `make test-fast` neither `slow` nor `service`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests import documents
from tests.webhook import Webhook, listening

TIERS: Final = {
    "service": ("browser", "test_engine.py", "test_postgres.py", "test_proxy.py"),
    "slow": (
        "commands", "ordeal", "jekyll/test_bodies.py", "jekyll/test_posts.py", "markdown/test_bounds.py",
        "markup/test_to_html.py", "warehouse/test_database.py", "warehouse/test_models.py", "warehouse/test_repairs.py",
        "warehouse/test_report.py",
        "test_allowance.py", "test_automation.py", "test_automation_storage.py", "test_benchmarks.py", "test_build.py",
        "test_cli.py", "test_definitions.py", "test_interrupts.py", "test_isolation.py", "test_readme.py",
        "test_workers.py",
    ),
}  # fmt: skip
"""Folders and modules, below this one, by the marker that their tests get. `service`: they start a browser or a server.
`slow`: they run whole builds or commands, or generate many inputs."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its tier."""
    here = Path(__file__).parent
    for marker, names in TIERS.items():
        paths = [here / name for name in names]
        for item in items:
            if any(item.path.is_relative_to(path) for path in paths):
                item.add_marker(marker)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of the bundled sample, built twice with a change between; see tests/documents.py."""
    return documents.sample(tmp_path_factory.mktemp("documents"))


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with listening() as hook:
        yield hook
