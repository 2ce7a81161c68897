"""Shared fixtures, and the tiers of the tests: `make test` runs all, `make test-fast` those without a tier."""

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
        "markup/test_to_html.py", "warehouse/test_database.py", "warehouse/test_dictionary.py",
        "warehouse/test_models.py", "warehouse/test_repairs.py",
        "warehouse/test_report.py",
        "test_allowance.py", "test_automation.py", "test_automation_storage.py", "test_benchmarks.py", "test_build.py",
        "test_cli.py", "test_cookbook.py", "test_definitions.py", "test_interrupts.py", "test_isolation.py",
        "test_main.py", "test_readme.py",
        "test_workers.py",
    ),
}  # fmt: skip
"""Folders and modules, below this one. `service`: they start a browser or a server. `slow`: they run whole builds or
commands, or generate many inputs. All others are `fast`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tier", choices=["fast", *TIERS], help="Run the tests of this tier alone.")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass over modules of other tiers before they are imported, which takes as long as many tests."""
    wanted = config.getoption("--tier")
    if wanted is None or collection_path.is_dir():
        return None
    return tier(collection_path) != wanted or None


def tier(module: Path) -> str:
    """Return the tier of a module of tests."""
    here = Path(__file__).parent
    found = (name for name, paths in TIERS.items() if any(module.is_relative_to(here / path) for path in paths))
    return next(found, "fast")


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of the bundled sample, built twice with a change between; see tests/documents.py."""
    return documents.sample(tmp_path_factory.mktemp("documents"))


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with listening() as hook:
        yield hook
