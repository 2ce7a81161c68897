"""Which entries of a posts folder are posts, by name alone: `EntryFilter`, `Reader#get_entries`, `PostReader`.

Names are POSIX paths. An entry is the path below its posts folder; a document's path is what Jekyll calls
`relative_path`, the path below `collections_dir`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

DATED: Final = re.compile(r"^(?>.+/)*?([0-9]{2,4}-[0-9]{1,2}-[0-9]{1,2})-([^/]*)(\.[^.]+)$", re.MULTILINE)
"""`Document::DATE_FILENAME_MATCHER`: date, slug, extension."""

DATELESS: Final = re.compile(r"^(?:.+/)*(.*)(\.[^.]+)$", re.MULTILINE)
"""`Document::DATELESS_FILENAME_MATCHER`: slug, extension."""

PLAIN: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[^/.\n][^/.\n]*\.[A-Za-z]+")
"""Names as nearly all posts have them: they pass every rule here but `exclude` and the data files'."""

_MONTH: Final = re.compile(r"([0-9]{2,4})-([0-9]{1,2})-[0-9]{1,2}(?![0-9])")
_SPECIAL: Final = ("_", "#", "~", ".")
DATA_EXTENSIONS: Final = (".yml", ".yaml")


def month(name: str) -> str | None:
    """The month a file name tells, as YYYY-MM, two-digit years completed as Ruby does; None where it tells none."""
    found = _MONTH.match(name)
    if not found:
        return None
    year, number = int(found[1]), int(found[2])
    if len(found[1]) == 2:
        year += 1900 if year >= 69 else 2000
    return f"{year:04d}-{number:02d}" if 1 <= number <= 12 and year > 0 else None


def base_name(path: str) -> str:
    return path[path.rfind("/") + 1 :]


def extension(name: str) -> str:
    """`File.extname`: from the last dot of the base name on, none for a name that starts with its only dot."""
    base = base_name(name)
    stem = base.lstrip(".")
    dot = stem.rfind(".")
    return stem[dot:] if dot > 0 else ""


@dataclass(frozen=True)
class Patterns:
    """A list of `include` or `exclude`: prefixes and globs of paths below the source."""

    prefixes: tuple[str, ...]
    globs: tuple[re.Pattern[str], ...]
    folders: frozenset[str]

    @staticmethod
    def of(patterns: Iterable[str]) -> Patterns:
        relative = [p.lstrip("/") for p in patterns]
        return Patterns(
            tuple(relative),
            tuple(glob(p) for p in relative if any(c in p for c in "*?[\\")),
            frozenset(p[:-1] for p in relative if p.endswith("/")),
        )

    def match(self, path: str, *, folder: bool = False) -> bool:
        """`EntryFilter#glob_include?` of a path below the source: a prefix (however it goes on), or a glob."""
        return (
            path.startswith(self.prefixes)
            or (folder and path in self.folders)
            or any(g.fullmatch(path) for g in self.globs)
        )


class _Star(NamedTuple):
    """A star of a pattern; what must not stand where it begins."""

    hidden: str


_LOOSE: Final = ("(?:", "|", ")")
"""Pieces of a pattern that do not match one character each."""


def glob(pattern: str, *, path_name: bool = False) -> re.Pattern[str]:
    """Ruby's `File.fnmatch` pattern; with `path_name` as `Dir.glob` reads it (`*` stops at /, `**/`, braces,
    no dot files).
    """
    segments: list[list[str]] = [[]]
    hidden: list[str] = []
    for piece in _pieces(pattern, path_name):
        if isinstance(piece, _Star):
            hidden.append(piece.hidden)
            segments.append([])
        else:
            segments[-1].append(piece)
    any_char = "[^/]*" if path_name else ".*"
    out = "".join(segments[0])
    for nth, (before, segment) in enumerate(zip(hidden, segments[1:], strict=True), start=1):
        written = "".join(segment)
        if nth < len(hidden) and not any(piece.startswith(_LOOSE) for piece in segment):
            # What stands between two stars is best found where it comes first: an atomic group keeps many stars from
            # backtracking into each other.
            out += f"{before}(?>{any_char}?{written})"
        else:
            out += before + any_char + written
    try:
        return re.compile(out, re.DOTALL)
    except re.error:
        return re.compile(r"(?!)")


def _pieces(pattern: str, path_name: bool) -> Iterator[str | _Star]:
    """The pattern's stars, and regular expressions of all else: each of one character, unless it is `_LOOSE`."""
    i, depth = 0, 0
    start = True  # of a path component
    while i < len(pattern):
        c = pattern[i]
        i += 1
        hidden = r"(?!\.)" if path_name and start else ""
        start = False
        if c == "*":
            if path_name and pattern.startswith("*/", i) and hidden:
                while pattern.startswith("**/", i - 1):
                    i += 2
                    if pattern.startswith("**/", i):
                        i += 1
                    else:
                        break
                yield r"(?:(?!\.)[^/]+/)*"
                start = True
                continue
            while pattern.startswith("*", i):
                i += 1
            yield _Star(hidden)
        elif c == "?":
            yield hidden + ("[^/]" if path_name else ".")
        elif c == "[":
            end = pattern.find("]", i + 1)
            if end < 0:
                yield r"(?!)"
                continue
            body = pattern[i:end].replace("\\", "")
            negated = body[:1] in ("^", "!")
            body = re.escape(body[1:] if negated else body).replace(r"\-", "-")
            yield hidden + f"[{'^' if negated else ''}{body}]"
            i = end + 1
        elif c == "\\" and i < len(pattern):
            yield re.escape(pattern[i])
            i += 1
        elif path_name and c == "{":
            yield "(?:"
            depth += 1
            start = True
        elif path_name and depth and c == ",":
            yield "|"
        elif path_name and depth and c == "}":
            yield ")"
            depth -= 1
        else:
            yield re.escape(c)
            start = c == "/"
    if depth:
        yield ")" * depth


@dataclass(frozen=True)
class Filter:
    """The site's `include` and `exclude`."""

    include: Patterns
    exclude: Patterns

    @staticmethod
    def of(include: Iterable[str], exclude: Iterable[str]) -> Filter:
        included = tuple(include)
        return Filter(Patterns.of(included), Patterns.of(p for p in exclude if p not in included))

    def refuses(self, entry: str, path: str, *, folder: bool = False) -> str | None:
        """Why `EntryFilter#filter` leaves out an entry whose path below the source is `path`; None where it
        does not.
        """
        if entry.endswith("."):
            return "trailing_dot"
        base = base_name(entry)
        at_root = folder and entry == path  # Jekyll asks whether the name is a folder of the source itself
        included = self.include.match(entry, folder=at_root) or self.include.match(base, folder=at_root)
        if included:
            return None
        if self.exclude.match(path, folder=folder):
            return "excluded"
        if entry.startswith(_SPECIAL) or base.startswith(_SPECIAL):
            return "special_name" if not base.startswith(".") and not entry.startswith(".") else "hidden_name"
        return "backup" if entry.endswith("~") else None


def refusal(entry: str, path: str, rules: Filter, *, draft: bool) -> str | None:
    """Why Jekyll reads no post from an entry of a posts folder (a key of `reasons.IGNORED`); None where it reads one.

    `path` is the entry's below the source.
    """
    if entry.startswith(".") or "/." in entry:
        return "hidden_name"  # Dir["**/*"] does not see it, whatever `include` says
    refused = rules.refuses(entry, path)
    if refused:
        return refused
    if not (DATELESS if draft else DATED).search(entry):
        return "not_a_post_name"
    return "data_file" if extension(entry) in DATA_EXTENSIONS else None
