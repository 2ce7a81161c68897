"""Run the audits of `checks/*.sql` on a staged build. Each file has a header:

-- description: the fault that its rows show
-- severity: error | warn     an error keeps the build from being published
-- says: …                    the message, a format string: value, threshold, rows, and the columns of the first row
-- threshold: 0               a higher value fails; settings may name another (thresholds)
-- accept: yes                a user may accept the failure for one build (--accept)
-- column value: …            the number that is compared, and plotted over time; without it, the number of rows
-- column threshold: …        the threshold, if it depends on the archive
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from warehouse import queries
from warehouse.connection import connect
from warehouse.publish import DATABASE
from warehouse.queries import Query

SHOWN_ROWS: Final = 5


@dataclass(frozen=True)
class Finding:
    """What one audit found."""

    name: str
    description: str
    severity: str
    """error or warn; an error that was accepted is a warn."""
    threshold: float
    value: float
    rows: int
    """How many rows it selected."""
    first: list[dict[str, Any]]
    """The first few of them."""
    says: str
    """The message as a format string; empty for audits that only a fault of the program can fail."""

    @property
    def message(self) -> str:
        """One line with the numbers."""
        if not self.says:
            return f"{self.description}: {self.value:g}, allowed {self.threshold:g}"
        first = self.first[0] if self.first else {}
        return self.says.format(**first | {"value": self.value, "threshold": self.threshold, "rows": self.rows})

    @property
    def examples(self) -> list[str]:
        """What the first rows are about, if each row is a finding of its own."""
        return [str(next(iter(row.values()))) for row in self.first if "value" not in row]

    @property
    def passed(self) -> bool:
        return self.value <= self.threshold


def acceptable() -> list[str]:
    """Return the names of the audits whose failure a user may accept for one build."""
    return [audit.name for audit in queries.audits() if audit.header.get("accept") == "yes"]


def _numbers(audit: Query) -> str:
    value = "max(value)" if "value" in audit.columns else "count(*)"
    return f"{value}, {'max(threshold)' if 'threshold' in audit.columns else 'NULL'}"


def run(
    build: Path,
    thresholds: Mapping[str, float] | None = None,
    accepted: Collection[str] = (),
    now: datetime | None = None,
) -> list[Finding]:
    """Return the finding of every audit on the build's database, by name.

    Args:
        thresholds: other thresholds than those of the files, by audit.
        accepted: audits whose errors are let pass.
        now: what is later is future, for a build that is looked at again; without, the build's own.
    """
    found = []
    with connect(build / DATABASE) as connection:
        connection.execute("SET VARIABLE now = CAST(? AS TIMESTAMPTZ)", [now])
        for audit in queries.audits():
            connection.execute(f"CREATE OR REPLACE TEMP TABLE wrong AS {audit.sql}")
            numbers = connection.execute(f"SELECT count(*), {_numbers(audit)} FROM wrong").fetchone()
            rows, value, threshold = numbers if numbers else (0, 0, None)
            if threshold is None:
                threshold = audit.header.get("threshold", "0")
            answer = connection.execute("FROM wrong LIMIT ?", [SHOWN_ROWS])
            names = [column[0] for column in answer.description or []]
            found.append(
                Finding(
                    name=audit.name,
                    description=audit.header["description"],
                    severity="warn" if audit.name in accepted else audit.header["severity"],
                    threshold=(thresholds or {}).get(audit.name, float(threshold)),
                    value=float(value or 0),
                    rows=rows,
                    first=[dict(zip(names, row, strict=True)) for row in answer.fetchall()],
                    says=audit.header.get("says", ""),
                )
            )
    return found
