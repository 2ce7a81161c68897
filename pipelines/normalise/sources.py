"""What a post's links are for, and where the post came from.

By the front matter, the last lines of the body and the text, as the rules say. What a url is: `urls`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import xxhash

from pipelines.normalise.links import Link
from pipelines.normalise.memory import remembered
from pipelines.normalise.patterns import search
from pipelines.normalise.rules import Navigation, Publisher, Sources
from pipelines.normalise.urls import Address
from pipelines.untrusted import unescape

_TAIL: Final = 1000
"""Characters at the end of a body in which last lines are looked for."""

_LAST_LINES: Final = 12
_LONGEST_LABEL: Final = 40
# Case is written out, and every alternative begins with a letter of its own: otherwise Python cannot skip to the next
# place where one may begin, and searches three times as slowly.
_PARAGRAPH_ENDS: Final = re.compile(
    r"\n[ \t\r]*\n|[ ][ ]\r?\n|</(?:[Pp]|[Dd][Ii][Vv]|[Hh][1-6]|section|footer)>|<[Bb][Rr] ?/?>"
)
_PAGE: Final = re.compile(r"/(?:[^/.]*|[^/]*\.(?:x?html?|php|aspx?))$")
"""The path of a page; anything else of the site's own is a file to be fetched."""

_LIST_ITEM: Final = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)]|<[Ll][Ii]\b[^>]*>)\s")
_LINKS: Final = re.compile(
    r"<[Aa]\b[^<>]*>[^<>]*(?:<[^Aa/][^<>]*>[^<>]*</[^Aa][^<>]*>[^<>]*)?</[Aa]>"
    r"|<(?:https?:)?//[^<>\s]*>"
    r"|!\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])|\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])"
)
_MARKUP: Final = re.compile(
    r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>|\{:[^{}]*\}"
    r"|&(?:nbsp|[rl]a?quo|[lr]arr|middot|bull|[lr]saquo);"
)
_BARE_URL: Final = re.compile(r"[ \t\r\n]*<https?://[^<>\s&]*>[ \t\r\n]*")
"""The commonest line of all: what `_said` says of it is known."""

_SEPARATORS: Final = " \t\r\n\xa0\u3000|｜·•・/\\,，、;；:：«»‹›<>←→⇐⇒↑-–—~*_()（）[]【】「」。.!"
_LINE_ENDS: Final = _SEPARATORS + "#"
_URL_TEXT: Final = re.compile(r"(?:https?:)?//[^\s<>]+", re.IGNORECASE)
_PUBLISHER_BEFORE, _PUBLISHER_AFTER = 10, 200


def roles(
    body: str,
    links: Sequence[Link],
    addresses: Sequence[Address],
    sources: Sources,
    navigation: Navigation,
) -> tuple[list[str], int | None]:
    """The role of each link of the body, and which link the last lines name as the source.

    Lines at the end that are nothing but links to the site's own pages are navigation; the line above them (or the
    last) names the source if it is one link after a word like "Source:", or nothing but one url of another site that
    no words before it ("Read more:"), heading or further url make a reference.
    """
    made = ["image" if link.attribute == "src" else "body" for link in links]
    last = len(links)
    if links[-1].value not in unescape(_last_line(body)):
        return made, None
    lines = _last_lines(body)
    for line in lines:
        number, written, words = (1, line, ()) if _BARE_URL.fullmatch(line) else _said(line)
        first = last - number
        if first < 0 or first == last:
            break
        for link in links[first:last]:
            if link.value not in written:
                return made, None
        if number == 1 and addresses[first].kind == "external":
            if words:
                names_source = _are_all(words, sources.label)
            else:
                is_bare = links[first].attribute == "href" and _is_its_own_text(links[first])
                names_source = is_bare and _leaves_it_alone(next(lines, ""), sources.label)
            if names_source:
                made[first] = "source"
                return made, first
            break
        if not _are_all(words, navigation.label) or not all(map(_is_own_page, addresses[first:last])):
            break
        for place in range(first, last):
            if made[place] == "body":
                made[place] = "navigation"
        last = first
    return made, None


@remembered(4096)
def _said(line: str) -> tuple[int, str, tuple[str, ...]]:
    """Number of links in a line (none where it is a list's item), the line without entities, the words beside the
    links. Remembered, since a site ends its posts alike.
    """
    number = 0 if _LIST_ITEM.match(line) else len(_LINKS.findall(line))
    return number, unescape(line), tuple(_words_beside_links(line))


def _is_own_page(address: Address) -> bool:
    path = (address.canonical_url or "/").partition("?")[0]
    return address.kind == "internal" and _PAGE.search(path) is not None


def _last_line(body: str) -> str:
    """The last line that shows something. Most posts end in prose, and this says so at little cost."""
    end = len(body)
    for _ in range(_LAST_LINES):
        start = body.rfind("\n", 0, end) + 1
        line = body[max(start, end - _TAIL) : end]
        if line and _without_markup(line).strip(_SEPARATORS):
            return line
        end = start - 1
        if end <= 0:
            break
    return ""


