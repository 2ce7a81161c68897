"""A build in a process of its own whose steps run in worker processes, however small the site.

python -m tests.ordeal.workers SITE WAREHOUSE
"""

from __future__ import annotations

import sys
from pathlib import Path

from pipelines import workers
from tests.ordeal import archives

if __name__ == "__main__":
    workers.SMALL = 0  # type: ignore[misc]
    archives.build(Path(sys.argv[1]), Path(sys.argv[2]), workers=2, full=True)
