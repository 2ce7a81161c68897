"""Compares what we say of posts with what Jekyll says, field by field.

    python -m tests.parity [SITE ANSWERS]

Without arguments: every site of the shared material (`BACKFILE_SHARED`, or `../shared` beside the checkout):
archives of real
sites with Jekyll's answers, and the site of odd rules, built afresh. With arguments: one folder and a file of answers
(.jsonl or .jsonl.xz). Prints each site's differences by field and the first few; fails on any difference that
docs/decisions/parity.md does not list with its reason and path.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import polars as pl

from pipelines.jekyll import ruby
from pipelines.jekyll.config import Site, read_site
from pipelines.jekyll.defaults import finder
from pipelines.jekyll.documents import document_path
from pipelines.jekyll.posts import read
from pipelines.jekyll.scan import scan

NOW: Final = datetime(2026, 11, 22, 0, 0, 7, tzinfo=UTC)
"""The clock by which the answers were given."""

ROOT: Final = Path(__file__).resolve().parents[1]
LISTED: Final = ROOT / "docs" / "decisions" / "parity.md"
FIELDS: Final = (
    "read", "epoch", "categories", "tags", "slug", "title", "url", "published", "draft", "future", "layout",
)  # fmt: skip
CHUNK: Final = 2000
NOBODY: Final = 65534
SHOWN: Final = 5

REASONS: Final = ("clock_salvaged", "clock_rejected", "link_leaves_site", "aborts", "limit")
"""What a listed difference may come from; docs/decisions/parity.md says what each means."""

Tables = dict[str, pl.DataFrame]
Answer = dict[str, Any]


@dataclass
class Comparison:
    """A site's files, the differences by field (path, theirs, ours), and how many of those are listed."""

    site: str
    answers: int = 0
    differences: dict[str, list[tuple[str, object, object]]] = field(default_factory=dict)
    listed: Counter[str] = field(default_factory=Counter)
    read: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    salvaged: int = 0

    @property
    def unlisted(self) -> int:
        return sum(map(len, self.differences.values()))


def tables_in_process(folder: Path) -> Tables:
    """`files` and `posts` of a site, read here and now. The one function to replace to compare what a build
    has published.
    """
    site = read_site(folder)
    entries = scan(site).entries
    chunks = [entries.slice(at, CHUNK) for at in range(0, len(entries), CHUNK)]
    if len(chunks) <= 2:
        return _joined([_read(site, chunk) for chunk in chunks])
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return _joined(list(pool.map(_read, [site] * len(chunks), chunks)))


def tables_as_nobody(folder: Path) -> Tables:
    """The same as an ordinary user: to the superuser no file is unreadable, and one of the odd rules is a file
    that is.
    """
    site = read_site(folder)
    entries = scan(site).entries
    _read(site, entries.clear())  # modules that load late would not be found as another user
    with _nobody():
        return _joined([_read(site, entries)])


def _joined(parts: list[Tables]) -> Tables:
    return {name: pl.concat([part[name] for part in parts]) for name in ("files", "posts")}


@contextmanager
def _nobody() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def _read(site: Site, chunk: pl.DataFrame) -> Tables:
    tables = read(site, chunk, NOW)
    return {name: tables[name] for name in ("files", "posts")}


def shared() -> Path | None:
    """Where the shared material lies, if it is there."""
    folder = Path(os.environ.get("BACKFILE_SHARED", ROOT.parent / "shared"))
    return folder if folder.is_dir() else None


def answers_of(file: Path) -> Iterator[Answer]:
    with lzma.open(file, "rt", encoding="utf-8") if file.suffix == ".xz" else file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def listed(file: Path = LISTED) -> dict[str, dict[str, str]]:
    """Site -> path -> reason, from the rows `| site | path | reason |` of the decision's table."""
    out: dict[str, dict[str, str]] = {}
    if not file.exists():
        return out
    for line in file.read_text(encoding="utf-8").splitlines():
        found = re.fullmatch(r"\| ([^|`]+) \| `([^`]+)` \| ([a-z_]+) .*\|", line)
        if found:
            out.setdefault(found[1].strip(), {})[found[2]] = found[3]
    return out


def compare(name: str, folder: Path, answers: Path, tables: Callable[[Path], Tables] = tables_in_process) -> Comparison:
    """Jekyll's answers against our tables."""
    site = read_site(folder)
    ours = tables(folder)
    files = {row["path"]: row for row in ours["files"].iter_rows(named=True)}
    posts = {row["path"]: row for row in ours["posts"].iter_rows(named=True)}
    drafts_by_default = finder(site)
    known = listed().get(name, {})
    result = Comparison(name)
    result.rejected = Counter(row["reason"] for row in files.values() if row["outcome"] == "rejected")
    result.salvaged = sum(row["reason"] == "salvaged" for row in files.values())
    seen: set[str] = set()
    for answer in answers_of(answers):
        path = answer["path"]
        seen.add(path)
        result.answers += 1
        result.read += answer["read"]
        post = posts.get(path)
        wrong = _differences(answer, post, drafts_by_default, site)
        for name_of_field, theirs, mine in wrong:
            if path in known:
                result.listed[name_of_field] += 1
            else:
                result.differences.setdefault(name_of_field, []).append((path, theirs, mine))
    for path in sorted(set(posts) - seen):
        if files[path]["outcome"] == "draft":
            continue  # the answers of the real sites leave drafts out
        result.differences.setdefault("read", []).append((path, "not in the answers", files[path]["outcome"]))
    for path in sorted(set(known) - seen):
        result.differences.setdefault("list", []).append((path, "not in the answers", "listed"))
    return result


