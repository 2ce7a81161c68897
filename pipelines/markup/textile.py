"""Textile, as RedCloth reads it, with addresses as links."""

from __future__ import annotations

import re
from typing import Final

from pipelines.html.references import escaped
from pipelines.markup.writer import BESIDE_TEXT, RUN, URL, Tokens, Writer, image, link, trimmed

_ATTRIBUTES: Final = r"(?:\([^()\n]*\)|\{[^{}\n]*\}|\[[^\[\]\n]*\]|[<>=()-])*+"
_BLOCK: Final = re.compile(rf"(h[1-6]|bq|bc|pre|p|fn[0-9]+|notextile|\#\#\#)({_ATTRIBUTES})(\.\.?)(?::(\S+))?(?:[ ]|$)")
_ITEM: Final = re.compile(rf"[ \t]*([*\#]+|[;:](?=[ ]))(?:_|[0-9]+)?{_ATTRIBUTES}[ ]+(.*)")
_TABLE: Final = re.compile(rf"table{_ATTRIBUTES}\..*")
_CELL: Final = re.compile(rf"(?:_|\\[0-9]+|/[0-9]+|[\^~]|{_ATTRIBUTES})*?\.[ ]|{_ATTRIBUTES}\.[ ]")
_ALIAS: Final = re.compile(r"^\[([^\[\]\n]+)\]((?:https?://|/|mailto:)\S+)[ \t]*$", re.MULTILINE)
_VERBATIM: Final = re.compile(r"<(/?)(pre|notextile|script|style|code)\b[^<>]*>")
_KEPT: Final = "\ufdd1"
_HTML: Final = re.compile(
    rf"</?(?:address|article|aside|blockquote|center|div|dl|fieldset|figure|form|h[1-6]|hr|iframe|object|ol|p|section"
    rf"|table|ul|video|!--)\b|<!--|{_KEPT}"
)
_PARAGRAPHS: Final = re.compile(r"\n(?:[ \t]*\n)+")
_ID: Final = re.compile(r"#([\w:.-]+)")

_TOKENS: Final = rf"""
    {_KEPT}(?P<kept>[0-9]+){_KEPT} | (?P<tag></?[A-Za-z][^<>]*>|<!--[^<>]*-->) | ==(?P<raw>[^=\n]+)==
  | (?<!\w)@(?=\S)(?:\|(?P<lang>\w+)\|)?(?P<code>[^@\n]+)@
  | \[?"(?P<text>[^"\n]+)":(?P<target>[^\s<>"\[\]|]+)\]?
  | (?<!\w)![<>=]?{_ATTRIBUTES}(?P<image>[^\s!()|]+)(?:\((?P<alt>[^()!\n]*)\))?!(?::(?P<on>[^\s<>"|]+))?
  | {URL} | \b(?P<acronym>[A-Z][A-Z0-9]+)\((?P<title>[^()\n]+)\) | (?<=\w)\[(?P<note>[0-9]+)\]
  | (?<!\w)%{_ATTRIBUTES}(?P<span>[^%\s][^%\n]*)%(?!\w)
  | {RUN} | (?P<mark>\*\*|__|\?\?|(?:[*_^~+]|-(?!-)){BESIDE_TEXT})
"""


def to_html(body: str) -> str:
    """Return the HTML of a body."""
    return _Reader(body).read()


