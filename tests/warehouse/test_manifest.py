"""Manifests: what a build's files were, and whether they still are."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.test_publish import build, named
from warehouse import publish
from warehouse.manifest import MANIFEST, WarehouseError, damaged, inventory, read_manifest


def test_the_manifest_is_read_as_written(tmp_path: Path) -> None:
    folder = build(tmp_path, "1")
    assert read_manifest(folder).files.keys() == {publish.DATABASE}


def test_an_undamaged_build_has_no_damage(tmp_path: Path) -> None:
    folder = build(tmp_path, "1")
    assert damaged(folder, read_manifest(folder)) == {}


@pytest.mark.parametrize(
    ("harm", "what"),
    [(os.remove, "missing"), (lambda path: os.truncate(path, 0), "changed"), (Path.stat, None)],
    ids=["missing", "truncated", "sound"],
)
def test_damage_is_noticed(harm: Callable[[Path], None], what: str | None, tmp_path: Path) -> None:
    folder = build(tmp_path, "1")
    (folder / publish.DATABASE).chmod(0o644)
    harm(folder / publish.DATABASE)
    assert damaged(folder, read_manifest(folder)).get(publish.DATABASE) == what


def test_the_manifest_is_no_file_of_the_build(tmp_path: Path) -> None:
    assert inventory(build(tmp_path, "1"), None).keys() == {publish.DATABASE}


def test_a_carried_file_keeps_its_checksum_unread(tmp_path: Path) -> None:
    old = build(tmp_path, "1")
    known = read_manifest(old)
    size, mtime, _ = known.files[publish.DATABASE]
    known.files[publish.DATABASE] = (size, mtime, "known")
    new = publish.begin(tmp_path, named("2"))
    os.link(old / publish.DATABASE, new / publish.DATABASE)
    assert inventory(new, (old, known))[publish.DATABASE][2] == "known"


@pytest.mark.parametrize(
    "changed",
    [
        {"build_id": 1},
        {"versions": ["contract"]},
        {"versions": {"contract": "newest"}},
        {"versions": {"contract": 1}},
        {"now": "soon"},
        {"now": "2022-04-15T00:00:00"},
        {"months": {"../../x": {"files": 1, "fingerprint": ""}}},
        {"months": {"2022-04": 1}},
        {"months": {"2022-04": {"files": "1", "fingerprint": ""}}},
        {"files": {"lake/x": [1, 2]}},
        {"files": {"lake/x": [1, "2", ""]}},
        {"files": {"lake/../../x": [1, 2, ""]}},
        {"files": {"/etc/passwd": [1, 2, ""]}},
        {"files": 7},
        {"more": 1},
    ],
    ids=str,
)
def test_wrong_types_are_one_line(changed: dict[str, Any], tmp_path: Path) -> None:
    folder = build(tmp_path, "1")
    path = folder / MANIFEST
    path.chmod(0o644)
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))
    with pytest.raises(WarehouseError, match="cannot be read"):
        read_manifest(folder)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "1" * 5000, "null"], ids=["[", "{", "1", "null"])
def test_depth_is_one_line(text: str, tmp_path: Path) -> None:
    folder = build(tmp_path, "1")
    (folder / MANIFEST).chmod(0o644)
    (folder / MANIFEST).write_text(text)
    with pytest.raises(WarehouseError, match="cannot be read"):
        read_manifest(folder)
