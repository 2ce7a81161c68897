"""How far the links found in real sites equal those of the pages Jekyll renders.

`python -m tests.link_parity [--sites DIR] [--worst N] [SITE …]` reads the answers (`NAME.hrefs.jsonl.xz`) in
the shared material (`../shared` beside the checkout, or `BACKFILE_SHARED`), and the sites from the archives there,
unpacked into a temporary folder, or from DIR where they lie unpacked already. It counts the links outside code of the
posts without Liquid, as a multiset of (element, attribute, value) a post, and exits 1 below the targets.
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl
from pipelines.normalise.links import extract

from tests.parity import SAFELY, shared

ALL_TARGET = 0.999
SITE_TARGET = 0.995

_FRONT_MATTER = re.compile(r"\A(---\s*\n.*?\n?)^((---|\.\.\.)\s*$\n?)", re.DOTALL | re.MULTILINE)
_MARKDOWN = (".markdown", ".mkdown", ".mkdn", ".mkd", ".md")

Triple = tuple[str, str, str]


class Score(NamedTuple):
    """One post, or the sum of many: links in both, only in the answers, only found; links in the answers' order."""

    name: str
    common: int
    missing: int
    surplus: int
    same_order: int
    posts: int
    seconds: float

    @property
    def ratio(self) -> float:
        """Links in both, of the larger side: low if either side has more."""
        return self.common / max(1, self.common + max(self.missing, self.surplus)) if self.wrong else 1.0

    @property
    def wrong(self) -> int:
        return self.missing + self.surplus


def corpora() -> Path:
    """The folder of answers."""
    return (shared() or Path("../shared")) / "corpora"


def body(source: str) -> str:
    """What stands after the front matter."""
    found = _FRONT_MATTER.match(source)
    return source[found.end() :].lstrip("\n") if found else source


def triples(links: Iterator[Triple]) -> tuple[Counter[Triple], list[Triple]]:
    listed = list(links)
    return Counter(listed), listed


def scores(answers: Path, site: Path, liquid: bool = False) -> Iterator[Score]:
    """A score for each post of a site with (or without) Liquid in its body."""
    with lzma.open(answers, "rt", encoding="utf-8") as lines:
        for line in lines:
            answer = json.loads(line)
            if answer["liquid"] is not liquid:
                continue
            path = site / answer["path"]
            source = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
            text = body(source)
            before = time.perf_counter()
            links = next(extract(pl.Series([text]), [path.suffix.lower() in _MARKDOWN]))
            seconds = time.perf_counter() - before
            found, found_list = triples((one.element, one.attribute, one.value) for one in links if not one.code)
            given, given_list = triples((e, a, v) for e, a, v, code in answer["links"] if not code)
            yield Score(
                answer["path"],
                (found & given).total(),
                (given - found).total(),
                (found - given).total(),
                int(found_list == given_list),
                1,
                seconds,
            )


def summed(name: str, parts: list[Score]) -> Score:
    columns = list(zip(*(part[1:] for part in parts), strict=True))
    common, missing, surplus, same, posts, seconds = (sum(column) for column in columns) if parts else [0] * 6
    return Score(name, common, missing, surplus, same, posts, seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="sites; default: all that have answers")
    parser.add_argument("--worst", type=int, default=10, help="how many posts to show")
    parser.add_argument("--sites", type=Path, help="a folder with sites unpacked as NAME/NAME")
    parser.add_argument("--liquid", action="store_true", help="the posts with Liquid instead (for the curious)")
    options = parser.parse_args()
    answers = sorted(corpora().glob("*.hrefs.jsonl.xz"))
    if not answers:
        sys.stderr.write(f"no answers in {corpora()}: nothing was compared\n")
        return 1
    totals: list[Score] = []
    posts: list[Score] = []
    with tempfile.TemporaryDirectory() as unpacked:
        for answer in answers:
            name = answer.name.split(".")[0]
            if options.names and name not in options.names:
                continue
            folder = options.sites or Path(unpacked)
            if not options.sites:
                with tarfile.open(corpora() / f"{name}.tar.xz") as archive:
                    archive.extractall(folder / name, **SAFELY)
            site = folder / name / name
            here = list(scores(answer, site, options.liquid))
            totals.append(summed(name, here))
            posts += [score._replace(name=f"{name}/{score.name}") for score in here]
    totals.append(summed("all", totals))
    header = (
        f"{'site':<16}{'posts':>7}{'common':>9}{'missing':>9}{'surplus':>9}{'ratio':>10}{'ordered':>9}{'µs/post':>9}"
    )
    lines = [header]
    for score in totals:
        micros = score.seconds / max(1, score.posts) * 1e6
        lines.append(
            f"{score.name:<16}{score.posts:>7}{score.common:>9}{score.missing:>9}{score.surplus:>9}"
            f"{score.ratio:>10.4%}{score.same_order:>9}{micros:>9.0f}"
        )
    worst = sorted((score for score in posts if score.wrong), key=lambda score: -score.wrong)
    lines += [f"{score.wrong:>5}  -{score.missing} +{score.surplus}  {score.name}" for score in worst[: options.worst]]
    sys.stdout.write("\n".join(lines) + "\n")
    *sites, everything = totals
    kept = everything.ratio >= ALL_TARGET and all(score.ratio >= SITE_TARGET for score in sites)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
