"""The links of bodies so plain that no parser is needed: most of a news archive.

A body is plain where each line, taken by itself, is text that no rule of kramdown reads differently, with nothing in
it but whole links, code and a few inline elements; or where it is an HTML block of well-formed tags, or fenced code.
Whatever is not surely plain is left to the parser: the two agree, this one is only faster. What belongs elsewhere: the
rules themselves (`markdown_blocks`, `markdown_spans`).
"""

from __future__ import annotations

import re
from typing import Final

from pipelines.normalise.link_page import CODE, RAW_TEXT, Link, Page
from pipelines.normalise.markdown_html import BLANK, SPAN_ELEMENTS, VOID_ELEMENTS, attributes

_LINE = re.compile(
    r"""\#{1,6}[ ]+[^ \t\n]|-{3,}\Z"""
    r"""|(>[ ]?|[-*+][ ]{1,3}|[0-9]+\.[ ]{1,3})?(?![0-9]+\.[ ])"""
    r"""(?:[A-Za-z0-9\x80-\U0010ffff("'%&@,.;?!/]|<(?:https?://|/?[a-z])|\[[^\]\[^]+\]\("""
    r"""|`(?!`)|\*(?![ \t*\[])|\*\*(?![ \t*])|__?(?![ \t_]))"""
)
"""How a plain line starts: a header or a rule; or at most one mark of a quote or an item (the group), then what starts
no block."""

_FENCE = re.compile(r"```[^ \t\n\f\v`]*\n")
_FENCE_END = re.compile(rf"\n {{0,3}}`{{3,}}{BLANK}*?(?:\n|\Z)")
_CODE = re.compile(r"`[^ `|\t\n\f\v][^`|\n]*+`")
"""Code in a line: between single marks, with no pipe, which may part a table's cells."""

_TELLING = re.compile(r"[<\[`\\|{\t\f\v$~]")
"""What may be a link, code, an escape, a table, an attribute list, indentation, mathematics or struck out."""

_ATTRIBUTES = r"""((?:[ ][a-zA-Z][a-zA-Z\-]*="[^"<>\n]*")*)"""
_LINK = re.compile(r"""\[(?!\^)([^\[\]<`\\|{\t\n*_$~]++)\]\(([^\s()<>"'`\\|{\[\]]++)\)""")
_TAG = re.compile(
    rf"""<(?:(https?://[^\s<>`\\|{{]+)>|(?:(a)|(?:strong|b|em|i|span|small|sub|sup)){_ATTRIBUTES}>"""
    rf"""([^<\[`\\|{{\t\n*_$~]*+)</(?:(?(2)a|(?:strong|b|em|i|span|small|sub|sup)))>|(br|img){_ATTRIBUTES}[ ]?/?>)"""
)
_RAW = re.compile(
    rf"""<(?:(p|strong|b|em|i|span|a|td|li){_ATTRIBUTES}>([^<]*+)</\1>"""
    rf"""|/([a-z][a-z0-9]*)>|([a-z][a-z0-9]*){_ATTRIBUTES}[ ]?(/)?>)?"""
)
_BLOCK = re.compile(r"[ ]{0,3}<([a-z][a-z0-9]*)")
_EMPHASISED = "|".join(rf"<{name}>[^<]*+</{name}>" for name in ("strong", "b", "em", "i", "span"))
_ANCHOR = re.compile(rf"""<(?:a{_ATTRIBUTES}>([^<]*+)</a>|img{_ATTRIBUTES}[ ]?/?>)""")
_PARAGRAPHS = re.compile(
    rf"""(?:<p(?:[ ]class="[^"<>\n]*")?>(?:[^<]++|{_EMPHASISED}|{_ANCHOR.pattern}|<br[ ]?/?>)*</p>)+"""
)
"""Paragraphs of texts and links, the bulk of an article in HTML: read in one step. Only single characters are repeated
possessively: what backtracks within such a repetition goes wrong in Python before 3.11.5 (cpython 106052)."""
_PARSED: Final = CODE | RAW_TEXT


