"""What a build is measured against: the floor, and the loop that anybody would write.

Each is a command that prints its seconds of CPU time: python -m benchmarks.peers floor|loop ARCHIVE
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import frontmatter
import polars as pl

FOLDERS = ("old_post", "_posts")


def floor(archive: Path) -> int:
    """Opens, stats, reads, closes and decodes every file, in the order of names; returns their number."""
    count = 0
    for folder in FOLDERS:
        for name in sorted(os.listdir(archive / folder)):  # noqa: PTH208 - the floor has no Path
            descriptor = os.open(f"{archive}/{folder}/{name}", os.O_RDONLY)
            data = os.read(descriptor, os.fstat(descriptor).st_size)
            os.close(descriptor)
            data.decode("utf-8", "replace")
            count += 1
    return count


def loop(archive: Path) -> int:
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


def main(which: str, archive: str) -> None:
    measured = {"floor": floor, "loop": loop}[which]
    if which == "floor":
        measured(Path(archive))  # warm
    begun = time.process_time()
    measured(Path(archive))
    print(time.process_time() - begun)


if __name__ == "__main__":
    main(*sys.argv[1:])
