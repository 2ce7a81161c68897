"""Builds sites, and compares what is published of their posts with what Jekyll says, field by field.

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
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from pipelines.columns.fallback import ROWS, SIMPLE
from pipelines.jekyll import front_matter_columns, ruby
from pipelines.jekyll.config import Site, read_site
from pipelines.jekyll.defaults import finder
from pipelines.jekyll.documents import Rules, document_path
from pipelines.jekyll.front_matter_columns import Batch
from pipelines.jekyll.posts import opened
from pipelines.jekyll.scan import scan
from warehouse import lake, publish

NOW: Final = datetime(2026, 11, 22, 0, 0, 7, tzinfo=UTC)
"""The clock by which the answers were given."""

ROOT: Final = Path(__file__).resolve().parents[1]
LISTED: Final = ROOT / "docs" / "decisions" / "parity.md"
FIELDS: Final = (
    "read", "epoch", "categories", "tags", "slug", "title", "url", "published", "draft", "future", "layout",
)  # fmt: skip
CHUNK: Final = 2000
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
    simple: str = ""

    @property
    def unlisted(self) -> int:
        return sum(map(len, self.differences.values()))


def tables_built(folder: Path, warehouse: Path) -> Tables:
    """`files` and `posts` as `backfile build` publishes them, by the command itself.

    The superuser may read every file, and one of the odd rules is a file that may not be read: without two of its
    privileges it is as any owner.
    """
    backfile = str(Path(sys.executable).with_name("backfile"))
    command = [backfile, "build", str(folder), "--warehouse", str(warehouse), "--json", "--as-of", NOW.isoformat()]
    unprivileged = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    done = subprocess.run([*unprivileged, *command], stdout=subprocess.PIPE, check=True)
    said = json.loads(done.stdout)
    print(
        f"{folder.name}: {said['files']:,} files, {sum(said['posts'].values()):,} posts, "
        f"{sum(said['rejected'].values())} rejected, {said['ignored']} ignored, {said['seconds']} s",
        file=sys.stderr,
    )
    build = publish.current(warehouse)
    assert build is not None
    return {name: lake.scan(build, name).collect() for name in ("files", "posts")}


def simple_shares(folder: Path) -> str:
    """Return the share of rows that expressions answer on each fast path of front matter, of `CHUNK` files at most."""
    site = read_site(folder)
    entries = scan(site).entries
    ROWS.clear()
    SIMPLE.clear()
    rules = Rules.of(site, NOW)
    _, documents = opened(rules, entries.sample(min(CHUNK, entries.height), seed=1))
    front_matter_columns.read(Batch(rules, documents))
    return ", ".join(f"{name} {SIMPLE[name] / rows:.1%} of {rows:,}" for name, rows in ROWS.items() if rows)


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


def compare(name: str, folder: Path, answers: Path, tables: Tables) -> Comparison:
    """Jekyll's answers against our tables."""
    site = read_site(folder)
    files = {row["path"]: row for row in tables["files"].iter_rows(named=True)}
    posts = {row["path"]: row for row in tables["posts"].iter_rows(named=True)}
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


SAFELY: Final[dict[str, Any]] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
"""Python before 3.11.4 knows no filters; the archives are our own material."""


def sites(material: Path, scratch: Path, only: str | None = None) -> Iterator[tuple[str, Path, Path]]:
    """Name, folder and answers of every shared site, or of one, unpacked or built below `scratch`."""
    for archive in sorted((material / "corpora").glob(f"{only or '*'}.tar.xz")):
        name = archive.name.removesuffix(".tar.xz")
        with tarfile.open(archive) as opened:
            opened.extractall(scratch / name, **SAFELY)
        answers = archive.with_name(f"{name}.answers.jsonl.xz")
        yield name, _root(scratch / name, answers), answers
    if only in (None, "edge") and (material / "edge").is_dir():
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
        if c.simple:
            lines.append(f"{c.site}: answered by expressions: {c.simple}")
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
        with tempfile.TemporaryDirectory(prefix="parity-") as scratch:
            tables = tables_built(chosen.site.resolve(), Path(scratch) / "warehouse")
        comparisons.append(compare(chosen.site.resolve().name, chosen.site, chosen.answers, tables))
    else:
        material = shared()
        if material is None:
            print("no shared material beside the checkout and no BACKFILE_SHARED: nothing compared")
            return 0
        with tempfile.TemporaryDirectory(prefix="parity-") as scratch:
            for name, folder, answers in sites(material, Path(scratch), chosen.only):
                tables = tables_built(folder, Path(scratch) / f"{name}-warehouse")
                comparison = compare(name, folder, answers, tables)
                comparison.simple = simple_shares(folder)
                comparisons.append(comparison)
    print(report(comparisons))
    return int(any(c.unlisted for c in comparisons))


if __name__ == "__main__":
    sys.exit(main())
