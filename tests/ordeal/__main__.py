"""Runs ordeals in full and prints what they did.

    python -m tests.ordeal [name…] [--seed N] [--count N]

Names: those of ORDEALS, all without one. What goes wrong is printed with what is needed to see it again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tests.ordeal import crash, faults, generated, hostile, moving, readers, together, walk

Ordeal = Callable[[Path, int, int, Callable[[str], None]], Mapping[str, int | float]]

ORDEALS: Final[dict[str, tuple[Ordeal, int]]] = {
    "steps": (crash.every_step, 0),
    "moments": (crash.random_moments, 50),
    "disk": (faults.full_disk, 12),
    "read-only": (faults.read_only, 0),
    "workers": (faults.killed_worker, 12),
    "readers": (readers.under_readers, 30),
    "together": (together.two_builds, 0),
    "walk": (walk.time_passes, 1000),
    "moving": (moving.while_it_is_read, 3),
    "hostile": (hostile.mutated_files, 100_000),
    "generated": (generated.generated_files, 20_000),
}
"""Each with its full count; 0 where it goes over all there is."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.ordeal", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(ORDEALS)}")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, help="instead of the full count")
    chosen = parser.parse_args()
    unknown = set(chosen.names) - ORDEALS.keys()
    if unknown:
        parser.error(f"no ordeal is named {', '.join(sorted(unknown))}; there are {', '.join(ORDEALS)}")
    wrong = []
    for name in chosen.names or ORDEALS:
        ordeal, count = ORDEALS[name]
        began = time.monotonic()
        print(f"{name}: {(ordeal.__doc__ or '').splitlines()[0]}", flush=True)
        with tempfile.TemporaryDirectory(prefix=f"ordeal-{name}-") as folder:
            try:
                did = ordeal(Path(folder), chosen.seed, count if chosen.count is None else chosen.count, said)
            except faults.ImpossibleError as error:
                print(f"{name}: not tried: {error}\n", flush=True)
                continue
            except Exception:
                traceback.print_exc()
                wrong.append(name)
                print(f"{name}: FAILED after {time.monotonic() - began:.0f} s, seed {chosen.seed}\n", flush=True)
                continue
        told = ", ".join(f"{what}: {number:,}" for what, number in did.items())
        print(f"{name}: {told}; {time.monotonic() - began:.0f} s\n", flush=True)
    return 1 if wrong else 0


def said(line: str) -> None:
    print(f"  {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
