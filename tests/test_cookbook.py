"""Every statement of the cookbook runs on the sample and answers what the page says."""

from pathlib import Path

import pytest

from tests import documents

QUESTIONS = documents.questions(documents.COOKBOOK.read_text("utf-8"))


def test_there_are_twenty_questions_at_least() -> None:
    assert len({question.title for question in QUESTIONS}) >= 20


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.title)
def test_each_question_has_its_answer(
    question: documents.Question, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a statement may write files
    answer = documents.answer(sample, question.sql)
    assert question.answer in (answer, ""), "run `make docs`, and look at the answer"