def links(body: str) -> list[Link] | None:
    """The links of a Markdown body, or None where it is not plain."""
    if "<" not in body and "[" not in body and "{" not in body:
        return []
    if "\r" in body:
        return None
    page = Page()
    at, end = 0, len(body)
    after_block = in_mark = False
    while at < end:
        stop = body.find("\n", at)
        if stop < 0:
            stop = end
        if stop == at:
            in_mark = False
        else:
            block = _BLOCK.match(body, at) if body[at] in " <" else None
            if block and block[1] not in SPAN_ELEMENTS and not body.startswith("://", block.end()):
                if in_mark and body[at] == " ":
                    return None
                paragraphs = _PARAGRAPHS.match(body, at)
                if paragraphs and body.find("markdown", at, paragraphs.end()) < 0:
                    at = _anchors(page, body, at, paragraphs.end())
                else:
                    at = _raw_block(page, body, block.start(1) - 1)
                if at < 0:
                    return None
                after = at
                while body.startswith(" ", after):
                    after += 1
                after_block = after < end and body[after] != "\n"
                if not after_block:
                    at = after + 1
                continue
            if body.startswith("```", at):
                opening = _FENCE.match(body, at)
                closing = _FENCE_END.search(body, opening.end() - 1) if opening else None
                if not closing or in_mark or after_block:
                    return None
                at = closing.end()
                continue
            start = _LINE.match(body, at, stop)
            if not start or (after_block and body[at] in ">-*+#0123456789"):
                return None
            in_mark = in_mark or bool(start[1])
            if not _line(page, body, at, stop):
                return None
        at = stop + 1
        after_block = False
    return page.links()


def _line(page: Page, body: str, at: int, stop: int) -> bool:
    """Writes the links of a line to the page; False where there is more than links."""
    while telling := _TELLING.search(body, at, stop):
        at = telling.end()
        character = telling[0]
        if character == "<":
            tag = _TAG.match(body, at - 1, stop)
            if not tag:
                return False
            at = tag.end()
            url, anchor, given, words, void, void_given = tag.groups()
            if url:
                page.add("a", "href", url, url)
            elif anchor:
                page.open("a", attributes(given, True))
                page.text(words)
                page.close("a")
            elif void:
                page.open(void, attributes(void_given, True))
            elif given:
                page.open(body[tag.start() + 1 : tag.start(3)], attributes(given, True))
        elif character == "[":
            link = _LINK.match(body, at - 1, stop)
            if not link:
                return False
            image = at > 1 and body[at - 2] == "!"
            page.add("img" if image else "a", "src" if image else "href", link[2], link[1])
            at = link.end()
        elif character == "`":
            code = _CODE.match(body, at - 1, stop)
            if not code:
                return False
            at = code.end()
        elif character not in "$~" or body.startswith(character, at):
            return False
    return True


def _anchors(page: Page, body: str, at: int, stop: int) -> int:
    """Writes the links of paragraphs to the page; returns where they end."""
    for tag in _ANCHOR.finditer(body, at, stop):
        given, words, image = tag.groups()
        if words is None:
            page.open("img", attributes(image, True))
        else:
            page.open("a", attributes(given, True))
            page.text(words)
            page.close("a")
    return stop


def _raw_block(page: Page, body: str, at: int) -> int:
    """Writes an HTML block to the page; returns where it ends, or -1 where it is not well formed."""
    names: list[str] = []
    words_from = -1
    for tag in _RAW.finditer(body, at):
        leaf, leaf_given, words, closing, opening, given, closed = tag.groups()
        if words_from >= 0:
            page.text(body[words_from : tag.start()])
            words_from = tag.end()
        if "markdown" in (leaf_given or given or ""):
            return -1
        if leaf:
            if leaf_given or leaf == "a":
                page.open(leaf, attributes(leaf_given, True))
                if leaf == "a":
                    words_from = -1
            if words_from >= 0 or leaf == "a":
                page.text(words)
            if leaf == "a":
                page.close("a")
            if not names:
                return tag.end()
        elif closing:
            if names[-1] == closing:
                names.pop()
                if closing == "a":
                    page.close("a")
                    words_from = -1
                if not names:
                    return tag.end()
        elif opening:
            if opening in _PARSED or (opening == "a" and closed):
                return -1
            if given:
                page.open(opening, attributes(given, True))
            if opening == "a":
                words_from = tag.end()
            if not closed and opening not in VOID_ELEMENTS:
                names.append(opening)
            elif not names:
                return tag.end()
        else:
            return -1
    if words_from >= 0:
        page.text(body[words_from:])
    return len(body)
