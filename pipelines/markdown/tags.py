"""Tags as kramdown reads them inside Markdown: their syntax, the kinds of elements, how their content is read.

Source: kramdown 2.4's `parser/html.rb`. Ruby's `\\s` is ASCII and its names are Unicode, hence the explicit classes.
"""

from __future__ import annotations

import re
from typing import Final

BLANK: Final = r"[ \t\n\r\f\v]"

_PART = r"[^\W\d][\w.\-]*"
NAME: Final = rf"(?:{_PART}:)?{_PART}"
_VALUE = r"""(?:\w+|"[^"]*"|'[^']*')"""

TAG: Final = re.compile(rf"<({NAME})((?:{BLANK}+{NAME}(?:{BLANK}*={BLANK}*{_VALUE})?)*){BLANK}*+(/)?>")
CLOSING_TAG: Final = re.compile(rf"</({NAME}){BLANK}*>")
TAG_START: Final = re.compile(rf"<(?:{NAME}|!--|/)")
_ATTRIBUTE = re.compile(rf"""({NAME})(?:{BLANK}*={BLANK}*(?:(\w+)|"([^"]*)"|'([^']*)'))?""")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


SPAN_ELEMENTS: Final = _words(
    """a abbr acronym b big bdo br button cite code del dfn em i img input ins kbd label mark option q rb
    rbc rp rt rtc ruby samp select small span strong sub sup tt u var"""
)
BLOCK_ELEMENTS: Final = _words(
    """address article aside applet body blockquote caption col colgroup dd div dl dt fieldset figcaption
    footer form h1 h2 h3 h4 h5 h6 header hgroup hr html head iframe legend menu li main map nav ol
    optgroup p pre section summary table tbody td th thead tfoot tr ul"""
)
VOID_ELEMENTS: Final = _words("""area base br col command embed hr img input keygen link meta param source track wbr""")
HOLDS_BLOCKS: Final = _words(
    """address applet article aside blockquote body dd details div dl fieldset figure figcaption footer
    form header hgroup iframe li main map menu nav noscript object section summary td"""
)
"""Elements whose content is read as blocks with `markdown="1"`."""
HOLDS_SPANS: Final = _words(
    """a abbr acronym b bdo big button cite caption del dfn dt em h1 h2 h3 h4 h5 h6 i ins label legend
    optgroup p q rb rbc rp rt rtc ruby select small span strong sub sup th tt"""
)
"""Elements whose content is read as spans. All others hold raw HTML."""
_KNOWN = (
    SPAN_ELEMENTS
    | BLOCK_ELEMENTS
    | VOID_ELEMENTS
    | HOLDS_BLOCKS
    | HOLDS_SPANS
    | _words("""script style math option textarea pre code kbd samp var""")
)
RAW_TEXT: Final = frozenset(("script", "style"))
"""Elements in which no tag is a tag."""
MARKDOWN_ATTRIBUTE: Final = {"0": "raw", "1": "default", "span": "span", "block": "block"}
"""Values of the `markdown` attribute."""


def is_known(name: str) -> bool:
    """Return True if HTML knows the element (`HTML_ELEMENT`)."""
    return name in _KNOWN


def element_name(written: str) -> str:
    """Return the name in lower case if HTML knows it, else as written."""
    lower = written.lower()
    return lower if lower in _KNOWN else written


def attributes(written: str, known: bool) -> dict[str, str]:
    """Return the attributes of a tag; the last of equal names wins. Names are lowered in elements that HTML knows."""
    found: dict[str, str] = {}
    for name, word, double, single in _ATTRIBUTE.findall(written):
        found[name.lower() if known else name] = word or double or single
    return found


def content_model(name: str) -> str:
    """Return how Markdown reads the element's content by default: `block`, `span` or `raw`."""
    if name in HOLDS_BLOCKS:
        return "block"
    return "span" if name in HOLDS_SPANS else "raw"
