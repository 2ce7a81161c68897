"""A seeded little of the ordeals of mutated and of generated files."""

from pathlib import Path

from tests.ordeal import generated, hostile


def test_mutated_files_have_one_outcome_each(tmp_path: Path) -> None:
    said = hostile.mutated_files(tmp_path, seed=7, count=300, say=len)
    assert said["files"] == 300
    assert said["rejected"] > 0 < said["published"]


def test_generated_files_cost_no_more_than_a_file_may(tmp_path: Path) -> None:
    said = generated.generated_files(tmp_path, seed=7, count=120, say=len)
    assert said["files"] == 120 + len(generated.ONCE_TOO_SLOW)
    assert min(said[outcome] for outcome in ("published", "rejected", "refused")) > 0
