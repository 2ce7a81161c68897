"""What a post's links are for, and where the post came from.

Decided by the front matter, the last lines of the text and the rules. Elsewhere: what a url is (`urls`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import xxhash

from pipelines.columns.memoise import remembered
from pipelines.normalise.patterns import search
from pipelines.normalise.rules import Navigation, Publisher, Sources
from pipelines.normalise.urls import Address

_TAIL: Final = 1000
"""Longest paragraph at the end of a text that is looked at."""

_LAST_LINES: Final = 12
_LONGEST_LABEL: Final = 40
_PAGE: Final = re.compile(r"/(?:[^/.]*|[^/]*\.(?:x?html?|php|aspx?))$")
"""The path of a page; other paths of the site are files to be fetched."""

_SEPARATORS: Final = " \t\r\n\xa0\u3000|｜·•・/\\,，、;；:：«»‹›<>←→⇐⇒↑-–—~*_()（）[]【】「」。.!“”‘’"
_LINE_ENDS: Final = _SEPARATORS + "#"
_URL_TEXT: Final = re.compile(r"(?:https?:)?//[^\s<>]+", re.IGNORECASE)
_PUBLISHER_BEFORE, _PUBLISHER_AFTER = 10, 200


class RawLink(NamedTuple):
    """A link of a body: columns of `post_links_raw`."""

    element: str
    attribute: str
    url: str
    anchor: str | None
    start: int
    """Places in the post's text at which the anchor starts and ends."""
    end: int
    in_item: bool
    after_heading: bool


class _Line(NamedTuple):
    """A line at the end of a text, or one of its links."""

    text: str
    links: list[int]
    """Numbers of its links."""
    words: list[str]
    """The words beside its links."""


def roles(
    text: str,
    links: Sequence[RawLink],
    addresses: Sequence[Address],
    sources: Sources,
    navigation: Navigation,
) -> tuple[list[str], int | None]:
    """Return the role of each link of a post, and which link the last lines name as the source.

    Lines at the end that are nothing but links to the site's own pages are navigation. The line above them (or the
    last) names the source if it is one link after a word like "Source:", or nothing but one url of another site that
    no words before it ("Read more:"), heading or further url make a reference.
    """
    made = ["image" if link.attribute == "src" else "body" for link in links]
    lines = _last_lines(text, links)
    for line in lines:
        if not line.links or any(links[number].in_item for number in line.links):
            break
        first = line.links[0]
        if len(line.links) == 1 and addresses[first].kind == "external":
            if line.words:
                names_source = _are_all(line.words, sources.label)
            else:
                names_source = _is_its_own_text(links[first]) and _leaves_it_alone(
                    links[first], next(lines, None), sources.label
                )
            if names_source:
                made[first] = "source"
                return made, first
            break
        if not _are_all(line.words, navigation.label):
            break
        if not all(_is_own_page(addresses[number]) for number in line.links):
            break
        for number in line.links:
            made[number] = "navigation"
    return made, None


def _is_own_page(address: Address) -> bool:
    path = (address.canonical_url or "/").partition("?")[0]
    return address.kind == "internal" and _PAGE.search(path) is not None


def _last_lines(text: str, links: Sequence[RawLink]) -> Iterator[_Line]:
    """Yield the last lines that show something, last first; of a line that is nothing but links, each link."""
    left = [number for number, link in enumerate(links) if link.attribute == "href" and link.end > link.start]
    end = len(text)
    for _ in range(_LAST_LINES):
        start = text.rfind("\n", max(0, end - _TAIL), end) + 1
        if end - start > _TAIL or end <= 0:
            return
        if start == end:
            end -= 1
            continue
        inside: list[int] = []
        while left and links[left[-1]].start >= start:
            inside.insert(0, left.pop())
        line = _line(text, start, end, links, inside)
        if len(inside) > 1 and not line.words:
            yield from (_Line(links[number].anchor or "", [number], []) for number in reversed(inside))
        elif inside or line.text.strip(_SEPARATORS):
            yield line
        end = start - 1


def _line(text: str, start: int, end: int, links: Sequence[RawLink], inside: list[int]) -> _Line:
    words: list[str] = []
    at = start
    for number in inside:
        if beside := text[at : links[number].start].strip(_SEPARATORS):
            words.append(beside)
        at = max(at, links[number].end)
    if beside := text[at:end].strip(_SEPARATORS):
        words.append(beside)
    return _Line(text[start:end], inside, words)


def _are_all(words: Sequence[str], label: str) -> bool:
    return all(len(word) <= _LONGEST_LABEL and _is_label(word, label) for word in words)


@remembered(4096)
def _is_label(word: str, label: str) -> bool:
    return search(label, word) is not None


def _is_its_own_text(link: RawLink) -> bool:
    return (link.anchor or "").strip().removesuffix("/") == link.url.strip().removesuffix("/")


def _leaves_it_alone(link: RawLink, before: _Line | None, label: str) -> bool:
    """Return True unless the line before introduces the url."""
    line = before.text.strip() if before else ""
    words = line.strip(_LINE_ENDS)
    if words and _are_all([words], label):
        return True
    if link.after_heading or line.endswith((":", "：")):
        return False
    return _URL_TEXT.fullmatch(line) is None


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
