"""Tables of Markdown. Source: kramdown 2.4's `parser/kramdown/table.rb`."""

from __future__ import annotations

import re

from pipelines.normalise.markdown_inline import Span
from pipelines.normalise.markdown_patterns import WHITE
from pipelines.normalise.markdown_spans import parse_code, parse_code_and_html
from pipelines.normalise.markdown_tree import Block, Scanner

_PIPE = re.compile(r"\||[^\n]*?[^\\\n]\|")
_TABLE_LINE = re.compile(r"(?:\||[^\n]*?[^\\\n]\|)[^\n]*\n")
_TABLE_START = re.compile(r" {0,3}(?=[^ \t\n\r\f\v])(?:\||[^\n]*?[^\\\n]\|)[^\n]*\n")
_TABLE_SEPARATOR = re.compile(r"[+|: \t\-]*-[+|: \t\-]*\n")
_TABLE_FOOT = re.compile(r"[+|: \t=]*=[+|: \t=]*\n")
_UNESCAPED_PIPE = re.compile(r"(?<!\\)\|")
_TICKS = re.compile(r"`+")


class Tables(Scanner):
    """Reads tables."""

    def table(self, tree: Block) -> bool:
        text, start = self.text, self.at
        newline = text.find("\n", start)
        if text.find("|", start, newline) < 0 or not _TABLE_START.match(text, start):
            return False
        leading_pipe = text[start:newline].lstrip(WHITE).startswith("|")
        at = start
        separator = _TABLE_SEPARATOR.match(text, at)
        if separator:
            at = separator.end()
        bodies = pending = 0
        aligned = has_foot = False
        rows: list[list[str]] = []
        while at < self.end and _TABLE_LINE.match(text, at):
            separator = _TABLE_SEPARATOR.match(text, at)
            foot = None if separator else _TABLE_FOOT.match(text, at)
            if separator:
                at = separator.end()
                if pending and not aligned and not has_foot:
                    aligned = True
                    pending = 0
                elif pending and not has_foot:
                    bodies += 1
                    pending = 0
            elif foot:
                at = foot.end()
                if pending:
                    bodies += 1
                    pending = 0
                has_foot = True
            else:
                newline = text.find("\n", at)
                rows.append(_cells(text[at:newline].rstrip(" \t"), leading_pipe))
                pending += 1
                at = newline + 1
        self.at = at
        if not self.before_boundary() or not _has_pipes(text[start : at - 1]) or (has_foot and not bodies):
            self.at = start
            return False
        if not bodies and not pending:
            self.at = start
            return False
        block = self.new("table")
        for row in rows:
            for cell in row:
                block.children.append(Block("td", cell))
        tree.children.append(block)
        return True


def _cells(line: str, leading_pipe: bool) -> list[str]:
    """The texts of a table row's cells; pipes in code part nothing."""
    cells = [""]
    for number, part in enumerate(_parted_by_code(line)):
        if number % 2:
            cells[-1] += part
            continue
        for piece in parse_code(part):
            if isinstance(piece, str):
                first, *others = (cell.replace("\\|", "|") for cell in _UNESCAPED_PIPE.split(piece))
                cells[-1] += first
                cells.extend(others)
            else:
                ticks = max(_TICKS.findall(piece.text), default="") + "`"
                blank = " " if len(ticks) > 1 else ""
                cells[-1] += f"{ticks}{blank}{piece.text}{blank}{ticks}"
    if leading_pipe and not cells[0].strip(WHITE):
        cells.pop(0)
    if cells and not cells[-1].strip(WHITE):
        cells.pop()
    return [cell.strip(WHITE) for cell in cells]


def _parted_by_code(line: str) -> list[str]:
    """The line parted by the `code` elements in it; those have the odd places."""
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
    """Whether each line has a pipe outside code."""
    on_line = False
    for piece in parse_code_and_html(rows):
        if isinstance(piece, Span) and piece.name != "code":
            continue
        lines = (piece if isinstance(piece, str) else piece.text).split("\n")
        while len(lines) > 1 and not lines[-1]:
            lines.pop()
        if isinstance(piece, Span):
            if len(lines) > 2 or (len(lines) == 2 and not on_line):
                break
            if len(lines) == 2:
                on_line = False
        else:
            if len(lines) > 1 and not on_line and not _PIPE.match(lines[0]):
                break
            on_line = (on_line and len(lines) <= 1) or _PIPE.match(lines[-1]) is not None
    return on_line
