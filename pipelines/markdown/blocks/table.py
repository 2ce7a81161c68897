"""Tables. Source: kramdown 2.4's `parser/kramdown/table.rb`."""

from __future__ import annotations

import re
from typing import Final

from pipelines.markdown.blocks.state import BlockState
from pipelines.markdown.document import Node
from pipelines.markdown.patterns import WHITE
from pipelines.markdown.spans import parse_code, parse_code_and_html

_PIPE: Final = re.compile(r"\||[^\n]*?[^\\\n]\|")
_LINE: Final = re.compile(r"(?:\||[^\n]*?[^\\\n]\|)[^\n]*\n")
_START: Final = re.compile(r" {0,3}(?=[^ \t\n\r\f\v])(?:\||[^\n]*?[^\\\n]\|)[^\n]*\n")
_SEPARATOR: Final = re.compile(r"[+|: \t\-]*-[+|: \t\-]*\n")
_FOOT_SEPARATOR: Final = re.compile(r"[+|: \t=]*=[+|: \t=]*\n")
_UNESCAPED_PIPE: Final = re.compile(r"(?<!\\)\|")
_TICKS: Final = re.compile(r"`+")


def table(state: BlockState) -> bool:
    """Read lines with pipes outside code."""
    text, start = state.text, state.at
    newline = text.find("\n", start)
    if text.find("|", start, newline) < 0 or not state.after_boundary() or not _START.match(text, start):
        return False
    leading_pipe = text[start:newline].lstrip(WHITE).startswith("|")
    separator = _SEPARATOR.match(text, start)
    at = separator.end() if separator else start
    bodies = pending = 0
    aligned = has_foot = False
    rows: list[list[str]] = []
    while at < state.end and _LINE.match(text, at):
        separator = _SEPARATOR.match(text, at)
        foot = None if separator else _FOOT_SEPARATOR.match(text, at)
        if separator:
            at = separator.end()
            if pending and not aligned and not has_foot:
                aligned, pending = True, 0
            elif pending and not has_foot:
                bodies, pending = bodies + 1, 0
        elif foot:
            at = foot.end()
            if pending:
                bodies, pending = bodies + 1, 0
            has_foot = True
        else:
            newline = text.find("\n", at)
            rows.append(_cells(text[at:newline].rstrip(" \t"), leading_pipe))
            pending += 1
            at = newline + 1
    state.at = at
    if (
        not state.before_boundary()
        or not _has_pipes(text[start : at - 1])
        or not (bodies or (pending and not has_foot))
    ):
        state.at = start
        return False
    node = state.add("table", at=start)
    for cells in rows:
        row = Node("tr")
        for cell in filter(None, cells):  # an empty cell shows nothing
            row.children.append(Node("td"))
            row.children[-1].raw_text = cell
        node.children.append(row)
    return True


def _cells(line: str, leading_pipe: bool) -> list[str]:
    """Return the texts of a row's cells. Pipes in code separate nothing."""
    cells = [""]
    for number, part in enumerate(_parted_by_code(line)):
        if number % 2:
            cells[-1] += part
            continue
        for piece in parse_code(part):
            if piece.kind == "text":
                first, *others = (cell.replace("\\|", "|") for cell in _UNESCAPED_PIPE.split(piece.value))
                cells[-1] += first
                cells.extend(others)
            else:
                ticks = max(_TICKS.findall(piece.value), default="") + "`"
                blank = " " if len(ticks) > 1 else ""
                cells[-1] += f"{ticks}{blank}{piece.value}{blank}{ticks}"
    if leading_pipe and not cells[0].strip(WHITE):
        cells.pop(0)
    if cells and not cells[-1].strip(WHITE):
        cells.pop()
    return [cell.strip(WHITE) for cell in cells]


def _parted_by_code(line: str) -> list[str]:
    """Return the line split at its `code` elements, which have the odd places."""
    parts: list[str] = []
    at = 0
    while True:
        opening = line.find("<code", at)
        end = line.find(">", opening) if opening >= 0 else -1
        closing = line.find("</code>", end) if end >= 0 else -1
        if closing < 0:
            return [*parts, line[at:]]
        parts += [line[at:opening], line[opening : closing + 7]]
        at = closing + 7


def _has_pipes(rows: str) -> bool:
    """Return True if each line has a pipe outside code."""
    on_line = False
    for piece in parse_code_and_html(rows):
        if piece.kind not in ("text", "codespan"):
            continue
        lines = piece.value.split("\n")
        while len(lines) > 1 and not lines[-1]:
            lines.pop()
        if piece.kind == "codespan":
            if len(lines) > 2 or (len(lines) == 2 and not on_line):
                break
            if len(lines) == 2:
                on_line = False
        else:
            if len(lines) > 1 and not on_line and not _PIPE.match(lines[0]):
                break
            on_line = (on_line and len(lines) <= 1) or _PIPE.match(lines[-1]) is not None
    return on_line
