"""What builds see: two states of the files in, the changes out."""

import polars as pl
import pytest

from pipelines import history

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
