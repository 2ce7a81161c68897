"""Blocks that show nothing by themselves: what is defined for spans, attribute lists, extensions (`{::name …}`).

What belongs elsewhere: attribute lists themselves (`markdown_attributes`), those in a line (`markdown_spans`).

Source: kramdown 2.4's `parser/kramdown/{footnote,link,abbreviation,extensions}.rb`.
"""

from __future__ import annotations

import re

from pipelines.normalise.markdown_attributes import (
    ATTRIBUTES,
    LONGEST_LIST,
    AttributeList,
    is_html_extension,
    link_id,
)
from pipelines.normalise.markdown_html import BLANK
from pipelines.normalise.markdown_patterns import CODE_BLOCK, ID, INDENTS, WHITE
from pipelines.normalise.markdown_tree import Block, Scanner

_FOOTNOTE = re.compile(rf" {{0,3}}\[\^({ID})\]:{BLANK}*?([^\n]*\n{CODE_BLOCK})")
_LINK = re.compile(r" {0,3}\[([^\n\]]+)\]:[ \t]*([^\n]*)\n")
_LINK_TITLE = re.compile(r"[ \t]+([\"'])")
_TITLE_BEHIND = re.compile(r">[ \t]+([\"'])")
_NEXT_LINE_TITLE = re.compile(r"[ \t]*([\"'])[^\n]+\1[ \t]*\n")
_ABBREVIATION = re.compile(r" {0,3}\*\[[^\n]+?\]:[^\n]*\n")
_ALD = re.compile(rf" {{0,3}}\{{:({ID}):({ATTRIBUTES})\}}{BLANK}*?\n")
_EXTENSION = re.compile(
    rf" {{0,3}}(?:\{{::([A-Za-z0-9_]+)(?:{BLANK}((?:[^}}/]|/(?!\}})){{0,500}}))?(/)?\}}|\{{:/(?:{ID})?\}}){BLANK}*?\n"
)
_IAL_LINE = re.compile(rf" {{0,3}}\{{:(?![:/])({ATTRIBUTES})\}}{BLANK}*?\n")


class Extensions(Scanner):
    """Reads definitions and extensions."""

    def footnote(self, tree: Block, depth: int) -> bool | None:
        found = _FOOTNOTE.match(self.text, self.at)
        if not found:
            return None
        self.at = found.end()
        content = Block("footnote")
        self.nested(content, INDENTS.sub("", found[2]), depth + 1)
        self.document.footnotes[found[1]] = content
        self.document.definitions.footnotes.add(found[1])
        tree.children.append(self.new("eob", "footnote"))
        return False

    def link_definition(self, tree: Block, _: int) -> bool | None:
        found = _LINK.match(self.text, self.at)
        if not found:
            return None
        rest, end = found[2], found.end()
        url = None
        if rest.startswith("<"):
            closing = _closing_angle(rest.rstrip(" \t"))
            if closing > 0:
                url = rest[1:closing]
                titled = bool(rest[closing + 1 :].strip(" \t"))
        if url is None:
            title = _LINK_TITLE.search(rest)
            titled = title is not None
            if title and not (title.start() and _is_title(rest[title.start() :])):
                return None
            url = rest[: title.start()] if title else rest.rstrip(" \t")
            if not url.strip(WHITE):
                return None
        if not titled:
            following = _NEXT_LINE_TITLE.match(self.text, end)
            if following:
                end = following.end()
        self.at = end
        block = self.new("eob", "link")
        tree.children.append(block)
        block.given = block.given or AttributeList()
        self.document.definitions.links[link_id(found[1])] = (url, block.given)
        return False

    def abbreviation(self, tree: Block, _: int) -> bool | None:
        found = _ABBREVIATION.match(self.text, self.at)
        if not found:
            return None
        self.at = found.end()
        tree.children.append(self.new("eob", "abbreviation"))
        return False

    def extension(self, tree: Block, _: int) -> bool | None:
        """`{:name: …}`, `{::name …}`, `{: …}`."""
        text = self.text
        if text.find("}", self.at, self.at + LONGEST_LIST) < 0:
            return None
        found = _ALD.match(text, self.at)
        if found:
            lists = self.document.definitions.attribute_lists
            lists.setdefault(found[1], AttributeList()).read(found[2])
            self.at = found.end()
            tree.children.append(self.new("eob", "ald"))
            return False
        found = _EXTENSION.match(text, self.at)
        if found:
            return self.extension_block(tree, found)
        found = _IAL_LINE.match(text, self.at)
        if not found:
            return None
        self.at = found.end()
        last = tree.children[-1] if tree.children else None
        if (
            isinstance(last, Block)
            and last.kind != "blank"
            and (last.kind != "eob" or last.text in ("link", "abbreviation", "footnote"))
        ):
            last.given = last.given or AttributeList()
            last.given.read(found[1])
            if not _IAL_LINE.match(text, self.at):
                tree.children.append(self.new("eob", "ial"))
        else:
            self.pending = self.pending or AttributeList()
            self.pending.read(found[1])
        return False

    def extension_block(self, tree: Block, found: re.Match[str]) -> bool | None:
        name = found[1]
        if name not in ("comment", "nomarkdown", "options"):
            return None
        end, body = found.end(), ""
        if not found[3]:
            key = f"{{:/{name}"
            if self.absent.get(key, self.end + 1) <= end:
                return None
            stop = re.compile(rf"^ {{0,3}}\{{:/(?:{name})?\}}{BLANK}*?\n", re.MULTILINE).search(self.text, end)
            if not stop:
                self.absent[key] = end
                return None
            body, end = self.text[end : stop.start()], stop.end()
        self.at = end
        if name == "options":
            self.document.definitions.set_options(found[2] or "")
            tree.children.append(self.new("eob", "options"))
        elif name == "nomarkdown" and is_html_extension(found[2] or ""):
            tree.children.append(Block("raw", body))
        else:
            tree.children.append(Block("comment"))
        return False


def _closing_angle(line: str) -> int:
    """Where the angle is that ends a url: the first behind which stands nothing, or a quoted title; -1 without."""
    if line.endswith(">"):
        return len(line) - 1
    found = (angle.start() for angle in _TITLE_BEHIND.finditer(line) if line.endswith(angle[1]))
    return next((at for at in found if _is_title(line[at + 1 :])), -1) if line[-1:] in ("'", '"') else -1


def _is_title(rest: str) -> bool:
    """Whether what follows a url is a quoted title, or nothing."""
    quoted = rest.strip(" \t")
    if not quoted:
        return True
    return rest[0] in " \t" and len(quoted) > 2 and quoted[0] in "\"'" and quoted[-1] == quoted[0]
