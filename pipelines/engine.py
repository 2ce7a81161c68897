"""An engine on which chunks run instead of in processes of this machine: dask.distributed, by its scheduler's address.

Scheduler and workers are started, fed and watched by somebody else. They see the site's and the warehouse's folders
under the same paths as this machine and have the same Backfile installed; every worker says so before each chunk.
A worker imports this module; distributed itself is imported to connect only.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import xxhash

from pipelines.jekyll.config import Site
from pipelines.workers import EngineError, WorkerError

if TYPE_CHECKING:
    from pipelines.chunks import Chunk

PATIENCE: Final = 10.0
"""Seconds within which a scheduler answers, and has a worker."""
LONGEST_HELLO: Final = 1 << 20
"""Bytes; it is some hundreds. A client would wait for ever for what another service seems to announce."""
LOGS: Final = "see in their logs why"
"""One on which Backfile is not installed dies as soon as it is handed a chunk, and has not said why here."""
PACKAGES: Final = ("pipelines", "warehouse")


def _made() -> dict[str, str]:
    """What decides, beside files and settings, what a chunk's tables are: Python, Backfile's code, its libraries."""
    code = xxhash.xxh3_128()
    root = Path(__file__).parent.parent
    for path in sorted(path for package in PACKAGES for path in (root / package).rglob("*")):
        if path.suffix in (".py", ".toml", ".sql"):
            code.update(f"{path.relative_to(root).as_posix()}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    found = {"Python": f"{sys.version_info.major}.{sys.version_info.minor}", "Backfile": code.hexdigest()[:12]}
    for needed in metadata.requires("backfile") or ():
        name, _, condition = needed.partition(";")
        if "extra" not in condition:
            name = re.match(r"[\w.-]+", name)[0]  # type: ignore[index] # every requirement begins with a name
            found[name] = metadata.version(name)
    return found


MADE: Final = _made()
"""As this module was imported: a worker that has run since before an update still has the old code."""


def demand(address: str) -> None:
    """Whether a scheduler answers at the address, before anything is begun. Costs no import of distributed.

    Raises:
        EngineError: what is missing, in one line.
    """
    if not find_spec("distributed"):
        raise EngineError("BACKFILE_ENGINE needs a further package: install backfile[dask]")
    where = urlsplit(address)
    try:
        with socket.create_connection((where.hostname, where.port), PATIENCE) as connection:
            hello = connection.recv(8)  # a scheduler speaks first, and this is the length of what it says
        if len(hello) < 8 or int.from_bytes(hello, "little") > LONGEST_HELLO:
            raise ConnectionError("what answers is no scheduler")
    except OSError as error:
        raise EngineError(
            f"no scheduler of dask at {address} ({error}); start it, mend BACKFILE_ENGINE, or unset it to build here"
        ) from None


class Engine(Executor):
    """Runs each call, whose first argument is a chunk, on one of the engine's workers.

    Raises:
        EngineError: it cannot be reached, or has no workers.
    """

    def __init__(self, address: str) -> None:
        demand(address)
        import distributed  # noqa: PLC0415  only where an engine is used

        self.address = address
        scheduler = address.replace("dask://", "tcp://")
        try:
            self._client = distributed.Client(scheduler, timeout=PATIENCE, set_as_default=False)
        except OSError as error:
            raise EngineError(f"{address} is no scheduler of dask ({error}); mend BACKFILE_ENGINE") from None
        # Never pure: two equal calls are two attempts.
        self._calls = self._client.get_executor(pure=False)
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            self.shutdown(cancel_futures=True)
            raise EngineError(f"the scheduler at {address} has no workers; start some") from None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = self._calls.submit(_call, MADE, fn, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._calls.shutdown(wait=wait and not cancel_futures)
        self._client.close()

    def demand_workers(self) -> None:
        """Whether any is left.

        Raises:
            WorkerError: none, and what was not done waits for ever.
        """
        if not self._client.nthreads():
            raise WorkerError(
                f"the scheduler at {self.address} has no workers left; {LOGS}, start some and run the build again"
            )

    def explained(self, error: BaseException) -> Exception | None:
        """The error of a call in words for people; None where it is the call's own."""
        from distributed import CancelledError, KilledWorker  # noqa: PLC0415  as above

        if isinstance(error, CancelledError):
            return WorkerError(f"the scheduler at {self.address} was lost; run the build again")
        if isinstance(error, KilledWorker):
            return WorkerError(
                f"several workers of {self.address} died over the same chunk, perhaps for want of memory; {LOGS}, "
                "mend it and run the build again"
            )
        if isinstance(error, ImportError | AttributeError) or "deserializ" in str(error):
            return EngineError(
                f"the scheduler or a worker of {self.address} cannot load Backfile; "
                "install there what is installed here, and start them anew"
            )
        return None


def _call(made: dict[str, str], function: Callable[..., Any], chunk: Chunk, *arguments: Any) -> Any:
    """On a worker: the function of the chunk, once the worker is seen to be able to."""
    try:
        demand_same(made)
        demand_folders(chunk, *(argument for argument in arguments if isinstance(argument, Site)))
    except EngineError as error:
        raise EngineError(f"a worker on {socket.gethostname()} {error}") from None
    return function(chunk, *arguments)


def demand_same(made: dict[str, str]) -> None:
    """Whether what is made here equals what is made where it was called from.

    Raises:
        EngineError: what differs.
    """
    unlike = [name for name in made if made[name] != MADE.get(name)]
    if unlike:
        said = ", ".join(f"{name} {MADE.get(name, 'none')}, not {made[name]}" for name in unlike)
        raise EngineError(f"has {said}; install there what is installed here, and start it anew")


def demand_folders(chunk: Chunk, *sites: Site) -> None:
    """Whether the warehouse and the site are seen here: the very build, and at least one file as it was when listed.

    Raises:
        EngineError: which is not.
    """
    if not chunk.build.is_dir():
        raise EngineError(f"does not see {chunk.build}; share the warehouse's folder under the same path")
    for site in sites:
        if not any(
            _as_listed(site, *row) for row in chunk.entries.select("path", "raw", "size_bytes", "mtime_ns").rows()
        ):
            raise EngineError(f"does not see the posts of {site.source}; share the site's folder under the same path")


def _as_listed(site: Site, path: str, raw: bytes | None, size: int, mtime_ns: int) -> bool:
    try:
        status = os.lstat(f"{site.source}/{path if raw is None else os.fsdecode(raw)}")
    except OSError:
        return False
    # Whole seconds: not every shared file system knows finer ones.
    return (status.st_size, status.st_mtime_ns // 10**9) == (size, mtime_ns // 10**9)
