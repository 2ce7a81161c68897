"""The arrows between packages: who may import whom."""

import ast
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).parent.parent
ORCHESTRATED = {"definitions", "assets", "checks", "automation"}
LEAVES = ("warehouse.contracts", "warehouse.errors", "pipelines.limits", "pipelines.allowance", "pipelines.untrusted")
ARROWS = {
    "jekyll": ("markup", "markdown", "html", "liquid", "columns"),
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


OWN: Final = {"pipelines", "warehouse", "tests", "benchmarks"}
OFFERED: Final = {"ConfigurableResource", "Config", "Model"}
"""Classes of Dagster that its documentation offers for subclassing."""
CODE = sorted(path for folder in OWN for path in (ROOT / folder).rglob("*.py"))


def private_names(path: Path) -> set[str]:
    """Return the private names of other libraries that the file imports or reads, and the classes of Dagster that it
    extends without being offered them."""
    tree = ast.parse(path.read_text("utf-8"))
    others = {name for name in imported(tree) if name.partition(".")[0] not in OWN | sys.stdlib_module_names}
    found = {name for name in others if "._" in name or name.startswith("dagster_shared")}
    aliases = {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
        if (node.module or "" if isinstance(node, ast.ImportFrom) else alias.name).partition(".")[0]
        in {name.partition(".")[0] for name in others}
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            if node.attr.startswith("_") and not node.attr.startswith("__"):
                found.add(ast.unparse(node))
        elif isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base) for base in node.bases}
            found |= {base for base in bases if base.startswith("dg.") and base[3:] not in OFFERED}
    return found


@pytest.mark.parametrize("path", CODE, ids=named)
def test_other_libraries_are_used_by_their_public_names(path: Path) -> None:
    assert private_names(path) == set()


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
    assert {name.partition(".")[0] for name in found if not name.startswith("warehouse.errors")} <= light
    allowed = ("pipelines.commands", *(f"pipelines.{name}" for name in COMMON))
    assert all(name.startswith(allowed) for name in found if name.startswith("pipelines."))
