"""Running the audits of `checks/*.sql` on a staged build. What each looks for is in its file.

-- description: what is wrong with the rows that it selects
-- severity: error | warn     an error stops the build from being published
-- threshold: 0               a higher value fails; settings may say another (thresholds)
-- accept: yes                a person may let it pass for one build (--accept)
-- column value: …            what is compared and plotted over time; without such a column, the number of rows is
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

    @property
    def passed(self) -> bool:
        return self.value <= self.threshold


def acceptable() -> list[str]:
    """The names of the audits that a person may let pass for one build."""
    return [audit.name for audit in queries.audits() if audit.header.get("accept") == "yes"]


def _value(audit: Query) -> str:
    return "max(value)" if "value" in audit.columns else "count(*)"


def run(
    build: Path,
    thresholds: Mapping[str, float] | None = None,
    accepted: Collection[str] = (),
    now: datetime | None = None,
) -> list[Finding]:
    """Every audit on the build's database, by name.

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
            total = connection.execute(f"SELECT count(*), {_value(audit)} FROM wrong").fetchone()
            rows, value = total if total else (0, 0)
            answer = connection.execute("FROM wrong LIMIT ?", [SHOWN_ROWS])
            names = [column[0] for column in answer.description or []]
            found.append(
                Finding(
                    name=audit.name,
                    description=audit.header["description"],
                    severity="warn" if audit.name in accepted else audit.header["severity"],
                    threshold=(thresholds or {}).get(audit.name, float(audit.header.get("threshold", "0"))),
                    value=float(value or 0),
                    rows=rows,
                    first=[dict(zip(names, row, strict=True)) for row in answer.fetchall()],
                )
            )
    return found
