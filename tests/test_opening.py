"""What the documents say of opening the warehouse works: the Python runs as it stands, and the SQL answers."""

import ast
import json
import re
from pathlib import Path

import polars as pl
import pytest

from tests import documents

PAGE = documents.OPENING.read_text("utf-8")
CODE = [
    (section.split("\n", 1)[0], found[1])
    for section in PAGE.split("\n## ")
    if (found := re.search(r"```python\n(.*?)```", section, re.DOTALL))
]


def test_there_is_python_for_each_way() -> None:
    assert [title for title, _ in CODE] == ["Python", "Python without Backfile", "Polars", "A notebook"]


@pytest.mark.parametrize("code", [code for _, code in CODE], ids=[title for title, _ in CODE])
def test_the_python_finds_rows(code: str, sample: Path) -> None:
    names: dict[str, object] = {}
    exec(code.replace("data/sample", str(sample)), names)
    found = next(names[name] for name in ("rows", "per_post", "volume") if name in names)
    assert len(found)  # type: ignore[arg-type]
    if "warehouse" in names:
        names["warehouse"].close()  # type: ignore[attr-defined]


NOTEBOOK = json.loads(documents.OPENING.with_name("notebook.ipynb").read_text("utf-8"))


def test_the_notebooks_cells_run_in_order_and_show_rows(sample: Path) -> None:
    names: dict[str, object] = {}
    shown = []
    for cell in NOTEBOOK["cells"]:
        if cell["cell_type"] != "code":
            continue
        body = ast.parse("".join(cell["source"]).replace("data/sample", str(sample)))
        last = body.body.pop()
        exec(compile(body, cell["id"], "exec"), names)
        assert isinstance(last, ast.Expr)
        shown.append(eval(compile(ast.Expression(last.value), cell["id"], "eval"), names))
    frames = [each for each in shown if isinstance(each, pl.DataFrame)]
    assert len(frames) == 6
    assert all(frame.height for frame in frames)


def test_the_notebook_holds_no_output() -> None:
    cells = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
    assert [(cell["outputs"], cell["execution_count"]) for cell in cells] == [([], None)] * len(cells)


@pytest.mark.parametrize("question", documents.questions(PAGE), ids=lambda question: question.title)
def test_the_sql_answers_what_the_page_says(question: documents.Question, sample: Path) -> None:
    assert question.answer == documents.answer(sample, question.sql)


@pytest.mark.parametrize("name", ["warehouse.duckdb", "lake", "builds"])
def test_what_the_page_lists_is_there(name: str, sample: Path) -> None:
    assert f"`data/sample/{name}" in PAGE
    assert (sample / name).exists()
