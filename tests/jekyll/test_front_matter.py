"""Fences, the two readers of front matter and their agreement, salvage and what it refuses, the JSON column."""

from __future__ import annotations

import json
import weakref

import pytest
from hypothesis import example, given, settings

from pipelines.jekyll import front_matter, loader, ruby
from pipelines.jekyll.flat_lines import STRUCTURED, UnsalvageableError, flat, salvage
from pipelines.jekyll.front_matter import FrontMatter, split, to_json
from pipelines.jekyll.loader import YamlError, YamlLimitError
from tests.jekyll.strategies import HEADS


def read(text: str) -> FrontMatter:
    found = split(text)
    assert found is not None
    return front_matter.read(text, found)


@pytest.mark.parametrize(
    ("text", "head", "body"),
    [
        pytest.param("---\na: b\n---\nBody\n", "---\na: b\n", "Body\n", id="plain"),
        pytest.param("---\n---\nBody\n", "---\n", "Body\n", id="empty"),
        pytest.param("---\na: b\n...\nBody\n", "---\na: b\n", "Body\n", id="closed by dots"),
        pytest.param("---  \na: b\n---\t \nBody\n", "---  \na: b\n", "Body\n", id="blanks after the fences"),
        pytest.param("---\na: b\n---\n\n\n  Body\n", "---\na: b\n", "  Body\n", id="empty lines after it are eaten"),
        pytest.param("---\na: b\n---", "---\na: b\n", "", id="no line end at the end"),
        pytest.param("---\na: b\n---\n \t", "---\na: b\n", "", id="nothing but blanks after it"),
        pytest.param("---\r\na: b\r\n---\r\nBody\r\n", "---\r\na: b\r\n", "Body\r\n", id="CRLF"),
        pytest.param(
            "---\na: 1\n---\n---\nb: 2\n---\nBody\n", "---\na: 1\n", "---\nb: 2\n---\nBody\n", id="the first of two"
        ),
        pytest.param("---\n\n\na: b\n---\nB", "---\n\n\na: b\n", "B", id="empty lines within"),
        pytest.param("---\na: b\n ---\n---\nB", "---\na: b\n ---\n", "B", id="an indented fence is none"),
        pytest.param("---\na: b\n---x\n---\nB", "---\na: b\n---x\n", "B", id="text after the fence"),
    ],
)
def test_the_first_two_fences_enclose_it(text: str, head: str, body: str) -> None:
    found = split(text)
    assert found is not None
    assert (text[: found.end], text[found.body :]) == (head, body)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("Body\n", id="no fence"),
        pytest.param("---\na: b\n\nBody\n", id="never closed"),
        pytest.param("\n---\na: b\n---\n", id="a line before"),
        pytest.param(" ---\na: b\n---\n", id="a blank before"),
        pytest.param("----\na: b\n----\n", id="four dashes"),
        pytest.param("---yaml\na: b\n---\n", id="text after the fence"),
        pytest.param("---\ra: b\r---\r", id="CR alone"),
        pytest.param("+++\na = 1\n+++\n", id="TOML"),
        pytest.param("---", id="one fence and nothing"),
    ],
)
def test_what_is_no_front_matter(text: str) -> None:
    assert split(text) is None


def test_fences_are_found_in_linear_time() -> None:
    assert split("---" + "\n" * 2_000_000) is None
    assert split("---\n" + "--- x\n" * 300_000) is None


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param("title: a b\ndate: x\n", {"title": "a b", "date": "x"}, id="plain"),
        pytest.param('title: "a: b # c"\n', {"title": "a: b # c"}, id="double quotes"),
        pytest.param("title: 'a \"b\"'\n", {"title": 'a "b"'}, id="single quotes"),
        pytest.param("title:\n\n# note\nx: 1\n", {"title": None, "x": 1}, id="null, comment, empty line"),
        pytest.param("tags: [a, 'b c', \"d\", 1]\n", {"tags": ["a", "b c", "d", 1]}, id="flow list"),
        pytest.param("tags:\n- a\n- b c\nx: y\n", {"tags": ["a", "b c"], "x": "y"}, id="block list"),
        pytest.param("tags:\n  - a\n  - '1'\n", {"tags": ["a", "1"]}, id="indented block list"),
        pytest.param("a: 1\na: 2\n", {"a": 2}, id="the last of two"),
        pytest.param("title: 财经：新闻\n", {"title": "财经：新闻"}, id="full-width colon"),
    ],
)
def test_the_flat_reader_reads(lines: str, expected: dict[str, object]) -> None:
    assert flat("---\n" + lines) == expected == loader.load("---\n" + lines)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param("title: a: b\n", id="colon and blank"),
        pytest.param("title: a # b\n", id="comment"),
        pytest.param("title: a\n  b\n", id="goes on"),
        pytest.param("title: a\n\n  b\n", id="goes on after an empty line"),
        pytest.param("a:\n  b: c\n", id="nested"),
        pytest.param('title: "a\\tb"\n', id="escape"),
        pytest.param("title: >\n  a\n", id="block"),
        pytest.param("title: &a b\n", id="anchor"),
        pytest.param("title: *a\n", id="alias"),
        pytest.param("yes: no\n", id="a key that is no text"),
        pytest.param("title: a\u2028b\n", id="line separator"),
        pytest.param("title: 1._5\n", id="no number to Ruby"),
    ],
)
def test_the_flat_reader_declines(lines: str) -> None:
    assert flat("---\n" + lines) is None


