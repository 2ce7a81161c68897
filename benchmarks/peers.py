"""What a build is measured against: the floor, a plain loop, Jekyll and Hugo; and a build's two steps in one process.

    python -m benchmarks.peers floor|ahead|loop|steps ARCHIVE

prints the seconds of wall and CPU time that the work took, without the start of Python and the listing of files.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import duckdb
import frontmatter
import polars as pl
import yaml

from pipelines.jekyll import posts
from pipelines.jekyll.config import read_site
from pipelines.jekyll.documents import Rules
from pipelines.jekyll.files import Entry, Opened, content, opened_ahead
from pipelines.jekyll.scan import scan
from pipelines.normalise import posts as normalised
from pipelines.normalise.posts import SiteFacts
from pipelines.normalise.rules import load_rules

FOLDERS: Final = ("old_post", "_posts")
JEKYLL: Final = """
require "jekyll"
site = Jekyll::Site.new(Jekyll.configuration("source" => ARGV[0], "future" => true, "quiet" => true))
site.reset
site.read
warn "#{site.posts.docs.size} posts"
"""


def _files(archive: Path) -> Iterator[str]:
    """In the order of names."""
    for folder in FOLDERS:
        for name in sorted(os.listdir(archive / folder)):  # noqa: PTH208 - the floor has no Path
            yield f"{archive}/{folder}/{name}"


def floor(archive: Path) -> Callable[[], int]:
    """Opens, stats, reads, closes and decodes every file, in the order of names; returns their number."""
    names = list(_files(archive))

    def work() -> int:
        for name in names:
            descriptor = os.open(name, os.O_RDONLY)
            data = os.read(descriptor, os.fstat(descriptor).st_size)
            os.close(descriptor)
            data.decode("utf-8", "replace")
        return len(names)

    return work


def ahead(archive: Path) -> Callable[[], int]:
    """As `floor`, opening the files as a build does."""
    site = read_site(archive, ["old_post"])
    rules = Rules.of(site, datetime.now(UTC))
    entries = [Entry._make(row) for row in scan(site).entries.sort("path").select(Entry._fields).iter_rows()]

    def work() -> int:
        for _, opened in opened_ahead(rules, entries):
            assert isinstance(opened, Opened)
            content(opened.descriptor)[0].decode("utf-8", "replace")
        return len(entries)

    return work


def loop(archive: Path) -> Callable[[], int]:
    """As `_loop`, which lists its files itself."""
    return partial(_loop, archive)


def _loop(archive: Path) -> int:
    """python-frontmatter, dicts, Polars, Parquet, DuckDB; no links, terms or urls. Returns the number of posts."""
    rows = []
    for folder in FOLDERS:
        for path in sorted((archive / folder).glob("*.md")):
            try:
                post = frontmatter.loads(path.read_text("utf-8"))
            except Exception:  # noqa: S112 - broken posts are left out
                continue
            row = {key: None if value is None else str(value) for key, value in post.metadata.items()}
            rows.append({**row, "path": f"{folder}/{path.name}", "body": post.content})
    frame = pl.DataFrame(rows, infer_schema_length=None)
    with tempfile.TemporaryDirectory() as made:
        frame.write_parquet(f"{made}/posts.parquet")
        with duckdb.connect(f"{made}/posts.duckdb") as connection:
            connection.execute("CREATE TABLE posts AS SELECT * FROM read_parquet(?)", [f"{made}/posts.parquet"])
    return frame.height


def steps(archive: Path) -> Callable[[], int]:
    """Read and normalise all posts in batches of 2,000; returns their number."""
    site = read_site(archive, ["old_post"])
    rules = load_rules(None)
    facts = SiteFacts(site.url, site.baseurl)
    entries = scan(site).entries.sort("path")

    def work() -> int:
        for batch in entries.iter_slices(2_000):
            made = posts.read(site, batch, datetime.now(UTC))
            of_posts = made["posts"].select(normalised.POST_COLUMNS)
            normalised.normalise(of_posts, made["post_bodies"], made["post_links_raw"], facts, rules)
        return entries.height

    return work


def forget(archive: Path) -> None:
    """Let the system forget what it holds of the files' contents."""
    os.sync()
    for name in _files(archive):
        descriptor = os.open(name, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def sound(archive: Path, folder: Path) -> int:
    """Link the archive's posts that break neither Jekyll nor Hugo, as a site of either; returns their number."""
    posts, content = folder / "_posts", folder / "content"
    posts.mkdir(parents=True)
    content.symlink_to(posts)
    (folder / "config.toml").write_text('title = "benchmark"\n')
    (folder / "_config.yml").write_text("future: true\n")
    count = 0
    for name in _files(archive):
        try:
            head = yaml.load(Path(name).read_text("utf-8").split("---\n")[1], yaml.CSafeLoader)
        except (UnicodeDecodeError, yaml.YAMLError):
            continue
        if head["title"] and str(head["date"])[:1].isdigit():
            os.link(name, posts / Path(name).name)
            count += 1
    return count


def command(peer: str, folder: Path) -> list[str] | None:
    """What reads a site with Jekyll or Hugo; None where it is not installed."""
    if not shutil.which(peer):
        return None
    if peer == "hugo":
        return ["hugo", "list", "all", "--source", str(folder)]
    return ["ruby", "-e", JEKYLL, str(folder)]


MEASURED: Final = {"floor": floor, "ahead": ahead, "loop": loop, "steps": steps}


def main(which: str, archive: str) -> None:
    work = MEASURED[which](Path(archive))
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    print(time.perf_counter() - wall, time.process_time() - cpu)


if __name__ == "__main__":
    main(*sys.argv[1:])
