"""Values of the database for other programs: JSON, and CSV that a spreadsheet may open."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, Protocol, TextIO
from unicodedata import category

FORMULA: Final = "=+-@\t\r\n\0＝＋－＠"
"""First characters by which spreadsheets take a text for a formula (OWASP, CSV Injection; ASVS 1.2.10)."""

NEEDS_APOSTROPHE: Final = r"^[=+\-@\t\r\n\x00＝＋－＠]"
"""The same as a pattern for DuckDB."""


_UNCOMMON: Final = re.compile(r"[^ -~\u00a1-\u00ac\u00ae-\u02ff\u3000-\u9fff\uac00-\ud7a3\uff01-\uff5e]")
"""Characters that need a look: all but the common ones, which do nothing but stand there."""


class Result(Protocol):
    """What a query gave, as DuckDB hands it out."""

    @property
    def description(self) -> Sequence[Sequence[Any]] | None: ...
    def fetchmany(self, size: int = ...) -> list[tuple[Any, ...]]: ...


def rows(result: Result, size: int = 10_000) -> Iterator[tuple[Any, ...]]:
    """The rows, without holding more than `size` of them."""
    while some := result.fetchmany(size):
        yield from some


def names(result: Result) -> list[str]:
    """The columns' names; one that comes again is numbered, as DuckDB does within a query."""
    found: list[str] = []
    for column in result.description or []:
        name, number = str(column[0]), 1
        while name in found:
            name, number = f"{column[0]}_{number}", number + 1
        found.append(name)
    return found


def harmless(text: str) -> str:
    """The text as a spreadsheet shows it and does not run it: an apostrophe before what would be a formula."""
    return f"'{text}" if text[:1] and text[0] in FORMULA else text


def written_out(text: str, escape: Callable[[str], str] = lambda letter: repr(letter)[1:-1]) -> str:
    """Return the text with control characters, line ends, marks of direction and whatever does not show escaped."""
    return _UNCOMMON.sub(
        lambda found: found[0] if found[0].isprintable() or category(found[0]) == "Zs" else escape(found[0]), text
    )


def text(value: object) -> str:
    """The value as text: times in ISO 8601, lists and structures as JSON, bytes in hexadecimal."""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if value is None or isinstance(value, bool | list | dict | tuple):
        return to_json(value)
    return value.hex() if isinstance(value, bytes) else str(value)


def csv_column(name: str, dtype: str, *, raw: bool) -> str:
    """SQL of a column as `write_csv` would write it. `name` is quoted already."""
    if dtype.endswith("]") or dtype.startswith(("STRUCT(", "MAP(")):
        return f"to_json({name})"
    if dtype == "VARCHAR" and not raw:
        return f"CASE WHEN regexp_matches({name}, '{NEEDS_APOSTROPHE}') THEN chr(39) || {name} ELSE {name} END"
    return name


def write_csv(result: Result, stream: TextIO, *, guard: Callable[[str], str]) -> None:
    """Write the rows as CSV (RFC 4180, but lines end in \\n), what is text through `guard`."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([guard(name) for name in names(result)])
    for row in rows(result):
        writer.writerow([guard(value) if isinstance(value, str) else _cell(value) for value in row])


def _cell(value: object) -> str | None:
    return None if value is None else text(value)


def write_json(head: Sequence[str], body: Iterable[Sequence[Any]], stream: TextIO) -> None:
    """Write the rows as an array of objects, one a line."""
    before = "["
    for row in body:
        stream.write(before + to_json(dict(zip(head, row, strict=True))))
        before = ",\n "
    stream.write("[]\n" if before == "[" else "]\n")


def to_json(value: Any) -> str:
    """Return the value as JSON in one line: times in ISO 8601, bytes in hexadecimal, null for numbers that JSON lacks.
    Characters that do not show are escaped: somebody may look at it on a terminal."""
    return written_out(json.dumps(_plain(value), ensure_ascii=False), lambda letter: json.dumps(letter)[1:-1])


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, str | int) else str(value)
