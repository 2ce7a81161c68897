"""Keys of spellings."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.normalise.rules import load_rules
from pipelines.normalise.terms import key, tidy

RULES = load_rules().terms


@pytest.mark.parametrize(
    "spellings",
    [
        pytest.param(["TechWeb", "Techweb", "TECHWEB"], id="case"),
        pytest.param(["Ｐｙｔｈｏｎ", "Python"], id="full-width letters"),
        pytest.param(["新闻　", " 新闻 ", "新闻"], id="blanks at the ends, ideographic too"),
        pytest.param(
            ["machine-learning", "machine_learning", "Machine Learning", "machine - learning"], id="separators"
        ),
        pytest.param(["a,", "a，", "a、", "a；", "a"], id="commas left by splitting"),
        pytest.param(["[a", "a]", "a"], id="half a bracket"),
        pytest.param(['"a', "“a”", "a"], id="quotes"),
        pytest.param(["人民郵電報", "人民邮电报"], id="traditional and simplified"),
        pytest.param(["R&amp;D", "R&#38;D", "R&D", "r&amp;amp;d"], id="HTML entities"),
        pytest.param(["caf\u00e9", "cafe\u0301"], id="composed and decomposed"),
        pytest.param(["ﬁle", "file"], id="ligature"),
        pytest.param(["İpucu", "ipucu"], id="dotted I"),
        pytest.param(["zero\u200bwidth", "zerowidth", "\ufeffzerowidth"], id="invisible characters"),
        pytest.param(["iOS 开发", "iOS开发", "ios-开发"], id="blank between Latin and Chinese"),
        pytest.param(["#python", "python"], id="hashtag"),
    ],
)
def test_spellings_that_are_one(spellings: list[str]) -> None:
    assert len({key(spelling, RULES) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    "spellings",
    [
        pytest.param(["C", "C#", "C++", "Ｃ／Ｃ＋＋"], id="the Cs"),
        pytest.param(["F", "F#"], id="F sharp"),
        pytest.param(["node.js", "nodejs"], id="a dot may mean something"),
        pytest.param(["machine learning", "machinelearning"], id="blanks are not dropped"),
        pytest.param(["net", ".net"], id="leading dot"),
        pytest.param(["a(b)", "a"], id="brackets with their partner"),
        pytest.param(["36ke", "35ke"], id="digits"),
        pytest.param(["a,b", "ab"], id="commas inside"),
    ],
)
def test_spellings_that_stay_apart(spellings: list[str]) -> None:
    assert len({key(spelling, RULES) for spelling in spellings}) == len(spellings)


@pytest.mark.parametrize("spelling", ["", " ", "　", ",", "，、", "-", "_", '""', "\u200b", "&nbsp;", "("])
def test_nothing_left_is_no_key(spelling: str) -> None:
    assert key(spelling, RULES) is None


def test_simplifying_is_a_rule() -> None:
    written = type(RULES)(ends=RULES.ends, simplify=False)
    assert key("郵電", written) == "郵電"


@settings(max_examples=400, deadline=None)
@given(st.text(st.one_of(st.characters(), st.sampled_from("&amp;#()[]-_ ,，、「」Ａİ郵ß\u0307\u200b")), max_size=20))
def test_a_key_is_its_own_key(spelling: str) -> None:
    made = key(spelling, RULES)
    assert made is None or key(made, RULES) == made


def test_tidy_shows_what_people_meant() -> None:
    assert [tidy(spelling, RULES) for spelling in ("News,", "R&amp;D", "C#", ",")] == ["News", "R&D", "C#", ","]


@pytest.mark.parametrize("spelling", ["([" * 50_000, "#" * 100_000, "&amp;" * 20_000, "a-" * 50_000, " " * 100_000])
def test_long_spellings_cost_linear_time(spelling: str) -> None:
    assert key(spelling, RULES) is None or len(key(spelling, RULES) or "") <= len(spelling)