def _differences(
    answer: Answer, post: dict[str, Any] | None, defaults: Callable[[str], dict[str, object]], site: Site
) -> list[tuple[str, object, object]]:
    if bool(answer["read"]) != (post is not None):
        return [("read", answer["read"], post is not None)]
    if post is None:
        return []
    front = json.loads(post["front_matter"])
    usual = defaults(document_path(site, post["path"]))

    def key(name: str, absent: object) -> object:
        value = front.get(name)
        return value if value is not None or (name in front and name not in usual) else usual.get(name, absent)

    published = key("published", True)
    mine: dict[str, object] = {
        "read": True,
        "epoch": int(post["published_at"].timestamp() // 1),
        "categories": post["categories"],
        "tags": post["tags"],
        "slug": post["slug"],
        "title": post["title"],
        "url": post["url"],
        "published": published is not None and published is not False,
        "draft": post["state"] == "draft" or key("draft", False) not in (None, False),
        "future": post["published_at"] > NOW,
        "layout": post["layout"],
    }
    theirs: dict[str, object] = {name: answer.get(name) for name in FIELDS}
    theirs["layout"] = None if theirs["layout"] is None else ruby.to_s(theirs["layout"])
    theirs["read"] = True
    return [(name, theirs[name], mine[name]) for name in FIELDS if theirs[name] != mine[name]]


def sites(material: Path, scratch: Path) -> Iterator[tuple[str, Path, Path]]:
    """Name, folder and answers of every shared site, unpacked or built below `scratch`."""
    for archive in sorted((material / "corpora").glob("*.tar.xz")):
        name = archive.name.removesuffix(".tar.xz")
        with tarfile.open(archive) as opened:
            opened.extractall(scratch / name, filter="data")
        answers = archive.with_name(f"{name}.answers.jsonl.xz")
        yield name, _root(scratch / name, answers), answers
    if (material / "edge").is_dir():
        edge = scratch / "edge"
        subprocess.run(
            [sys.executable, material / "edge" / "make_edge.py", edge], check=True, stdout=subprocess.DEVNULL
        )
        yield "edge", edge, material / "edge" / "answers.jsonl"


def _root(folder: Path, answers: Path) -> Path:
    """The site within an unpacked archive: the shallowest folder from which the answers' first path leads to a file."""
    first = next(answer["path"] for answer in answers_of(answers))
    return min((Path(at) for at, _, _ in os.walk(folder) if (Path(at) / first).exists()), key=lambda at: len(at.parts))


def report(comparisons: list[Comparison]) -> str:
    """Site by field, with the number of differences not listed, and the first few of them."""
    width = max(len(c.site) for c in comparisons)
    heads = " ".join(f"{name:>10}" for name in FIELDS)
    lines = [f"{'':{width}} {'files':>7} {'read':>7} {heads} {'listed':>7}"]
    for c in comparisons:
        counts = " ".join(f"{len(c.differences.get(name, [])):>10}" for name in FIELDS)
        lines.append(f"{c.site:{width}} {c.answers:>7} {c.read:>7} {counts} {sum(c.listed.values()):>7}")
    for c in comparisons:
        if c.rejected or c.salvaged:
            lines.append(f"{c.site}: salvaged {c.salvaged}, rejected {dict(c.rejected)}")
        for name, found in c.differences.items():
            lines += [
                f"{c.site} {name}: {path}: Jekyll {theirs!r}, ours {mine!r}" for path, theirs, mine in found[:SHOWN]
            ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare what we say of posts with Jekyll's answers.")
    parser.add_argument("site", nargs="?", type=Path)
    parser.add_argument("answers", nargs="?", type=Path)
    parser.add_argument("--only", help="one shared site's name")
    chosen = parser.parse_args()
    comparisons = []
    if chosen.site:
        if not chosen.answers:
            parser.error("name the file of answers too")
        comparisons.append(compare(chosen.site.resolve().name, chosen.site, chosen.answers))
    else:
        material = shared()
        if material is None:
            print("no shared material beside the checkout and no BACKFILE_SHARED: nothing compared")
            return 0
        with tempfile.TemporaryDirectory(prefix="parity-") as scratch:
            Path(scratch).chmod(0o755)  # the odd site is read as another user
            for name, folder, answers in sites(material, Path(scratch)):
                if chosen.only in (None, name):
                    tables = tables_as_nobody if name == "edge" else tables_in_process
                    comparisons.append(compare(name, folder, answers, tables))
    print(report(comparisons))
    return int(any(c.unlisted for c in comparisons))


if __name__ == "__main__":
    sys.exit(main())
