"""A seeded little of the ordeal of mutated files."""

from pathlib import Path

from tests.ordeal import hostile


def test_mutated_files_have_one_outcome_each(tmp_path: Path) -> None:
    said = hostile.mutated_files(tmp_path, seed=7, count=300, say=len)
    assert said["files"] == 300
    assert said["rejected"] > 0 < said["published"]
