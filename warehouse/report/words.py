"""The report's language: its words, the models' titles and columns in it, and how it writes numbers and dates.

English and Chinese have a catalogue each (`en.toml`, `zh.toml`). What a catalogue lacks of a model stands in the
model's header, in English.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from warehouse.queries import Query

LONGEST: Final = 240
"""Characters of a text that a cell shows."""
LISTED: Final = 8
"""Values of a list that a cell shows."""
CODES: Final = frozenset({"flag", "issue", "reason", "state"})
"""Columns of code words: in English they lose their underscores."""

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True)
class Words:
    """One language."""

    catalogue: dict[str, Any]

    def __getitem__(self, key: str) -> str:
        return str(self.catalogue["words"][key])

    def say(self, key: str, **values: object) -> str:
        """A sentence with its values, which are shown already."""
        return self[key].format(**values)

    def count(self, what: str, number: int) -> str:
        """So many of something: 1 post, 2 posts."""
        one, many = self.catalogue["counts"][what]
        return f"{self.number(number)} {one if number == 1 else many}"

    def _of(self, model: Query) -> dict[str, Any]:
        return dict(self.catalogue.get("models", {}).get(model.name, {}))

    def title(self, model: Query) -> str:
        return str(self._of(model).get("title", model.title))

    def purpose(self, model: Query) -> str:
        return str(self._of(model).get("purpose", model.purpose))

    def empty(self, model: Query) -> str:
        """Why a model has no rows."""
        return str(self.catalogue["empty"].get(model.name, self.catalogue["empty"]["other"]))

    def column(self, model: Query, column: str) -> str:
        """A column's name for people."""
        known = self.catalogue["columns"] | self._of(model).get("columns", {})
        return str(known.get(column, column.replace("_", " ").capitalize()))

    def number(self, value: float) -> str:
        """Thousands apart, and as many places as can matter."""
        if float(value).is_integer():
            return f"{int(value):,}"
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"

    def share(self, value: float) -> str:
        """A part of one, as per cent."""
        return f"{value * 100:.{0 if value in (0, 1) else 1}f}%"

    def date(self, value: date | None) -> str:
        """A date in a sentence."""
        if value is None:
            return ""
        if self["lang"].startswith("zh"):
            return f"{value.year}年{value.month}月{value.day}日"
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"

    def value(self, model: Query | None, column: str, value: Any) -> str:
        """A value of a model's column, as a table or chart shows it; nothing for null."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return self["yes" if value else "no"]
        if isinstance(value, (int, float, Decimal)):
            return self._measure(column, float(value))
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M}"
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, (list, tuple)):
            shown = self["comma"].join(self.value(model, column, one) for one in value[:LISTED])
            return shown + (" …" if len(value) > LISTED else "")
        return self._text(model, column, str(value))

    def _measure(self, column: str, value: float) -> str:
        pieces = column.split("_")
        is_share, is_change = "share" in pieces, "change" in pieces
        if is_change:
            shown = f"{abs(value) * 100:.1f}" if is_share else self.number(abs(value))
            return ("+" if value > 0 else "−" if value < 0 else "") + shown
        return self.share(value) if is_share else self.number(value)

    def _text(self, model: Query | None, column: str, text: str) -> str:
        known = self.catalogue.get("values", {}).get(column, {})
        if model is not None:
            known = known | self._of(model).get("values", {}).get(column, {})
        if column in CODES:
            reasons = self.catalogue.get("values", {}) if column == "issue" else {}
            known = reasons.get("reason", {}) | reasons.get("flag", {}) | known
            return self["colon"].join(str(known.get(piece, piece.replace("_", " "))) for piece in text.split(": "))
        shown = str(known.get(text, text))
        return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


@cache
def _catalogue(language: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text("utf-8"))


def words(lang: str) -> Words:
    """The language for a site's `lang`: Chinese for zh, zh-CN, zh_TW …, else English."""
    return Words(_catalogue("zh" if lang.lower().replace("_", "-").split("-")[0] == "zh" else "en"))
