"""Org."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import Final

from pipelines.html.references import escaped
from pipelines.markup.writer import BESIDE_TEXT, IMAGE, RUN, URL, Tokens, Writer, image, link

_HEADING: Final = re.compile(r"(\*+)[ \t]+(.*?)(?:[ \t]+:[\w@#%:]+:)?")
_KEYWORD: Final = re.compile(r"[ \t]*#\+(\w+)(?:\[[^\[\]]*\])?:?(?:[ \t]+(.*))?")
_DRAWER: Final = re.compile(r"[ \t]*:[\w-]+:")
_END: Final = re.compile(r"[ \t]*:end:", re.IGNORECASE)
_ITEM: Final = re.compile(r"([ \t]*)(?:([-+]|(?<=[ \t])\*)|[0-9]+[.)])(?:[ \t]+(?:\[[ xX-]\][ \t]+)?(.*))?")
_FIXED: Final = re.compile(r"[ \t]*:(?: (.*))?")
_RULE: Final = re.compile(r"[ \t]*-{5,}")
_CONTAINERS: Final = {"quote": "blockquote", "comment": ""}

_TOKENS: Final = rf"""
    \[\[(?P<target>[^\[\]]+)\](?:\[(?P<text>[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\])?\]
  | \[fn:(?P<note>[^\[\]]*)\] | @@html:(?P<raw>[^@]*)@@ | (?P<br>\\\\\n)
  | (?<![\w=])=(?=[^\s=])(?P<verbatim>[^=]+)(?<=\S)=(?![\w=]) | (?<![\w~])~(?=[^\s~])(?P<code>[^~]+)(?<=\S)~(?![\w~])
  | {URL} | {RUN} | (?P<mark>[*/_+]{BESIDE_TEXT})
"""


def _span(found: re.Match[str], tokens: Tokens) -> str:
    kind, value = next((name, text) for name, text in found.groupdict().items() if text is not None)
    if kind == "target":
        target = re.sub(r"^file:", "", value)
        text = found["text"]
        if text is None or (IMAGE.search(text) and re.match(r"(?:file:|https?://|\.{0,2}/)", text)):
            shown = re.sub(r"^file:", "", text or target)
            html = image(shown, None) if IMAGE.search(shown) else escaped(shown)
            return html if text is None and html.startswith("<img") else link(target, html)
        return link(f"#{target.lstrip('#*')}" if target[0] in "#*" else target, tokens.html(text))
    if kind in ("verbatim", "code"):
        return f"<code>{escaped(value)}</code>"
    name, _, text = value.partition(":")
    if kind == "note":
        return tokens.html(f" ({text})") if text else f"[{escaped(name)}]"
    return value if kind == "raw" else "<br>\n"


_SPANS: Final = Tokens(_TOKENS, _span)


def to_html(body: str) -> str:
    """Return the HTML of a body."""
    out = Writer()
    lines = [line.rstrip() for line in body.split("\n")]
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line:
            continue
        if heading := _HEADING.fullmatch(line):
            out.heading(len(heading[1]), _SPANS.html(heading[2]))
        elif keyword := _KEYWORD.fullmatch(line):
            at = _keyword(out, lines, at, keyword[1].lower(), keyword[2] or "")
        elif _DRAWER.fullmatch(line):
            end = at
            while end < len(lines) and not _END.fullmatch(lines[end]) and _DRAWER.match(lines[end]):
                end += 1
            at = end + 1 if end < len(lines) and _END.fullmatch(lines[end]) else at
        elif line.lstrip().startswith("# ") or line.strip() == "#":
            continue
        elif _RULE.fullmatch(line):
            out.block("<hr>\n")
        elif item := _ITEM.fullmatch(line):
            indent = len(item[1].expandtabs(8))
            text, at = _taken(lines, at, item[3] or "")
            term, mark, definition = text.partition(" :: ")
            out.close_lists(deeper_than=indent)
            if item[2] and mark:
                out.item("dl", indent, _SPANS.html(definition), _SPANS.html(term))
            else:
                out.item("ul" if item[2] else "ol", indent, _SPANS.html(text))
        elif line.lstrip().startswith("|") or _FIXED.fullmatch(line):
            is_table, first = line.lstrip().startswith("|"), at - 1
            while at < len(lines) and (lines[at].lstrip().startswith("|") if is_table else _FIXED.fullmatch(lines[at])):
                at += 1
            _prefixed(out, [row.strip() for row in lines[first:at]], is_table)
        else:
            text, at = _taken(lines, at, line.strip())
            out.keeps_lists = line[0] in " \t"
            out.paragraph(_SPANS.html(text))
    return out.written()


def _prefixed(out: Writer, lines: list[str], is_table: bool) -> None:
    """Write a table, or lines of fixed width."""
    if is_table:
        rows = [row.strip("|").split("|") for row in lines if not row.startswith("|-")]
        out.table([[_SPANS.html(cell.strip()) for cell in row] for row in rows])
    else:
        out.code(line[2:] for line in lines)


def _keyword(out: Writer, lines: list[str], at: int, name: str, value: str) -> int:
    """Write the block that a `#+begin_…` line starts, or what a line says. Return the number of the next line."""
    kind, _, block = name.partition("_")
    if kind == "html":
        out.block(value + "\n")
    elif kind == "caption":
        out.block(f"<div>{_SPANS.html(value)}</div>\n")
    elif kind in ("begin", "end") and block not in ("src", "example", "export", "html", "comment"):
        out.container(block, _CONTAINERS.get(block, "div"))
    elif kind == "begin":
        start, end = at, f"#+end_{block}"
        while at < len(lines) and lines[at].lstrip().lower() != end:
            at += 1
        content, at = lines[start:at], at + 1
        if block in ("src", "example"):
            code = [re.sub(r"^(\s*),(?=[*#,])", r"\1", line) for line in dedent("\n".join(content)).split("\n")]
            out.code(code, value.partition(" ")[0] if block == "src" else "")
        elif block == "html" or value.lower().startswith("html"):
            out.block("\n".join(content) + "\n")
    return at


def _taken(lines: list[str], at: int, first: str) -> tuple[str, int]:
    """Return a line with the lines that belong to it, and the number of the next line."""
    taken = [first]
    while at < len(lines) and lines[at]:
        line = lines[at].lstrip()
        if line[0] in "#|" or line.startswith(": ") or _HEADING.fullmatch(lines[at]) or _ITEM.fullmatch(lines[at]):
            break
        taken.append(line)
        at += 1
    return "\n".join(taken), at
