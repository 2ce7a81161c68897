"""AsciiDoc, as jekyll-asciidoc has Asciidoctor convert it: no document title, ids of sections with hyphens."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import Final

from pipelines.html.references import escaped
from pipelines.markup.writer import BESIDE_TEXT, BRACKETS, RUN, URL, Tokens, Writer, image, link, trimmed

_FENCE: Final = re.compile(r"(-{4,}|\.{4,}|\+{4,}|/{4,}|={4,}|\*{4,}|_{4,}|--|[|!,:]={3,})|(`{3,})([\w+#-]*)")
_HEADING: Final = re.compile(r"(={1,6}|\#{1,6})[ \t]+(\S.*)")
_UNDERLINES: Final = "=-~^+"
_ATTRIBUTE: Final = re.compile(r":(!?[\w-]+!?):(?:[ \t]+(.*))?")
_STYLE: Final = re.compile(r"\[(.*)\]")
_ANCHOR: Final = re.compile(r"\[?\[?(?:anchor:|#)?([\w:.-]+)")
_ITEM: Final = re.compile(r"[ \t]*(?:(\*{1,6}|-)|(\.{1,6}|[0-9]+\.|[a-zA-Z]\.|<[0-9.]+>))[ \t]+(\S.*)")
_TERM: Final = re.compile(r"[ \t]*(\S.*?)(:{2,4}|;;)(?:[ \t]+(.*))?$")
_DIRECTIVE: Final = re.compile(r"(?:ifdef|ifndef|ifeval|endif|include|toc)::\S*\[.*\]")
_RULE: Final = re.compile(r"'{3,}|<{3,}|-{3}|\*{3}|- - -|\* \* \*")
_CELL: Final = re.compile(r"(?:(?<=\s)|^)(?:[0-9.]+[+*])?[<^>.]{0,4}[aehlmsdv]?\||(?<!\\)\|")
_REFERENCE: Final = re.compile(r"\{([\w-]+)\}")
_NOT_IN_ID: Final = re.compile(r"<[^<>]*>|&[\w#]+;|[^\w\s.-]")
_BETWEEN: Final = re.compile(r"[\s.-]+")
_CONTAINERS: Final = {"=": "div", "*": "aside", "_": "blockquote", "-": "div"}
_VALUES: Final = {
    "nbsp": "\u00a0", "sp": " ", "empty": "", "amp": "&", "lt": "<", "gt": ">", "plus": "+", "cpp": "C++", "pp": "++",
    "apos": "'", "quot": '"', "startsb": "[", "endsb": "]", "vbar": "|", "caret": "^", "asterisk": "*", "tilde": "~",
    "backslash": "\\", "backtick": "`", "zwsp": "\u200b",
}  # fmt: skip
_VIDEOS: Final = {"youtube": "https://www.youtube.com/embed/", "vimeo": "https://player.vimeo.com/video/"}

_TOKENS: Final = rf"""(?=[^\w\s]|_|[ ]\+|\b[a-z])(?:
    \\(?P<literal>[*_`\#{{<\[]|(?:https?|ftp)://\S*)
  | \+\+\+(?P<raw>[^+]*)\+\+\+ | pass:[a-z,]*\[(?P<passed>[^\[\]]*)\]
  | (?P<quote>["']`(?=\S)|(?<=\S)`["'])
  | (?<![\w`])`(?!`)(?P<code>[^`]+)`(?![\w`]) | ``(?P<codes>[^`]+)`` | (?<![\w+])\+(?=\S)(?P<plus>[^+\n]+)\+(?![\w+])
  | {URL}(?:{BRACKETS.format("text")})?
  | (?P<macro>\b(?:link|xref|mailto|image|video|audio|footnote(?:ref)?|kbd|btn|menu|icon|anchor|stem|latexmath|tel)::?)
    (?P<target>[^\s\[\]<>"]*)(?:{BRACKETS.format("words")})?
  | <<(?P<ref>[^<>]+)>> | \[\[(?P<id>[^\[\],]*)[^\[\]]*\]\] | (?P<role>\[[^\[\]\n]*\](?=[\#*_`]))
  | \(\(\((?P<index>[^()]*)\)\)\) | \(\((?P<shown>[^()]*)\)\) | (?P<br>[ ]\+\n)
  | {RUN} | (?P<mark>\*\*|__|\#\#|[*_\#^~]{BESIDE_TEXT}))
"""


def _span(found: re.Match[str], tokens: Tokens) -> str:
    kind, value = next((name, text) for name, text in found.groupdict().items() if text is not None)
    if kind in ("literal", "plus"):
        return escaped(value)
    if kind in ("raw", "passed"):
        return value
    if kind in ("code", "codes"):
        whole = value[1:-1] if value[:1] == value[-1:] == "+" and len(value) > 2 else None
        return f"<code>{tokens.html(value) if whole is None else escaped(whole)}</code>"
    if kind == "url":
        return link(value, tokens.html(_label(found["text"])) or escaped(value))
    if kind == "macro":
        return _macro(found, value.rstrip(":"), tokens)
    if kind == "ref":
        target, _, text = value.partition(",")
        return link(_target(target.strip()), tokens.html(text.strip()) or escaped(f"[{target.strip()}]"))
    if kind == "id":
        return f'<a id="{escaped(value)}"></a>'
    return {"quote": escaped(value.replace("`", "")), "shown": escaped(value), "br": "<br>\n"}.get(kind, "")


def _macro(found: re.Match[str], name: str, tokens: Tokens) -> str:
    target, words = found["target"], found["words"]
    if words is None:
        url, rest = trimmed(target)
        return escaped(found["macro"]) + (link(url, escaped(url)) if "://" in url else escaped(url)) + escaped(rest)
    label = _label(words)
    if name in ("link", "xref", "mailto", "tel"):
        url = target if name == "link" else _target(target) if name == "xref" else f"{name}:{target}"
        return link(url, tokens.html(label) or escaped(target))
    if name in ("image", "video", "audio"):
        if label in _VIDEOS:
            return f'<iframe src="{_VIDEOS[label]}{escaped(target)}"></iframe>'
        alt = label or re.sub(r"[-_]", " ", target.rpartition("/")[2].rpartition(".")[0])
        picture = image(target, alt) if name == "image" else f'<{name} src="{escaped(target)}"></{name}>'
        linked = re.search(r'\blink="?([^\s",]+)', words)
        return link(linked[1], picture) if linked else picture
    if name == "anchor":
        return f'<a id="{escaped(target)}"></a>'
    shown = {"icon": "", "footnote": f" ({words})", "footnoteref": "", "menu": f"{target} {words}"}.get(name, words)
    return tokens.html(shown)


def _label(words: str | None) -> str:
    """Return the text in a macro's brackets: the first value, quoted or not, less a `^` for a new window."""
    text = (words or "").strip()
    if text.startswith('"') and text.count('"') > 1:
        return text[1 : text.index('"', 1)]
    first = text.partition(",")
    named = "=" in first[2] or first[2].strip().isdigit()
    return "" if "=" in text and re.match(r"[\w-]+=", text) else (first[0] if named else text).rstrip("^")


def _target(reference: str) -> str:
    """Return the address of a cross reference: a place here, or another document."""
    path, mark, place = reference.partition("#")
    return f"{re.sub(r'[.]adoc$', '.html', path)}{mark}{place}" if mark or "." in path else f"#{path}"


_SPANS: Final = Tokens(_TOKENS, _span)


def to_html(body: str) -> str:
    """Return the HTML of a body."""
    return _Reader(body).read()


class _Reader:
    def __init__(self, body: str) -> None:
        self.lines = [line.rstrip() for line in body.split("\n")]
        self.at = 0
        self.out = Writer()
        self.values = dict(_VALUES)
        self.room = len(body) + 10_000
        """Characters that values may add."""
        self.style: list[str] = []
        self.anchor = ""

    def read(self) -> str:
        while self.at < len(self.lines) and (not self.lines[self.at] or self.lines[self.at].startswith("//")):
            self.at += 1
        if self.at < len(self.lines) and self.lines[self.at].startswith("= "):
            while self.at < len(self.lines) and self.lines[self.at]:
                self.set_value(self.lines[self.at])
                self.at += 1
        while self.at < len(self.lines):
            line = self.lines[self.at]
            self.at += 1
            if line:
                self.block(line)
        return self.out.written()

    def block(self, line: str) -> None:
        if not line[0].isalnum() and self.is_marked(line):
            return
        if "::" in line and _DIRECTIVE.fullmatch(line):
            return
        if self.is_source() or (line[0] in " \t" and not self.out.keeps_lists and not _ITEM.fullmatch(line)):
            self.out.code(dedent(self.taken(line)).split("\n"), self.language())
        elif self.is_underlined(line):
            self.at += 1
            self.heading(1 + _UNDERLINES.index(self.lines[self.at - 1][0]), line)
        elif item := _ITEM.fullmatch(line):
            mark = item[1] or item[2]
            key = mark if mark[0] in "*-." else mark[-1] + str(mark[0].isdigit())
            self.out.item("ul" if item[1] else "ol", key, self.html(self.taken(item[3], in_list=True)))
        elif term := _TERM.match(line):
            if not term[3] and self.at < len(self.lines) and not self.lines[self.at]:
                self.at += 1
            text = self.html(self.taken(term[3] or "", in_list=True))
            self.out.item("dl", term[2], text, self.html(term[1]))
        else:
            self.out.paragraph(self.html(self.taken(line)))
        self.style, self.anchor = [], ""

    def is_marked(self, line: str) -> bool:
        """Read a line that says by its first characters which block it is. Return False for any other line."""
        if fence := _FENCE.fullmatch(line):
            self.fenced(line, fence[3] or "")
        elif heading := _HEADING.fullmatch(line):
            self.heading(len(heading[1]), heading[2].removesuffix(heading[1]).strip())
        elif _RULE.fullmatch(line):
            self.out.block("<hr>\n")
        elif line == "+":
            self.out.keeps_lists = True
            return True
        elif style := _STYLE.fullmatch(line):
            if line.startswith(("[[", "[#")) and (name := _ANCHOR.match(line)):
                self.anchor = name[1]
            else:
                self.style = [part.strip().strip('"') for part in style[1].split(",")]
            return True
        elif len(line) > 1 and line[0] == "." and line[1] not in ". ":
            self.out.block(f"<div>{self.html(line[1:])}</div>\n")
            return True
        else:
            return line.startswith("//") or self.set_value(line)
        self.style, self.anchor = [], ""
        return True

    def fenced(self, fence: str, language: str) -> None:
        kind = fence[0]
        quotes = self.style[:1] in (["quote"], ["verse"])
        if kind in "=*_" or (kind == "-" and (quotes or (fence == "--" and not self.is_source()))):
            self.out.container(fence, "blockquote" if quotes else _CONTAINERS[kind])
            return
        end, start = fence[: len(fence) - len(fence.lstrip("`"))] if kind == "`" else fence, self.at
        while self.at < len(self.lines) and self.lines[self.at] != end:
            self.at += 1
        lines = self.lines[start : self.at]
        self.at += 1
        if kind == "+":
            self.out.block("\n".join(lines) + "\n")
        elif kind in "|!,:":
            self.out.table(self.rows(lines, kind))
        elif kind != "/":
            self.out.code(lines, language or self.language())

    def rows(self, lines: list[str], kind: str) -> list[list[str]]:
        """Return a table's cells, a row for each line that starts one."""
        rows: list[list[str]] = []
        for line in lines:
            cells = line.split(kind) if kind in ",:" else _CELL.split(line)
            if kind in ",:" or not rows or len(cells) > 1:
                rows.append([cell.strip() for cell in (cells if kind in ",:" else cells[1:] or cells)])
            elif rows[-1]:
                rows[-1].append(line)
        return [[self.html(cell.replace("\\|", "|")) for cell in row] for row in rows if any(row)]

    def set_value(self, line: str) -> bool:
        entry = _ATTRIBUTE.fullmatch(line)
        if entry:
            self.values[entry[1].lower()] = (entry[2] or "").strip()
        return entry is not None

    def is_underlined(self, line: str) -> bool:
        below = self.lines[self.at] if self.at < len(self.lines) else ""
        marks = len(below) > 2 and below[0] in _UNDERLINES and not below.strip(below[0])
        return marks and abs(len(below) - len(line)) <= 1 and line[0].isalnum()

    def heading(self, level: int, text: str) -> None:
        html = self.html(text)
        words = _BETWEEN.sub("-", _NOT_IN_ID.sub("", html.lower())).strip("-")
        self.out.heading(level, html, self.anchor or self.out.unique(words))

    def taken(self, first: str, *, in_list: bool = False) -> str:
        """Return a line with the lines that belong to it: up to an empty one, a fence, a style, an item."""
        lines = [first] if first else []
        while self.at < len(self.lines) and (line := self.lines[self.at]):
            if _FENCE.fullmatch(line) or line == "+" or (in_list and (_ITEM.fullmatch(line) or _TERM.match(line))):
                break
            if _STYLE.fullmatch(line) and not self.is_source():
                break
            if self.is_source() or not (line.startswith("//") or _DIRECTIVE.fullmatch(line)):
                lines.append(line)
            self.at += 1
        return "\n".join(lines)

    def is_source(self) -> bool:
        name = self.style[0].partition("%")[0] if self.style else None
        return name in ("source", "listing", "literal") or (name == "" and len(self.style) > 1)

    def language(self) -> str:
        named = [part.partition("=")[2].strip('"') for part in self.style if re.match(r"lang(uage)?=", part)]
        second = self.style[1] if len(self.style) > 1 and self.is_source() and "=" not in self.style[1] else ""
        return (named or [second])[0]

    def html(self, text: str) -> str:
        return _SPANS.html(_REFERENCE.sub(self.value, text) if "{" in text else text)

    def value(self, found: re.Match[str]) -> str:
        value = self.values.get(found[1].lower())
        if value is None or len(value) > self.room:
            return found[0]
        self.room -= len(value)
        return value
