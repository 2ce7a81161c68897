"""Chunks on an engine: a scheduler of dask and three workers, real processes on loopback, against a build made here."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest

from pipelines import chunks, engine, workers
from pipelines import settings as options
from pipelines.build import open_site
from pipelines.chunks import Chunk
from pipelines.jekyll.config import Site
from pipelines.jekyll.scan import scan
from pipelines.settings import SettingsError
from pipelines.workers import EngineError
from tests import sites
from tests.ordeal import archives, processes, states
from tests.ordeal.processes import Child, running
from warehouse import contracts, lake

pytestmark = [
    pytest.mark.skipif(not find_spec("distributed"), reason="distributed is not installed: backfile[dask]"),
    pytest.mark.xdist_group("engine"),
]


class Cluster:
    """A scheduler and its workers; one of them runs two chunks at a time."""

    def __init__(self, folder: Path, held: ExitStack) -> None:
        known = folder / "scheduler.json"
        quiet = {"DASK_LOGGING__DISTRIBUTED": "error", "POLARS_MAX_THREADS": "1"}

        def start(role: str, *more: str) -> Child:
            module = f"distributed.cli.dask_{role}"
            common = ("--scheduler-file", known, "--host", "127.0.0.1", "--no-dashboard")
            return held.enter_context(running(sys.executable, "-m", module, *common, *more, **quiet))

        start("scheduler", "--port", "0")
        assert processes.until(known.exists, 60)
        local = ("--no-nanny", "--local-directory", str(folder))
        self.workers = [start("worker", *local, "--nthreads", threads) for threads in ("1", "2", "1")]
        self.address = json.loads(known.read_text())["address"].replace("tcp://", "dask://")

    def all_there(self) -> bool:
        from distributed import Client

        with Client(self.address.replace("dask", "tcp"), set_as_default=False) as client:
            client.wait_for_workers(len(self.workers), timeout=60)
        return True


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with ExitStack() as held:
        cluster = Cluster(tmp_path_factory.mktemp("cluster"), held)
        assert cluster.all_there()
        yield cluster


@pytest.fixture(autouse=True)
def _nothing_is_small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(workers, "SMALL", 0)
    monkeypatch.setattr(lake, "PART_FILES", 3)
    yield
    workers.stop()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return archives.make(tmp_path / "site")


def one_chunk(site: Path, build: Path) -> tuple[Chunk, Site]:
    opened, _ = open_site(options.load(site=site))
    entries = scan(opened).entries.with_columns(fresh=pl.lit(True))
    return chunks.split(lake.parted(entries), build, None)[0], opened


class TestOnACluster:
    def test_builds_equal_those_made_here(self, cluster: Cluster, site: Path, tmp_path: Path) -> None:
        for generation in range(2):
            archives.change(site, generation)
            archives.build(site, tmp_path / "there", engine=cluster.address)
            states.assert_same(states.published(tmp_path / "there"), states.scratch(site, tmp_path / "here", workers=1))
        assert states.strays(tmp_path / "there") == []

    def test_a_worker_with_other_libraries_is_named(
        self, cluster: Cluster, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(engine.MADE, "polars", "0.1")
        with pytest.raises(EngineError, match=r"a worker on .* has polars .*, not 0\.1; install there"):
            archives.build(site, tmp_path / "warehouse", engine=cluster.address)

    def test_a_killed_worker_costs_no_post(self, cluster: Cluster, site: Path, tmp_path: Path) -> None:
        """It is stopped first, so that what it was handed waits for its death."""
        victim = cluster.workers.pop()
        victim.signal(signal.SIGSTOP)
        with ThreadPoolExecutor(1) as here:
            built = here.submit(archives.build, site, tmp_path / "there", engine=cluster.address)
            assert processes.until(lambda: list((tmp_path / "there").glob("builds/*.parts/*")) or built.done(), 60)
            assert not built.done()
            victim.kill()
            built.result(120)
        states.assert_same(states.published(tmp_path / "there"), states.scratch(site, tmp_path / "here", workers=1))


class TestAnAttempt:
    """A worker that only seemed to be lost goes on writing."""

    def test_is_no_part_of_the_build_until_it_is_heard_of(self, site: Path, tmp_path: Path) -> None:
        build = tmp_path / "build"
        chunk, opened = one_chunk(site, build)
        first, second = (chunks.read(chunk, opened, sites.NOW) for _ in range(2))
        assert lake.parts(build, "files") == []
        assert not first.written.keys() & second.written.keys()
        chunks.settle([second])
        assert sorted(second.written.values()) == sorted(
            path for name in contracts.READ_TABLES for path in lake.parts(build, name)
        )


class TestWhatAWorkerDemands:
    def test_a_build_that_it_sees(self, site: Path, tmp_path: Path) -> None:
        chunk, opened = one_chunk(site, tmp_path / "elsewhere")
        with pytest.raises(EngineError, match=r"does not see .*elsewhere"):
            engine.demand_folders(chunk, opened)

    def test_a_site_with_the_files_that_were_listed(self, site: Path, tmp_path: Path) -> None:
        chunk, opened = one_chunk(site, tmp_path)
        engine.demand_folders(chunk, opened)
        for path in (site / "_posts").rglob("*.md"):
            os.utime(path, (0, 0))
        with pytest.raises(EngineError, match="does not see the posts of"):
            engine.demand_folders(chunk, opened)

    def test_the_same_backfile(self) -> None:
        engine.demand_same(dict(engine.MADE))
        with pytest.raises(EngineError, match=r"has Backfile .*, not another"):
            engine.demand_same({**engine.MADE, "Backfile": "another"})


class TestWithoutOne:
    @pytest.mark.parametrize("written", ["ray://host:1", "dask://host", "dask://host:99999", "host:8786"])
    def test_an_address_that_is_none(self, written: str) -> None:
        with pytest.raises(SettingsError, match=r"no engine's address; write dask://host:port"):
            options.load(engine=written)

    def test_a_site_does_not_name_one(self, site: Path) -> None:
        (site / "backfile.toml").write_text('engine = "dask://host:8786"\n')
        with pytest.raises(SettingsError, match="engine is no setting of a site"):
            options.load(site=site)

    def test_a_package_that_is_not_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "distributed", None)
        with pytest.raises(EngineError, match=r"install backfile\[dask\]"):
            engine.demand("dask://127.0.0.1:1")

    def test_a_scheduler_that_is_down_is_one_line(self, site: Path, tmp_path: Path) -> None:
        build = (processes.BACKFILE, "build", site, "--warehouse", tmp_path / "warehouse")
        with running(*build, BACKFILE_ENGINE="dask://127.0.0.1:1") as child:
            ended = child.ended()
        assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1)
        assert "no scheduler of dask at dask://127.0.0.1:1" in ended.stderr
        assert not (tmp_path / "warehouse").exists()
