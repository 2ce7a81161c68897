"""Real sites as the read step reads them, beside answers of kramdown.

The shared material (`BACKFILE_SHARED`, or `../shared` beside the checkout) has the sites, and of each post without
Liquid what its page says. Posts with Liquid are not compared: the answers leave it as it stands.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl

from pipelines.jekyll.config import read_site
from pipelines.jekyll.posts import read
from pipelines.jekyll.scan import scan
from tests.parity import CHUNK, NOW, answers_of, shared, sites

SHOWN: Final = 10

Row = dict[str, Any]


class Said(NamedTuple):
    """What the read step says of a post: rows of its tables."""

    text: str
    headings: list[Row]
    code_blocks: list[Row]
    links: list[Row]


class Compared(NamedTuple):
    """A site's posts, and what is compared of them: how much is right, and how much there is."""

    site: str
    posts: int
    rejected: int
    """Posts with an answer that the read step does not take."""
    right: dict[str, int]
    all: dict[str, int]
    worst: list[str]

    def ratio(self, name: str) -> float:
        return self.right[name] / self.all[name] if self.all[name] else 1.0


Compare = Callable[[Row, Said], tuple[dict[str, tuple[int, int]], str | None]]
"""Return of an answer and a post, by name, how much is right and how much there is, and the difference in words."""


def available(kind: str) -> list[Path]:
    """Return the files of answers of this kind: `pages` or `hrefs`."""
    material = shared()
    return sorted(material.glob(f"*/*.{kind}.jsonl.xz")) if material else []


def compared(answers: Path, compare: Compare, count: int | None = None) -> Compared:
    """Compare the posts of a site, or the first ones.

    Args:
        answers: a file of answers, with the site's name.
    """
    name, material = answers.name.partition(".")[0], answers.parents[1]
    with tempfile.TemporaryDirectory(prefix="pages-") as scratch:
        ((_, folder, _),) = sites(material, Path(scratch), name)
        wanted = (answer for answer in answers_of(answers) if not answer["liquid"] and not answer.get("error"))
        by_path = {answer["path"]: answer for answer in islice(wanted, count)}
        right: dict[str, int] = defaultdict(int)
        whole: dict[str, int] = defaultdict(int)
        worst: list[str] = []
        posts = 0
        for path, said in read_posts(folder, by_path):
            posts += 1
            parts, difference = compare(by_path[path], said)
            for part, (equal, of) in parts.items():
                right[part] += equal
                whole[part] += of
            if difference is not None:
                worst.append(f"{name}/{path}: {difference}")
    return Compared(name, posts, len(by_path) - posts, right, whole, worst)


def read_posts(folder: Path, paths: Iterable[str]) -> Iterator[tuple[str, Said]]:
    """Yield what the read step says of posts of a site, under the site's own configuration."""
    site = read_site(folder)
    entries = scan(site).entries.filter(pl.col("path").is_in(list(paths)))
    for chunk in entries.iter_slices(CHUNK):
        tables = read(site, chunk, NOW)
        rows = {name: _by_path(tables[name]) for name in ("post_headings", "post_code_blocks", "post_links_raw")}
        for path, text in tables["post_bodies"].select("path", "text").iter_rows():
            yield path, Said(text, *(rows[name].get(path, []) for name in rows))


def _by_path(table: pl.DataFrame) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in table.iter_rows(named=True):
        rows[row["path"]].append(row)
    return rows


def together(sums: Sequence[Compared]) -> Compared:
    """Return the sum over all sites."""
    names = list(dict.fromkeys(name for one in sums for name in one.all))
    right = {name: sum(one.right[name] for one in sums) for name in names}
    whole = {name: sum(one.all[name] for one in sums) for name in names}
    worst = [line for one in sums for line in one.worst]
    return Compared("all", sum(one.posts for one in sums), sum(one.rejected for one in sums), right, whole, worst)


def report(found: Sequence[Compared]) -> str:
    """Return a table of the sites and their sum, and the first differences."""
    names = list(found[0].all)
    lines = [f"{'site':<16}{'posts':>8}{'rejected':>10}" + "".join(f"{name:>26}" for name in names)]
    for one in (*found, together(found)):
        cells = (f"{one.right[name]} of {one.all[name]} {one.ratio(name):.2%}" for name in names)
        lines.append(f"{one.site:<16}{one.posts:>8}{one.rejected:>10}" + "".join(f"{cell:>26}" for cell in cells))
    return "\n".join([*lines, *(line for one in found for line in one.worst[:SHOWN])])


def below(found: Sequence[Compared], by_site: dict[str, float], over_all: dict[str, float]) -> list[str]:
    """Return each target that is missed, in words."""
    checks = [(one, name, target) for one in found for name, target in by_site.items()]
    checks += [(together(found), name, target) for name, target in over_all.items()]
    return [
        f"{one.site}: {name} {one.ratio(name):.3%}, target {target:.2%}"
        for one, name, target in checks
        if one.ratio(name) < target
    ]


def as_json(value: object) -> str:
    """Return a value as differences show it."""
    return json.dumps(value, ensure_ascii=False)
