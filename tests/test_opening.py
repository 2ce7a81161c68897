"""What the documents say of opening the warehouse works: the Python runs as it stands, and the SQL answers."""

import re
from pathlib import Path

import pytest

from tests import documents

PAGE = documents.OPENING.read_text("utf-8")
CODE = [
    (section.split("\n", 1)[0], found[1])
    for section in PAGE.split("\n## ")
    if (found := re.search(r"```python\n(.*?)```", section, re.DOTALL))
]


def test_there_is_python_for_each_way() -> None:
    assert [title for title, _ in CODE] == ["Python", "Polars", "A notebook"]


@pytest.mark.parametrize("code", [code for _, code in CODE], ids=[title for title, _ in CODE])
def test_the_python_finds_rows(code: str, sample: Path) -> None:
    names: dict[str, object] = {}
    exec(code.replace("data/sample", str(sample)), names)
    found = next(names[name] for name in ("rows", "per_post", "volume") if name in names)
    assert len(found)  # type: ignore[arg-type]
    if "warehouse" in names:
        names["warehouse"].close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("question", documents.questions(PAGE), ids=lambda question: question.title)
def test_the_sql_answers_what_the_page_says(question: documents.Question, sample: Path) -> None:
    assert question.answer == documents.answer(sample, question.sql)


@pytest.mark.parametrize("name", ["warehouse.duckdb", "lake", "builds"])
def test_what_the_page_lists_is_there(name: str, sample: Path) -> None:
    assert f"`data/sample/{name}" in PAGE
    assert (sample / name).exists()
