"""Running the audits of `checks/*.sql` on a staged build. What each looks for is in its file.

-- description: what is wrong with the rows that it selects
-- severity: error | warn        an error stops the build from being published
-- threshold: 0                  as many rows are let pass
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from warehouse import database, queries
from warehouse.publish import DATABASE

SHOWN_ROWS: Final = 5


@dataclass(frozen=True)
class Finding:
    """What one audit found."""

    name: str
    description: str
    severity: str
    threshold: int
    rows: int
    """How many rows are wrong."""
    first: list[dict[str, Any]]
    """The first few of them."""

    @property
    def passed(self) -> bool:
        return self.rows <= self.threshold


def run(build: Path) -> list[Finding]:
    """Every audit on the build's database, by name."""
    found = []
    with database.connect(build / DATABASE) as connection:
        for audit in queries.audits():
            count = connection.execute(f"SELECT count(*) FROM ({audit.sql})").fetchone()
            result = connection.execute(f"SELECT * FROM ({audit.sql}) LIMIT {SHOWN_ROWS}")
            names = [column[0] for column in result.description or []]
            found.append(
                Finding(
                    name=audit.name,
                    description=audit.header["description"],
                    severity=audit.header["severity"],
                    threshold=int(audit.header.get("threshold", "0")),
                    rows=count[0] if count else 0,
                    first=[dict(zip(names, row, strict=True)) for row in result.fetchall()],
                )
            )
    return found