class _Reader:
    def __init__(self, body: str) -> None:
        self.aliases: dict[str, str] = {}
        self.kept: list[str] = []
        text = self.keep(body.replace(_KEPT, ""))
        self.chunks = _PARAGRAPHS.split(_ALIAS.sub(self.alias, text).strip("\n"))
        self.spans = Tokens(_TOKENS, self.span)
        self.out = Writer()

    def keep(self, body: str) -> str:
        """Return the body with a token for each element whose content is no Textile."""
        parts, at, opened = [], 0, None
        for found in _VERBATIM.finditer(body):
            if opened is None and not found[1]:
                opened = found
            elif opened is not None and found[1] and found[2] == opened[2]:
                parts.append(f"{body[at : opened.start()]}{_KEPT}{len(self.kept)}{_KEPT}")
                inner = found[2] == "notextile"
                self.kept.append(body[opened.end() : found.start()] if inner else body[opened.start() : found.end()])
                at, opened = found.end(), None
        return "".join((*parts, body[at:]))

    def alias(self, found: re.Match[str]) -> str:
        self.aliases[found[1]] = found[2]
        return ""

    def span(self, found: re.Match[str], tokens: Tokens) -> str:
        kind, value = next((n, v) for n, v in found.groupdict().items() if v is not None and n not in ("lang", "url"))
        if kind == "kept":
            return self.kept[int(value)] if int(value) < len(self.kept) else ""
        if kind == "text":
            target, rest = trimmed(found["target"])
            title = re.fullmatch(r"(.+?)[ ]?\([^()]*\)", value)
            text = re.sub(rf"^{_ATTRIBUTES}(?=\w)", "", title[1] if title else value) or value
            url = self.aliases.get(target, target)
            return link(url, escaped(url) if text == "$" else tokens.html(text)) + escaped(rest)
        if kind == "image":
            picture = image(value, found["alt"] or "")
            return link(self.aliases.get(found["on"], found["on"]), picture) if found["on"] else picture
        if kind == "code":
            return f"<code>{escaped(value)}</code>"
        if kind == "note":
            return link(f"#fn{value}", value)
        if kind == "span":
            return tokens.html(value)
        return value if kind in ("tag", "raw") else escaped(value)

    def read(self) -> str:
        at = 0
        while at < len(self.chunks):
            chunk = self.chunks[at]
            at += 1
            block = _BLOCK.match(chunk)
            content = [chunk[block.end() :] if block else chunk]
            while block and block[3] == ".." and at < len(self.chunks) and not _BLOCK.match(self.chunks[at]):
                content.append(self.chunks[at])
                at += 1
            if content != [""]:
                self.block(block, content)
        return self.out.written()

    def block(self, block: re.Match[str] | None, content: list[str]) -> None:
        kind = block[1] if block else ""
        name = _ID.search(block[2]) if block else None
        if kind in ("bc", "pre"):
            language = re.search(r"\[([\w+#-]+)\]|\((?:language-)?([\w+#-]+)\)", block[2] if block else "")
            self.out.code([self.restored("\n\n".join(content))], (language[1] or language[2]) if language else "")
        elif kind == "notextile":
            self.out.block("\n\n".join(content))
        elif kind.startswith("h"):
            self.out.heading(int(kind[1]), self.lines(content[0]), name[1] if name else "")
        elif kind == "bq":
            self.out.block(
                "<blockquote>" + "".join(f"<p>{self.lines(text)}</p>" for text in content) + "</blockquote>\n"
            )
        elif kind.startswith("fn"):
            self.out.block(f'<p id="{kind}"><sup>{kind[2:]}</sup> {self.lines(content[0])}</p>\n')
        elif kind == "p":
            self.out.paragraph("<br>".join(self.lines(text) for text in content))
        elif not kind:
            self.plain(content[0])

    def plain(self, chunk: str) -> None:
        """Write a block without a signature: HTML, a table, a list, a paragraph, or a paragraph and a list."""
        if _HTML.match(chunk):
            self.out.block(self.spans.html(chunk) + "\n")
            return
        lines = chunk.split("\n")
        if _TABLE.fullmatch(lines[0]) or (lines[0].lstrip().startswith("|") and lines[-1].rstrip().endswith("|")):
            rows = "\n".join(lines[1:] if _TABLE.fullmatch(lines[0]) else lines).split("|\n")
            cells = [[_CELL.sub("", cell, count=1) for cell in row.strip().strip("|").split("|")] for row in rows]
            self.out.table([[self.spans.html(cell.strip()) for cell in row] for row in cells])
            return
        at = 0
        while at < len(lines):
            item, start = _ITEM.fullmatch(lines[at]), at
            at += 1
            while at < len(lines) and not _ITEM.fullmatch(lines[at]):
                at += 1
            text = self.lines("\n".join(([item[2]] if item else [lines[start]]) + lines[start + 1 : at]))
            if item is None:
                self.out.paragraph(text)
            elif item[1] in ";:":
                self.out.item("dl", 1, "" if item[1] == ";" else text, text if item[1] == ";" else "")
            else:
                self.out.close_lists(deeper_than=len(item[1]))
                self.out.item("ol" if item[1][-1] == "#" else "ul", len(item[1]), text)
        self.out.close_lists()

    def lines(self, text: str) -> str:
        return self.spans.html(text).replace("\n", "<br>\n") if _KEPT not in text else self.spans.html(text)

    def restored(self, text: str) -> str:
        """Return the text with the elements in it that were put aside."""
        return re.sub(rf"{_KEPT}([0-9]+){_KEPT}", lambda found: self.kept[int(found[1])], text)
