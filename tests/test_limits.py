"""Every limit that docs/guarantees.md promises: what keeps to it passes, what is beyond has its reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines import limits
from pipelines import settings as options
from pipelines.jekyll.config import SiteError, read_site
from pipelines.normalise.rules import RulesError, load_rules
from tests import sites
from tests.jekyll.sites import make, posts, tables

ROOT = Path(__file__).parents[1]


def head(text: str) -> str:
    return f"---\n{text}\n---\nText.\n"


def bomb(levels: int, key: str) -> str:
    """Lists of nine aliases to the level below."""
    lines = ["z0: &z0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"z{n}: &z{n} [{', '.join([f'*z{n - 1}'] * 9)}]" for n in range(1, levels)]
    return head("\n".join([*lines, f"{key}: *z{levels - 1}"]))


def words(count: int) -> str:
    return " ".join(f"cat{n:05d}" for n in range(count))


WITHIN = {
    "size": head("title: t").ljust(limits.FILE_BYTES, "a"),
    "characters": head(f"a: &a {'b' * 350_000}\nx: *a"),
    "values": head(f"x: [{'a,' * (limits.YAML_VALUES - 10)}]"),
    "depth": head(f"x: {'[' * 490}{']' * 490}"),
    "aliases": bomb(3, "x"),
    "terms": head(f"categories: {words(limits.TERMS)}\ntags: {words(limits.TERMS)}\npermalink: /a"),
    "url": head(f'slug: "{"a" * (limits.URL_CHARACTERS - 10)}"\npermalink: /:slug'),
    "integer": head(f"title: 0x{'f' * (limits.INTEGER_BITS // 4)}"),
}
BEYOND = {
    "size": (WITHIN["size"] + "a", "too_large", "393,216"),
    "values": (head(f"x: [{'a,' * limits.YAML_VALUES}]"), "front_matter_too_large", "50,000 values"),
    "depth": (head(f"x: {'[' * 600}{']' * 600}"), "front_matter_too_large", "nested more than 500"),
    "aliases": (bomb(7, "x"), "front_matter_too_large", "50,000 values, aliases expanded"),
    "itself": (head("x: &a [*a]"), "front_matter_too_large", "50,000 values, aliases expanded"),
    "text": (head(f"a: &a {'b' * 350_000}\nx: [*a, *a, *a]"), "front_matter_too_large", "1,048,576 characters"),
    "categories": (head(f"categories: {words(4_000)}"), "too_many_terms", "4,000 categories, the limit is 200"),
    "tags": (head(f"tags: [{words(30_000).replace(' ', ', ')}]"), "too_many_terms", "30,000 tags, the limit is 200"),
    "url": (head(f'slug: "{"a" * 9_000}"\npermalink: /:slug/:slug'), "url_too_long", "12,288"),
    "slug": (head(f'slug: "{"-" * 300_000}"\npermalink: "{"/:slug" * 1_000}"'), "url_too_long", "300,000"),
    "permalink": (head(f'permalink: "{"/:slug" * 10_000}"'), "url_too_long", "60,000"),
}


@pytest.mark.parametrize("limit", WITHIN)
def test_within_a_limit(tmp_path: Path, limit: str) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": WITHIN[limit]})
    assert tables(tmp_path)["files"].row(0, named=True)["outcome"] == "published"


@pytest.mark.parametrize("limit", BEYOND)
def test_beyond_a_limit(tmp_path: Path, limit: str) -> None:
    text, reason, detail = BEYOND[limit]
    make(tmp_path, {"_posts/2022-04-15-a.md": text})
    row = tables(tmp_path)["files"].row(0, named=True)
    assert (row["outcome"], row["reason"]) == ("rejected", reason)
    assert detail in row["detail"]


@pytest.mark.parametrize("key", ["title", "layout", "excerpt", "date", "slug", "categories", "tags", "permalink"])
@pytest.mark.parametrize("levels", [7, 8])
def test_aliases_are_expanded_under_every_key(tmp_path: Path, key: str, levels: int) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": bomb(levels, key)})
    assert tables(tmp_path)["files"].item(0, "reason") == "front_matter_too_large"


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("digits", [3_249, 3_251, 3_572, 4_000, 12_000])
def test_a_longer_integer_stays_text(tmp_path: Path, sign: str, digits: int) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": head(f"title: {sign}0x{'f' * digits}\ntags: [0x{'f_' * digits}]")})
    title = str(posts(tmp_path)["_posts/2022-04-15-a.md"]["title"])
    assert title.removeprefix(sign).startswith("0x") == (digits * 4 > limits.INTEGER_BITS)


def of_configuration(site: Path) -> str:
    with pytest.raises((SiteError, RulesError, options.SettingsError)) as caught:
        load_rules(options.site_file(site)), options.load(site=site), read_site(site)
    return " ".join(str(caught.value).split())


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        *(
            pytest.param(name, "#" * (limits.CONFIGURATION_BYTES + 1), "larger than 1,048,576", id=f"{name}: size")
            for name in ("_config.yml", "_config.toml", "backfile.toml")
        ),
        *(
            pytest.param(name, f"{table}a = {'[' * 3_000}", "nested too deep", id=f"{name}: {table}nested")
            for name, table in (("_config.toml", ""), ("backfile.toml", ""), ("backfile.toml", "[rules]\n"))
        ),
        pytest.param("backfile.toml", f"workers = {'1' * 5_000}", "4,300 digits", id="backfile.toml: digits"),
        pytest.param("_config.yml", bomb(8, "defaults"), "50,000 values, aliases expanded", id="_config.yml: aliases"),
        pytest.param("_config.yml", bomb(7, "kramdown"), "50,000 values, aliases expanded", id="_config.yml: kramdown"),
        pytest.param("_config.yml", f"x: {'[' * 3_000}", "nested", id="_config.yml: nested"),
    ],
)
def test_a_configuration_beyond_a_limit_is_one_line(tmp_path: Path, name: str, text: str, message: str) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": head("title: t"), name: text})
    line = of_configuration(tmp_path)
    assert name in line
    assert message in line


@pytest.mark.parametrize("name", ["_config.yml", "_config.toml", "backfile.toml"])
def test_a_configuration_that_is_a_pipe_is_one_line(tmp_path: Path, name: str) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": head("title: t")})
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    assert "not a regular file" in of_configuration(tmp_path)


def test_a_scan_cache_that_is_a_pipe_is_made_anew(tmp_path: Path) -> None:
    site = sites.write(tmp_path / "site", {"_posts/2022-04-15-a.md": head("title: t")})
    sites.build(site, tmp_path / "w")
    (tmp_path / "w" / "scan.parquet").unlink()
    os.mkfifo(tmp_path / "w" / "scan.parquet")
    assert sites.build(site, tmp_path / "w") is None
    assert (tmp_path / "w" / "scan.parquet").is_file()


def test_numbers_in_a_configuration_may_have_any_length(tmp_path: Path) -> None:
    make(tmp_path, {"_posts/2022-04-15-a.md": head("title: t")}, f"title: 0x{'f' * 3_800}\nlang: -0x{'f' * 4_000}\n")
    assert len(posts(tmp_path)) == 1


@pytest.mark.parametrize("name", [name for name in vars(limits) if name.isupper()])
def test_every_limit_is_documented(name: str) -> None:
    assert f"{getattr(limits, name):,}" in (ROOT / "docs" / "guarantees.md").read_text("utf-8")