def _last_lines(body: str) -> Iterator[str]:
    """The last paragraphs that hold something, last first; one of nothing but links, line by line."""
    end = len(body)
    for _ in range(_LAST_LINES):
        if end <= 0:
            return
        start = body.rfind("\n\n", max(0, end - _TAIL - 1), end) + 1
        written = body[max(start, end - _TAIL) : end]
        is_whole = end - start <= _TAIL
        end = start - 1
        if is_whole and _BARE_URL.fullmatch(written):
            yield written
            continue
        paragraphs = _PARAGRAPH_ENDS.split(written)
        # Else the first is but an end of one, and what stands before it is too long ago.
        for paragraph in reversed(paragraphs if is_whole else paragraphs[1:]):
            if not _without_markup(paragraph).strip(_SEPARATORS):
                continue
            lines = [line for line in paragraph.splitlines() if line.strip(_SEPARATORS)]
            if len(lines) > 1 and not any(_words_beside_links(line) for line in lines):
                yield from reversed(lines)
            else:
                yield paragraph
        if not is_whole:
            return


def _without_markup(text: str) -> str:
    return _MARKUP.sub("", text) if "<" in text or "&" in text or "{:" in text else text


def _words_beside_links(line: str) -> list[str]:
    beside = (_without_markup(part).strip(_SEPARATORS) for part in _LINKS.split(line))
    return [part for part in beside if part]


def _are_all(words: Sequence[str], label: str) -> bool:
    return all(len(word) <= _LONGEST_LABEL and _is_label(word, label) for word in words)


@remembered(4096)
def _is_label(word: str, label: str) -> bool:
    return search(label, word) is not None


def _is_its_own_text(link: Link) -> bool:
    return link.anchor.strip().removesuffix("/") == link.value.strip().removesuffix("/")


def _leaves_it_alone(before: str, label: str) -> bool:
    """Whether what stands before a bare url lets it name the source."""
    line = before.strip().rpartition("\n")[2].strip()
    bare = _without_markup(line)
    words = bare.strip(_LINE_ENDS)
    if words and _are_all([words], label):
        return True
    if line.startswith("#") or bare.rstrip("*_ ").endswith((":", "：")):  # it leads to the url
        return False
    if line.startswith("["):
        return _URL_TEXT.match(line[1:]) is None or bool(_words_beside_links(line))
    return _URL_TEXT.fullmatch(line.lstrip("<").rstrip(">")) is None


class Named(NamedTuple):
    """What the front matter says of a post's source: urls, the one to believe first, and the publisher."""

    urls: list[str]
    publisher: str | None


NOT_NAMED: Final = Named([], None)


def named_in_front_matter(front_matter: str, sources: Sources) -> Named:
    """What the front matter (JSON) says of the post's source, in texts and lists of texts."""
    written = json.loads(front_matter)
    if not isinstance(written, dict):
        return NOT_NAMED
    by_key = {_key(key): _texts(value) for key, value in written.items()}
    urls = [text for key in sources.keys for text in by_key.get(_key(key), []) if _URL_TEXT.fullmatch(text)]
    names = [text for key in sources.publisher_keys for text in by_key.get(_key(key), []) if not _URL_TEXT.match(text)]
    return Named(list(dict.fromkeys(urls)), names[0] if names else None)


def front_matter_pattern(sources: Sources) -> str:
    """A pattern that finds, in front matter as JSON, the keys of `named_in_front_matter`; a cheap first look."""
    keys = {"[-_]?".join(map(re.escape, _key(key))) for key in (*sources.keys, *sources.publisher_keys)}
    return rf'(?i)"(?:{"|".join(sorted(keys))})"\s*:'


@remembered(4096)
def _key(written: str) -> str:
    return written.lower().replace("-", "").replace("_", "")


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text.strip() for text in values if isinstance(text, str) and text.strip()]


def publisher(text: str, publishers: Sequence[Publisher]) -> str | None:
    """Who published the post first, as its plain text says by the first rule that fits."""
    for rule in publishers:
        place = text.rfind(rule.contains)
        if place >= 0:
            window = text[max(0, place - _PUBLISHER_BEFORE) : place + len(rule.contains) + _PUBLISHER_AFTER]
            found = search(rule.text, window)
            if found and (name := " ".join((found[1] or "").split())):
                return name
    return None


_SHORTEST_TEXT: Final = 40


def bare_text(text: str, last_anchors: Sequence[str], publishers: Sequence[Publisher] = ()) -> str:
    """A text without blanks, the anchors that end it and the words before them that name its publisher: what makes
    two texts one.

    Args:
        text: the plain text of a post.
        last_anchors: texts of the links that name its source and lead to the site's pages, in their order.
        publishers: how the text names its publisher.
    """
    for anchor in reversed(last_anchors):
        text = text.rstrip(_SEPARATORS).removesuffix(anchor)
    for rule in publishers:
        place = text.rfind(rule.contains)
        if place >= 0 and len(text) - place < _PUBLISHER_AFTER:
            start = max(0, place - _PUBLISHER_BEFORE)
            found = search(rule.text, text[start:])
            if found and found[0]:
                before, _, after = text[start:].rpartition(found[0])
                text = text if after.strip(_SEPARATORS) else text[:start] + before
    text = text.rstrip(_SEPARATORS).replace(" ", "").replace("\n", "")  # the commonest first: half the time
    return "".join(text.split())


def text_hash(bare: str) -> str | None:
    """XXH3 of a bare text; None where too little is left."""
    return xxhash.xxh3_128_hexdigest(bare.encode()) if len(bare) >= _SHORTEST_TEXT else None