@settings(max_examples=600, deadline=None)
@given(HEADS)
@example("---\ntags: [a,\n")
@example("---\ntitle: a\n \n  b\n")
@example("---\ntitle: - a\n")
def test_where_the_flat_reader_answers_it_answers_as_the_loader(head: str) -> None:
    data = flat(head)
    if data is not None:
        loaded = loader.load(head)
        assert ({} if loaded is None else loaded) == data
        assert [type(value) for value in data.values()] == [type(value) for value in (loaded or {}).values()]  # type: ignore[attr-defined]


@settings(max_examples=300, deadline=None)
@given(HEADS)
def test_salvage_keeps_whole_values_or_refuses(head: str) -> None:
    try:
        data = salvage(head)
    except UnsalvageableError:
        return
    for key, value in data.items():
        written = next(line for line in head.split("\n") if line.startswith(f"{key}:")).partition(":")[2].strip(" ")
        if isinstance(value, str) and key not in STRUCTURED:
            assert value in (written, written[1:-1])


@pytest.mark.parametrize(
    ("lines", "key", "expected"),
    [
        pytest.param('title: "a "b" c"\ntags: [x]\n', "title", 'a "b" c', id="inner quotes"),
        pytest.param("title: a: b\n", "title", "a: b", id="unquoted colon"),
        pytest.param("title: &#xc8;re\n", "title", "&#xc8;re", id="a stray entity"),
        pytest.param("title: @home\n", "title", "@home", id="at"),
        pytest.param("title: [Release] version 1\n", "title", "[Release] version 1", id="brackets"),
        pytest.param("title: 'it's'\n", "title", "it's", id="single quote within"),
        pytest.param('title: "path \\d"\n', "title", "path \\d", id="backslash that escapes nothing"),
        pytest.param('title: "美国"制裁"升级"\n', "title", '美国"制裁"升级', id="inner quotes without blanks"),
        pytest.param('title: "a" and b\n', "title", '"a" and b', id="quotes that do not enclose"),
        pytest.param("title: %d items\n", "title", "%d items", id="percent"),
    ],
)
def test_salvage_reads_plain_lines(lines: str, key: str, expected: str) -> None:
    found = read(f"---\n{lines}---\nBody\n")
    assert found.state == "salvaged"
    assert found.data[key] == expected
    assert found.error is not None
    assert " at line " in found.error


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param("title: a\ngoes on\n", id="a line that is no key"),
        pytest.param("title: t\n\ttags: [x]\n", id="tab"),
        pytest.param("title: t\ntags: [a, b\n", id="a list never closed"),
        pytest.param("title: a: b\ntags: [a,, b]\n", id="tags that would be a guess"),
        pytest.param("title: a: b\ncategories: @x\n", id="categories that would be a guess"),
        pytest.param("title: a: b\ndate: @now\n", id="a date that would be a guess"),
        pytest.param("title: a: b # c\n", id="what may be a comment"),
        pytest.param('title: "a \\"b" c\\""\n', id="some quotes escaped"),
        pytest.param('title: "a: b\n', id="a quote never closed"),
        pytest.param('title: "a" and "b"\n', id="quotes that may enclose the whole or parts"),
        pytest.param("title: a: b\ntitle: c\n", id="a key twice"),
        pytest.param("title: a: b\nmap:\n  x: y\n", id="nested"),
        pytest.param("title: a\x08b\n", id="control character"),
        pytest.param("title: a\ntags:[x]\n", id="no blank after the colon"),
        pytest.param("- a\n- b: [\n", id="a list"),
        pytest.param("title: a: b\nnote: |\n", id="block"),
    ],
)
def test_salvage_refuses_to_guess(lines: str) -> None:
    with pytest.raises(YamlError, match="not salvaged"):
        read(f"---\n{lines}---\nBody\n")


def test_front_matter_that_is_no_mapping_is_broken() -> None:
    with pytest.raises(YamlError, match="a list"):
        read("---\n- a\n- b\n---\n")


@pytest.mark.parametrize("lines", ["# note\n", "\n", "false\n", ""], ids=["comment", "empty line", "false", "nothing"])
def test_front_matter_that_holds_nothing_is_clean(lines: str) -> None:
    assert read(f"---\n{lines}---\nBody\n") == FrontMatter({}, "clean")


def test_limits() -> None:
    with pytest.raises(YamlLimitError, match="nested"):
        read("---\nx: " + "[" * 900 + "]" * 900 + "\n---\n")
    with pytest.raises(YamlLimitError, match="values"):
        read("---\nx: [" + "[]," * 60_000 + "]\n---\n")
    with pytest.raises(YamlLimitError, match="characters"):
        read(f"---\na: &a {'a' * 400_000}\nx: [*a, *a]\n---\n")


def test_json_holds_every_key_and_dates_as_written() -> None:
    data = read("---\ndate: 2022-04-15 10:00:00\nday: 2022-04-15\nm: {a: [1, ~, .inf]}\n1: x\n---\n").data
    assert json.loads(to_json(data)) == {
        "date": "2022-04-15 10:00:00",
        "day": "2022-04-15",
        "m": {"a": [1, None, "Infinity"]},
        "1": "x",
    }


def test_a_mapping_within_a_key_is_read_as_psych_and_safe_yaml_do() -> None:
    assert ruby.to_s(read("---\ntitle: {{ page.x }}\n---\n").data["title"]) == "{}"


def test_a_null_key_shifts_what_follows_as_in_safe_yaml() -> None:
    data = loader.load("---\n~: 5\ntitle: t\n")
    assert ruby.to_s(data) == '{5=>"title"}'


def test_a_text_that_the_flat_reader_declines_is_not_kept() -> None:
    class Text(str):
        __slots__ = ("__weakref__",)

    text = Text("---\nkey: {a: &b c}\n")
    kept = weakref.ref(text)
    assert flat(text) is None
    del text
    assert kept() is None
