"""What builds see: two states of the files in, the changes out."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines import history
from warehouse import lake

State = dict[str, str | None]


def files(state: State) -> pl.DataFrame:
    return pl.DataFrame(
        {"path": list(state), "content_hash": list(state.values())},
        schema={"path": pl.String, "content_hash": pl.String},
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({"a": "1"}, {"a": "1"}, [], id="nothing"),
        pytest.param({}, {"a": "1"}, [("a", "added", None, None, "1")], id="added"),
        pytest.param({"a": "1"}, {}, [("a", "removed", None, "1", None)], id="removed"),
        pytest.param({"a": "1"}, {"a": "2"}, [("a", "edited", None, "1", "2")], id="edited"),
        pytest.param({"a": "1"}, {"b": "1"}, [("b", "moved", "a", "1", "1")], id="moved"),
        pytest.param({"a": "1"}, {"a": "1", "b": "1"}, [("b", "added", None, None, "1")], id="copied"),
        pytest.param(
            {"a": "1", "b": "1"},
            {"c": "1", "d": "1"},
            [("c", "moved", "a", "1", "1"), ("d", "moved", "b", "1", "1")],
            id="two-of-one-content",
        ),
        pytest.param(
            {"a": "1", "b": "1"},
            {"c": "1"},
            [("b", "removed", None, "1", None), ("c", "moved", "a", "1", "1")],
            id="two-become-one",
        ),
        pytest.param(
            {"a": None},
            {"b": None},
            [("a", "removed", None, None, None), ("b", "added", None, None, None)],
            id="unread-files-never-move",
        ),
        pytest.param({"a": None}, {"a": "1"}, [("a", "edited", None, None, "1")], id="readable-at-last"),
        pytest.param(
            {"a": "1", "b": "2"},
            {"a": "2", "b": "1"},
            [("a", "edited", None, "1", "2"), ("b", "edited", None, "2", "1")],
            id="exchanged",
        ),
    ],
)
def test_changes(old: State, new: State, expected: list[tuple[str | None, ...]]) -> None:
    assert history.changes(files(old), files(new)).rows() == expected


WRITTEN = [
    pytest.param([("2022-01", 2), ("2022-03", 2)], {"year=2022/data": 4}, id="a-year-that-fits"),
    pytest.param([("2022-01", 2), ("2023-01", 3)], {"year=2022/data": 2, "year=2023/data": 3}, id="years"),
    pytest.param([("2022-01", 0)], {}, id="none"),
    pytest.param([("2022-01", 9)], {"year=2022/01-0001": 9}, id="one-build-in-one-file"),
    pytest.param(
        [("2022-01", 3), ("2022-02", 2)], {"year=2022/01-0001": 3, "year=2022/02-0001": 2}, id="a-year-that-outgrows-it"
    ),
    pytest.param(
        [("2022-01", 5), ("2022-02", 2), ("2022-02", 2), ("2022-02", 1), ("2022-03", 1)],
        {"year=2022/01-0001": 5, "year=2022/02-0001": 4, "year=2022/02-0002": 1, "year=2022/03-0001": 1},
        id="the-months-last-file",
    ),
]


@pytest.mark.parametrize(("builds", "expected"), WRITTEN)
def test_changes_join_the_last_file_while_it_has_room(
    builds: list[tuple[str, int]], expected: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake, "PART_FILES", 4)
    previous, build = None, tmp_path
    for number, (month, count) in enumerate(builds):
        build = tmp_path / str(number)
        seen = history.changes(files({}), files({f"{number}-{one}": None for one in range(count)}))
        seen_at = datetime.fromisoformat(f"{month}-01").replace(tzinfo=UTC)
        for _ in range(2):  # a step that is tried again writes nothing twice
            history.write_changes(build, previous, seen, str(number), seen_at)
        previous = build
    found = {
        path.relative_to(lake.folder(build, "changes")).with_suffix("").as_posix(): pl.read_parquet(path).height
        for path in lake.parts(build, "changes")
    }
    assert found == expected
