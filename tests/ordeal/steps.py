"""The steps of the walk: what happens to a site, its clock and its warehouse between two builds."""

from __future__ import annotations

import os
import random
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from tests import sites
from warehouse import publish
from warehouse.lock import lock

MONTHS: Final = ("2021-03", "2021-12", "2022-03", "2022-04", "2023-05")
TERMS: Final = ("market", "Market", "上海", "macro news", "股票", "shares", "x")
FOLDERS: Final = ("_posts", "_posts/sub", "news/_posts", "_drafts")


@dataclass
class World:
    """A site, its warehouse, and the time by which it is built."""

    site: Path
    warehouse: Path
    rng: random.Random
    now: datetime = sites.NOW
    clock: timedelta = timedelta()
    """How far the clock is turned from the real one: never forward, since the files' times are real."""
    full: bool = False
    older: dict[str, bytes] = field(default_factory=dict)
    """Contents that files once had."""

    def files(self) -> list[Path]:
        """Every regular file below a posts folder."""
        found = (path for folder in (*FOLDERS, "old_post") for path in (self.site / folder).rglob("*"))
        return sorted({path for path in found if path.is_file() and not path.is_symlink()})

    def some(self) -> Path:
        """One of them, with what it holds kept for later."""
        files = self.files()
        if not files:
            return self.new()
        path = self.rng.choice(files)
        self.older[path.relative_to(self.site).as_posix()] = path.read_bytes()
        return path

    def name(self) -> str:
        """A path of a new or old post, in a month that there may or may not be."""
        day, number = self.rng.randrange(1, 29), self.rng.randrange(12)
        dated = f"{self.rng.choice(MONTHS)}-{day:02d}-post-{number}.md"
        folder = self.rng.choice(FOLDERS)
        return f"{folder}/{f'idea-{number}.md' if folder == '_drafts' and number % 2 else dated}"

    def text(self) -> str:
        """A post, now and then odd."""
        rng = self.rng
        keys: dict[str, str] = {"tags": f"[{rng.choice(TERMS)}, {rng.choice(TERMS)}]", "categories": rng.choice(TERMS)}
        if rng.random() < 0.5:
            keys["date"] = f"{rng.choice(MONTHS)}-{rng.randrange(1, 29):02d} {rng.randrange(24):02d}:00:00 +0800"
        if rng.random() < 0.1:
            keys["published"] = "false"
        if rng.random() < 0.1:
            keys["tags"] = "[unclosed"
        link = rng.choice(["https://a.example/", "https://www.b.example/x?y=1", "/2022/03/01/a.html"])
        body = f"Text {rng.randrange(5)}, see [it]({link}) by {rng.choice(TERMS)}." * rng.randrange(1, 4)
        last = rng.choice(["", f"\n\nOrigin: [it]({link})\n", f"\n\nSeen at: [it]({link})\n\n[More](/)\n"])
        return sites.post(f"Title {rng.randrange(9)}", body + last, **keys)

    def new(self) -> Path:
        """A file at a path that is free."""
        path = self.site / self.name()
        while path.exists() or path.is_symlink() or any(parent.is_file() for parent in path.parents):
            path = self.site / self.name()
        self.put(path, self.text().encode())
        return path

    def put(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def add(world: World) -> None:
    world.new()


def edit(world: World) -> None:
    world.put(world.some(), world.text().encode())


def edit_unseen(world: World) -> None:
    """Same size, same mtime, within the second: only the content tells."""
    path = world.some()
    stat, content = path.stat(), path.read_bytes()
    at = content.find(b"Text ")
    if at >= 0:
        digit = (content[at + 5] - ord("0") + 1) % 10
        content = content[: at + 5] + str(digit).encode() + content[at + 6 :]
    with path.open("r+b") as stream:
        stream.write(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def replace(world: World) -> None:
    """Another file by rename, with the old one's times."""
    path = world.some()
    stat, new = path.stat(), path.with_name(".new")
    new.write_text(world.text())
    os.utime(new, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    new.replace(path)


def move(world: World) -> None:
    source = world.some()
    target = world.new()
    source.replace(target)


def swap(world: World) -> None:
    """Two files change their names."""
    one, other = world.some(), world.some()
    if one != other:
        aside = one.with_name(".aside")
        one.rename(aside)
        other.rename(one)
        aside.rename(other)


def copy(world: World) -> None:
    shutil.copy2(world.some(), world.new())


def remove(world: World) -> None:
    world.some().unlink()


def remove_folder(world: World) -> None:
    folder = world.rng.choice(["_posts/sub", "news", "old_post"])
    for path in (world.site / folder).rglob("*"):
        if path.is_file() and world.rng.random() < 0.7:
            path.unlink()


def touch(world: World) -> None:
    world.some().touch()


def touch_all(world: World) -> None:
    for path in world.files():
        path.touch()


def into_folder(world: World) -> None:
    """A file is replaced by a folder of its name."""
    path = world.some()
    path.unlink()
    world.put(path / "2022-03-09-inside.md", world.text().encode())


def out_of_folder(world: World) -> None:
    """And a folder by a file."""
    folders = [path for path in (world.site / "_posts").rglob("*.md") if path.is_dir()]
    for path in folders:
        if path.is_dir():  # one within another is gone with it
            shutil.rmtree(path)
            world.put(path, world.text().encode())


def check_out(world: World) -> None:
    """What a file once held, with the mtime of then: another branch, and back."""
    if world.older:
        name = world.rng.choice(sorted(world.older))
        path = world.site / name
        if not path.is_dir() and not any(parent.is_file() for parent in path.parents):
            world.put(path, world.older[name])
            then = 1_650_000_000 + world.rng.randrange(3) * 100_000
            os.utime(path, (then, then))


def mtimes_of_old(world: World) -> None:
    """Every file as old as an archive unpacked."""
    for path in world.files():
        os.utime(path, (1_650_000_000, 1_650_000_000))


def clock_back(world: World) -> None:
    world.clock -= timedelta(hours=world.rng.randrange(1, 800))


def clock_right(world: World) -> None:
    world.clock = timedelta()


def time_passes(world: World) -> None:
    """Posts come due."""
    world.now += timedelta(days=world.rng.randrange(1, 40))


def time_goes_back(world: World) -> None:
    world.now -= timedelta(days=world.rng.randrange(1, 40))


def configure(world: World) -> None:
    zone = world.rng.choice(["Asia/Shanghai", "America/New_York", "UTC"])
    more = world.rng.choice(["", "future: true\n", "permalink: /:title/\n", "show_drafts: true\n", "exclude: [news]\n"])
    sites.write(world.site, {"_config.yml": f"timezone: {zone}\nurl: https://news.example\n{more}"})


RULES: Final = (
    "",
    "[rules.terms]\nsimplify = false\n",
    '[[rules.same]]\nkind = "tag"\nterms = ["股票", "shares"]\n',
    "[rules.duplicates]\nnear = 0.8\n",
    '[[rules.publishers]]\nname = "by"\ncontains = " by "\ntext = " by (.*)[.]"\n',
    '[rules.sources]\nlabel = "^(?:Origin|Seen at)$"\n',
    '[rules.navigation]\nlabel = "^More$"\n',
    '[rules.urls]\ntracking = ["y"]\n',
    '[[rules.hosts]]\nname = "b"\nhost = "www.b.example"\nalias_of = "news.example"\n',
    "[[rules.entities]]\nname = 'b'\nkind = 'thing'\nurl = 'b[.]example/(.*)'\n",
)
"""One of each kind: what each decides is told apart from what it does not."""


def change_rules(world: World) -> None:
    path = world.site / "backfile.toml"
    folders = [line for line in path.read_text().splitlines() if line.startswith("posts_folders")]
    sites.write(world.site, {"backfile.toml": "\n".join(folders) + "\n" + world.rng.choice(RULES)})


def archive_folder(world: World) -> None:
    """The folder of old posts is read from now on, or no more."""
    path = world.site / "backfile.toml"
    lines = path.read_text().splitlines()
    without = [line for line in lines if not line.startswith("posts_folders")]
    (world.site / "old_post").mkdir(exist_ok=True)
    extra = ['posts_folders = ["old_post"]'] if without == lines else []
    sites.write(world.site, {"backfile.toml": "\n".join(extra + without) + "\n"})


def retire(world: World) -> None:
    """Posts move to the folder of old posts."""
    (world.site / "old_post").mkdir(exist_ok=True)
    for path in sorted((world.site / "_posts").glob("*.md"))[:2]:
        if path.is_file() and not (world.site / "old_post" / path.name).exists():
            path.rename(world.site / "old_post" / path.name)


def link(world: World) -> None:
    """A link to a post, to another site's file, or to nothing."""
    target = world.rng.choice([world.some(), world.site.parent / "outside.md", world.site / "nothing.md"])
    path = world.new()
    path.unlink()
    path.symlink_to(target)


def odd_file(world: World) -> None:
    """What is no post, or one that cannot be read."""
    name, content = world.rng.choice(
        [
            ("notes.txt", b"x"),
            ("2022-03-05-bad.md", b"---\n\xff\n---\n"),
            ("2022-03-06-empty.md", b""),
            (".hidden.md", b""),
        ]
    )
    if not (world.site / "_posts" / name).is_dir():
        world.put(world.site / "_posts" / name, content)


def forget_scan(world: World) -> None:
    (world.warehouse / "scan.parquet").unlink(missing_ok=True)


def roll_back(world: World) -> None:
    """An older build is the published one again."""
    kept = publish.kept(world.warehouse)
    with lock(world.warehouse):
        publish.go_back(world.warehouse, world.rng.choice(kept))


def read_all(world: World) -> None:
    world.full = True


def nothing(world: World) -> None:
    return


STEPS: Final = {
    step.__name__: step
    for step in (
        *(add, edit, edit, edit_unseen, edit_unseen, replace, move, move, swap, copy, remove, remove_folder),
        *(touch, touch_all, into_folder, out_of_folder, check_out, check_out, mtimes_of_old, clock_back, clock_right),
        *(time_passes, time_goes_back, configure, change_rules, archive_folder, retire, link, odd_file, forget_scan),
        *(roll_back, read_all, nothing),
    )
}
