"""Why a file became what it became."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from pipelines.jekyll.config import read_site
from pipelines.jekyll.explain import Step, explain
from tests.jekyll.sites import HERALD, NOW, POST, make


def steps(file: str | Path, root: Path = HERALD) -> dict[str, Step]:
    found = explain(read_site(root), Path(file), NOW)
    json.dumps([asdict(step) for step in found])
    assert found[-1].name == "outcome"
    return {step.name: step for step in found}


def test_a_post_goes_through_every_step() -> None:
    found = steps("_posts/2021-12-08-202112082206672930.md")
    assert list(found) == [
        "found", "name", "bytes", "fence", "front_matter", "defaults", "date", "categories", "tags", "title",
        "url", "body", "outcome",
    ]  # fmt: skip
    assert "YAML takes it for UTC" in found["date"].said
    assert found["date"].facts["utc"] == "2021-12-08T20:46:18+00:00"
    assert found["date"].facts["local"] == "2021-12-09T04:46:18+08:00"
    assert found["front_matter"].facts["parsed"]["date"] == "2021-12-08 20:46:18 +0000"  # type: ignore[index]
    assert found["outcome"].facts["outcome"] == "published"


@pytest.mark.parametrize(
    ("file", "outcome", "reason", "last"),
    [
        ("_posts/2022-04-19-broken.md", "rejected", "front_matter_broken", "fence"),
        ("_posts/2022-04-20-gbk.md", "rejected", "not_decodable", "name"),
        ("_posts/2022-05-26-bare-zone.md", "rejected", "bad_date", "defaults"),
        ("_posts/2022-04-16-quotes.md", "published", "salvaged", "body"),
        ("_posts/_2022-04-23-special.md", "ignored", "special_name", "name"),
    ],
)
def test_the_steps_end_where_the_trouble_is(file: str, outcome: str, reason: str, last: str) -> None:
    found = steps(file)
    assert (found["outcome"].facts["outcome"], found["outcome"].facts["reason"]) == (outcome, reason)
    assert list(found)[-2] == last


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("old_post/2021-11-01-moved.md", "exclude"),
        ("_site/_posts/2022-04-26-built.md", "destination"),
        ("_config.yml", "in no posts folder"),
        ("_posts/2022-04-15-nowhere.md", "no file"),
        ("_posts", "is a folder"),
        ("/etc/hostname", "outside the site"),
    ],
)
def test_why_a_file_is_not_found(file: str, said: str) -> None:
    found = steps(file)
    assert said in found["found"].said
    assert found["outcome"].facts["outcome"] is None


def test_a_link_is_named_itself_and_not_by_its_target(tmp_path: Path) -> None:
    make(tmp_path, {"site/_posts/2022-04-15-a.md": POST, "out.md": "secret"})
    (tmp_path / "site/_posts/2022-04-16-b.md").symlink_to(tmp_path / "out.md")
    found = steps(tmp_path / "site/_posts/2022-04-16-b.md", tmp_path / "site")
    assert found["outcome"].facts["reason"] == "link_leaves_site"
    assert "secret" not in json.dumps([asdict(step) for step in found.values()])
