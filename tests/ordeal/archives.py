"""A small site with changes waiting, and building it without its report, which is half a build's time."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from pipelines import build as steps
from pipelines import settings as options
from tests import sites
from warehouse import publish
from warehouse.lock import lock

MONTHS = ("2022-01", "2022-02", "2022-03", "2022-04")


def generation(number: int) -> str:
    """A post that says the number in its title, its body, a tag and a link: in four tables."""
    body = f"This is generation {number}, see [it](https://generation.example/{number})."
    return sites.post(f"generation {number}", body, tags=f"generation-{number}", categories="news")


def make(site: Path) -> Path:
    """The site of generation 0: some months, a draft, a rejected file, one that is no post."""
    posts = {
        f"_posts/{month}-1{day}-post.md": sites.post(f"Post {month} {day}", f"Text of {month}.", tags=f"a t{day}")
        for month in MONTHS
        for day in range(2)
    }
    others: dict[str, str | bytes] = {
        "_config.yml": sites.CONFIG,
        "_drafts/idea.md": sites.post("Idea"),
        "_posts/2022-02-20-bad.md": b"---\n\xff\n---\n",
        "_posts/notes.txt": "no post",
    }
    sites.write(site, {**posts, **others})
    change(site, 0)
    return site


def change(site: Path, number: int) -> None:
    """Make the site that of another generation: two months have a post edited, one of them one come, gone and moved."""
    posts = site / "_posts"
    texts = {f"_posts/{month}-01-generation.md": generation(number) for month in MONTHS[:2]}
    sites.write(site, texts | {f"_posts/2022-02-20-come-{number}.md": sites.post(f"Come {number}")}, age=5)
    (posts / f"2022-02-20-come-{number - 2}.md").unlink(missing_ok=True)
    here, there = posts / "2022-02-10-post.md", posts / "2022-02-25-post.md"
    if not here.exists():
        here, there = there, here
    here.rename(there)


def build(site: Path, warehouse: Path, *, audited: bool = True, **more: Any) -> steps.Build | None:
    """One build, every step but the report; None if nothing was due. `full` goes to `begin`, else to the settings."""
    full = more.pop("full", False)
    settings = options.load(site=site, warehouse=warehouse, **({"now": sites.NOW} | more))
    with lock(settings.warehouse_folder):
        begun = steps.begin(settings, "run", full=full)
        if begun is not None:
            finish(begun, audited=audited)
        return begun


def finish(begun: steps.Build, *, audited: bool = True) -> None:
    """The steps of a build that has begun."""
    steps.read(begun)
    steps.normalise(begun)
    steps.summarise(begun)
    steps.stage(begun)
    assert not audited or sites.failed_audits(begun.folder) == []
    steps.finish(begun)


def age(warehouse: Path, *, but: int = 0) -> None:
    """Let the kept builds, all but the newest few, look as though they had been published hours ago."""
    then = time.time() - 3 * publish.KEPT_FOR.total_seconds()
    kept = publish.kept(warehouse)
    for folder in kept[: max(len(kept) - but, 0)]:
        os.utime(folder, (then, then))
