"""A build that is killed, with changes waiting: what is published stays whole, and the next build sets all right."""

from __future__ import annotations

import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests import sites
from tests.ordeal import archives, processes, states
from tests.ordeal.processes import Child, running
from warehouse import publish


@dataclass
class Victim:
    """A warehouse whose builds are killed, one after the other: the site changes before each."""

    folder: Path
    generation: int = 0

    def __post_init__(self) -> None:
        self.site = archives.make(self.folder / "site")
        self.warehouse = self.folder / "warehouse"
        archives.build(self.site, self.warehouse)
        self.before = sites.content(self.warehouse)
        self.after = self.before

    def change(self) -> None:
        self.generation += 1
        archives.change(self.site, self.generation)

    def await_changes(self) -> None:
        """Let the site change, and the oldest build be one that the next build removes."""
        self.change()
        archives.age(self.warehouse)
        self.before, self.after = sites.content(self.warehouse), states.scratch(self.site, self.folder / "scratch")

    def outlived(self, moment: str) -> str:
        """Whether all is as promised after a kill at this moment; which state was published, before or after.

        Raises:
            AssertionError: what is not.
        """
        try:
            found = states.published(self.warehouse)
            which = "after" if states.same(found, self.after) else "before"
            states.assert_same(found, self.after if which == "after" else self.before)
            archives.build(self.site, self.warehouse, audited=False)
            states.assert_same(states.published(self.warehouse), self.after)
            assert states.strays(self.warehouse) == []
            assert len(publish.kept(self.warehouse)) <= publish.KEPT_BUILDS + 1
        except Exception as error:
            error.add_note(f"after a kill at: {moment}")
            raise
        return which


def dying(victim: Victim, step: int | None = None) -> Child:
    """A build that kills itself at the step; without one, it tells of its steps."""
    number = [] if step is None else [step]
    return Child(sys.executable, "-m", "tests.ordeal.dying", victim.site, victim.warehouse, *number)


def steps_of(victim: Victim) -> list[str]:
    """The steps of a build with changes waiting and one old build to remove; it is made."""
    for _ in range(publish.KEPT_BUILDS):
        victim.change()
        archives.build(victim.site, victim.warehouse, audited=False)
    archives.age(victim.warehouse)
    publish.clean(victim.warehouse)
    victim.await_changes()
    return dying(victim).ended().stdout.splitlines()


def at_steps(folder: Path, chosen: Callable[[list[str]], Iterator[int]], say: Callable[[str], None]) -> dict[str, int]:
    """Kill a build at each chosen step of those that a build has, counted from 1."""
    victim = Victim(folder)
    names = steps_of(victim)
    states_found: Counter[str] = Counter()
    for step in chosen(names):
        victim.await_changes()
        code = dying(victim, step).ended().returncode
        assert code in (-signal.SIGKILL, 0)  # 0: builds differ by a step or two
        if code:
            which = victim.outlived(f"step {step}, {names[step - 1]}")
            states_found[which] += 1
            say(f"{step} of {len(names)}: {names[step - 1]}: the state {which}")
    return {"steps": len(names), "kills": states_found.total(), **states_found}


def every_step(folder: Path, seed: int, count: int, say: Callable[[str], None]) -> dict[str, int]:
    """Every step of a build, from the lock to the removal of old builds; with a count, so many of them."""
    rng = random.Random(seed)

    def chosen(names: list[str]) -> Iterator[int]:
        numbers = range(1, len(names) + 1)
        yield from sorted(rng.sample(numbers, count)) if 0 < count < len(names) else numbers

    return at_steps(folder, chosen, say)


TELLING: Final = ("half", ".current.new current", ".manifest.json builds", "os.rmdir builds")


def telling_steps(folder: Path) -> dict[str, int]:
    """The few steps at which most could go wrong: a file half written, the rename, what follows it, the cleaning up."""

    def chosen(names: list[str]) -> Iterator[int]:
        for mark in TELLING:
            yield next(number for number, name in enumerate(names, 1) if mark in name)

    return at_steps(folder, chosen, lambda _: None)


def random_moments(folder: Path, seed: int, count: int, say: Callable[[str], None]) -> dict[str, int]:
    """`backfile build` itself, Dagster and report and all, killed at random moments."""
    rng = random.Random(seed)
    victim = Victim(folder)
    command = (processes.BACKFILE, "build", victim.site, "--warehouse", victim.warehouse, "--as-of", sites.NOW)
    victim.await_changes()
    began = time.monotonic()
    with running(*command) as child:
        assert child.ended().returncode == 0
    whole = time.monotonic() - began
    found: Counter[str] = Counter()
    for number in range(1, count + 1):
        victim.await_changes()
        moment = rng.uniform(0, whole)
        with running(*command) as child:
            time.sleep(moment)
            ended = child.process.poll() is not None
            child.kill()
            assert processes.until(lambda child=child: not child.descendants(), 60), child.descendants()  # type: ignore[misc]
        which = victim.outlived(f"{moment:.2f} s of {whole:.2f}")
        found["ended before" if ended else which] += 1
        say(f"{number} of {count}: after {moment:.2f} s of {whole:.2f}: the state {which}")
    return {"kills": count, **found}
