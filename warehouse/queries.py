"""SQL files with a short header: the report models and the audits. Here they are read; others run them.

    -- purpose: Posts by local day.
    -- column day: Local date
    SELECT …

Header lines are `-- key: value` or `-- column name: description`, above the SQL. The file's name is its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
_HEADER: Final = re.compile(r"--\s*(?:(column)\s+)?(\w+):\s*(.*)")


@dataclass(frozen=True)
class Query:
    """One SQL file."""

    name: str
    sql: str
    """The statement alone, without header and final semicolon."""
    header: dict[str, str]
    columns: dict[str, str]
    """Descriptions by column."""


def read_query(path: Path) -> Query:
    """The file's header and statement.

    Raises:
        ValueError: a line of the header cannot be read, or no statement follows.
    """
    header: dict[str, str] = {}
    columns: dict[str, str] = {}
    lines = path.read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        if not line.startswith("--"):
            statement = "\n".join(lines[number:]).strip().removesuffix(";")
            if statement:
                return Query(path.stem, statement, header, columns)
            break
        found = _HEADER.fullmatch(line)
        if found is None:
            raise ValueError(f"{path.name}:{number + 1}: a header line is '-- key: value'")
        (columns if found[1] else header)[found[2]] = found[3].strip()
    raise ValueError(f"{path.name}: no statement after the header")


def models() -> list[Query]:
    """The report models, by name."""
    return [read_query(path) for path in sorted((FOLDER / "models").glob("*.sql"))]


def audits() -> list[Query]:
    """The audits, by name."""
    return [read_query(path) for path in sorted((FOLDER / "checks").glob("*.sql"))]
