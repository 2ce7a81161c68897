"""The arrows between packages: who may import whom."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORCHESTRATED = {"definitions", "assets", "checks", "automation"}
LEAVES = ("warehouse.contracts", "pipelines.limits", "pipelines.allowance", "pipelines.untrusted")
ARROWS = {
    "jekyll": ("markup", "markdown", "html", "liquid"),
    "normalise": ("liquid", "columns"),
    "markup": ("html",),
    "markdown": ("html", "liquid", "columns"),
    "html": (),
    "liquid": (),
    "columns": (),
}
"""What each package of the domain imports, beside itself and the leaves."""
COMMON = {"cli", "terminal", "formats"}
"""Modules that every command has imported."""
MODULES = sorted([*(ROOT / "pipelines").rglob("*.py"), *(ROOT / "warehouse").rglob("*.py")])


def imports(path: Path) -> set[str]:
    """Every module that the file imports, at the top or within functions."""
    return imported(ast.parse(path.read_text("utf-8")))


def imported(tree: ast.AST) -> set[str]:
    """Every module imported somewhere in the tree; `from a import b` gives a and a.b."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def reaches(path: Path, *packages: str) -> set[str]:
    """What the file imports of these packages."""
    return {
        name for name in imports(path) if any(name == package or name.startswith(f"{package}.") for package in packages)
    }


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


each_module = pytest.mark.parametrize("path", MODULES, ids=named)
each_of_warehouse = pytest.mark.parametrize("path", [path for path in MODULES if "warehouse" in path.parts], ids=named)


@each_module
def test_only_the_orchestrated_modules_import_dagster(path: Path) -> None:
    allowed = path.parent.name == "pipelines" and path.stem in ORCHESTRATED
    assert allowed or not reaches(path, "dagster")


@each_of_warehouse
def test_the_warehouse_never_imports_the_pipelines(path: Path) -> None:
    assert not reaches(path, "pipelines")


@pytest.mark.parametrize(
    ("package", "path"),
    [(package, path) for package in ARROWS for path in sorted((ROOT / "pipelines" / package).rglob("*.py"))],
    ids=lambda value: value if isinstance(value, str) else named(value),
)
def test_a_package_knows_no_more_than_its_arrows_say(package: str, path: Path) -> None:
    known = (*LEAVES, *(f"pipelines.{name}" for name in (package, *ARROWS[package])))
    outside = reaches(path, "pipelines", "warehouse", "dagster", "duckdb")
    assert {name for name in outside if not name.startswith(known)} <= {"warehouse", "pipelines"}


def test_workers_import_neither_dagster_nor_duckdb() -> None:
    assert not reaches(ROOT / "pipelines" / "chunks.py", "dagster", "duckdb", "pydantic_settings")


@pytest.mark.parametrize(
    "path", [path for path in MODULES if "commands" in path.parts or path.stem in COMMON], ids=named
)
def test_commands_import_nothing_heavy_before_they_run(path: Path) -> None:
    """Worker processes import the command's script again, and `--help` is to be quick."""
    tree = ast.parse(path.read_text("utf-8"))
    found = imported(ast.Module([node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], []))
    light = {"click", "pipelines", "__future__", *sys.stdlib_module_names}
    assert {name.partition(".")[0] for name in found} <= light
    allowed = ("pipelines.commands", *(f"pipelines.{name}" for name in COMMON))
    assert all(name.startswith(allowed) for name in found if name.startswith("pipelines."))
