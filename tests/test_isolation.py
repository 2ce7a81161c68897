"""A file that fails, takes too long or too much is found, and rejected; the rest of its chunk goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines import chunks, limits, workers
from pipelines.jekyll import bodies
from pipelines.normalise import posts as normalise_posts
from tests import sites
from warehouse import lake

EVIL = "evil"
FAULTS: dict[str, Callable[[], object]] = {
    "digits": lambda: int("1" * 5_000),
    "nested": lambda: json.loads("[" * 100_000),
    "memory": lambda: (_ for _ in ()).throw(MemoryError),
    "any": lambda: WORDS["missing"],
    "panic": lambda: pl.Series([1]).map_elements(_panic, pl.Int64),
    "time": lambda: _spin(600),
}
WORDS: dict[str, str] = {
    "digits": "ValueError: Exceeds the limit",
    "nested": "nested too deep",
    "memory": "MB of memory",
    "any": "KeyError: 'missing'",
    "panic": "PanicException",
    "time": "1 seconds of CPU time",
}


def _panic(_: object) -> None:
    raise pl.exceptions.PanicException("a library of Rust met a fault")


def _spin(seconds: float) -> None:
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        pass


@pytest.fixture(autouse=True)
def _little_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(limits, "seconds", lambda *_: 1.0)
    yield
    workers.stop()


def posts(count: int, *evil: int) -> dict[str, str]:
    return {
        f"_posts/2022-04-{n + 1:02}-{n}.md": sites.post(
            f"t{n}", f"{EVIL if n in evil else 'good'} [a](http://b.example/{n})"
        )
        for n in range(count)
    }


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("evil", [(0,), (3, 4, 9), (11,), tuple(range(12))], ids=str)
def test_what_fails_is_found_among_many(fault: str, evil: tuple[int, ...]) -> None:
    if fault == "time" and len(evil) > 1:
        evil = evil[:1]
    entries = pl.DataFrame({"path": [f"p{n:02}" for n in range(12)], "size_bytes": 10})
    bad = {f"p{n:02}" for n in evil}

    def make(some: pl.DataFrame) -> dict[str, pl.DataFrame]:
        if bad & set(some["path"]):
            FAULTS[fault]()
        return {"near_signatures": _signatures(some)}

    made, failed = chunks.isolated(entries, make, {})
    assert made["near_signatures"]["path"].sort().to_list() == sorted(set(entries["path"]) - bad)
    assert failed.keys() == bad
    assert all(WORDS[fault] in why for why in failed.values())


def _signatures(some: pl.DataFrame) -> pl.DataFrame:
    return some.select("path", month=pl.lit("2022-04"), signature=pl.lit(bytes(128)))


def test_what_is_known_to_fail_is_not_tried() -> None:
    entries = pl.DataFrame({"path": ["a", "b"], "size_bytes": 10})
    seen: list[str] = []

    def make(some: pl.DataFrame) -> dict[str, pl.DataFrame]:
        seen.extend(some["path"])
        return {"near_signatures": _signatures(some)}

    assert chunks.isolated(entries, make, {"a": "died", "z": "another chunk's"})[1] == {"a": "died"}
    assert seen == ["b"]


def test_a_full_disk_is_no_files_fault() -> None:
    def make(_: pl.DataFrame) -> dict[str, pl.DataFrame]:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        chunks.isolated(pl.DataFrame({"path": ["a"], "size_bytes": 10}), make, {})


class TestBuild:
    """A fault is put into the reading or the normalising of what holds a word."""

    @pytest.fixture(params=["reading", "normalising"])
    def faulty(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
        def put(fault: str) -> None:
            if request.param == "reading":
                read = bodies.read

                def of_bodies(posts: Any, *more: Any) -> Any:
                    _fail(fault, posts["body"])
                    return read(posts, *more)

                monkeypatch.setattr(bodies, "read", of_bodies)
            else:
                sources = normalise_posts._sources

                def of_texts(posts: Any, texts: Any, *more: Any) -> Any:
                    _fail(fault, texts["text"])
                    return sources(posts, texts, *more)

                monkeypatch.setattr(normalise_posts, "_sources", of_texts)

        return put

    @pytest.mark.parametrize("fault", FAULTS)
    def test_one_file_is_rejected_and_the_rest_is_as_without_it(
        self, faulty: Callable[[str], None], tmp_path: Path, fault: str
    ) -> None:
        files = posts(9, 4)
        evil = "_posts/2022-04-05-4.md"
        sites.write(tmp_path / "site", {"_config.yml": sites.CONFIG, **files})
        sites.write(tmp_path / "other", {"_config.yml": sites.CONFIG, **{k: files[k] for k in files if k != evil}})
        sites.build(tmp_path / "other", tmp_path / "without")
        faulty(fault)
        sites.build(tmp_path / "site", tmp_path / "with")
        rows = sites.rows(tmp_path / "with", "files")
        bad = rows.filter(pl.col("outcome") == "rejected").row(0, named=True)
        assert (bad["path"], bad["reason"]) == (evil, "not_processed")
        assert WORDS[fault] in bad["detail"]
        found, wanted = (sites.content(tmp_path / name) for name in ("with", "without"))
        assert found.pop("files").filter(pl.col("path") != evil).equals(wanted.pop("files"))
        assert {name for name in found if not found[name].equals(wanted[name])} == set()
        assert sites.failed_audits(sites.current(tmp_path / "with")) == []

    def test_a_later_build_takes_over_the_rejected(self, faulty: Callable[[str], None], tmp_path: Path) -> None:
        site = sites.write(tmp_path / "site", {"_config.yml": sites.CONFIG, **posts(9, 4)})
        faulty("any")
        sites.build(site, tmp_path / "w")
        assert sites.build(site, tmp_path / "w") is None
        sites.write(site, {"_posts/2022-04-20-new.md": sites.post("new")})
        sites.build(site, tmp_path / "w")
        outcomes = sites.rows(tmp_path / "w", "files")["outcome"].value_counts().sort("outcome").rows()
        assert outcomes == [("published", 9), ("rejected", 1)]
        assert lake.scan(sites.current(tmp_path / "w"), "posts").collect().height == 9

    def test_rules_that_change_find_a_post_that_fails_now(
        self, faulty: Callable[[str], None], tmp_path: Path, request: pytest.FixtureRequest
    ) -> None:
        if "reading" in request.node.name:
            pytest.skip("nothing is read where rules changed")
        site = sites.write(tmp_path / "site", {"_config.yml": sites.CONFIG, **posts(9, 4)})
        sites.build(site, tmp_path / "w")
        faulty("any")
        sites.write(site, {"backfile.toml": '[rules.sources]\nkeys = ["whence"]\n'})
        sites.build(site, tmp_path / "w")
        assert rejected(tmp_path / "w") == ["_posts/2022-04-05-4.md"]
        assert sites.rows(tmp_path / "w", "posts").height == 8
        assert sites.failed_audits(sites.current(tmp_path / "w")) == []

    def test_a_program_or_rules_that_no_longer_fail_read_it_again(
        self, faulty: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        site = sites.write(tmp_path / "site", {"_config.yml": sites.CONFIG, **posts(9, 4)})
        with monkeypatch.context():
            faulty("any")
            sites.build(site, tmp_path / "w")
        monkeypatch.undo()
        sites.write(site, {"backfile.toml": '[rules.sources]\nkeys = ["whence"]\n'})
        sites.build(site, tmp_path / "w")
        assert rejected(tmp_path / "w") == []
        assert sites.rows(tmp_path / "w", "posts").height == 9


def rejected(warehouse: Path) -> list[str]:
    return sites.rows(warehouse, "files").filter(outcome="rejected")["path"].to_list()


def _fail(fault: str, bodies: Any) -> None:
    if any(EVIL in body for body in bodies):
        FAULTS[fault]()
