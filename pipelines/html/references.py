"""Character references: decoding and escaping."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

_MARKUP: Final = re.compile(r"&(?!(?:[A-Za-z_:][\w.:-]*|#[0-9]+|#x[0-9a-fA-F]+);)|[<>]")
_ATTRIBUTE: Final = re.compile(r"&(?!(?:[A-Za-z_:][\w.:-]*|#[0-9]+|#x[0-9a-fA-F]+);)|[<>\"]")
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_LONG_NUMBER: Final = re.compile(r"&#(?:0*[0-9]{8,}|[xX]0*[0-9a-fA-F]{7,});?")


def escaped(text: str) -> str:
    """Return a text as it stands in HTML and in quoted attributes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def escaped_markup(text: str, *, attribute: bool = False) -> str:
    """Return a text in which references count, as kramdown writes it (`escape_html`)."""
    pattern = _ATTRIBUTE if attribute else _MARKUP
    return pattern.sub(lambda found: _ESCAPES[found[0]], text)


def decoded(text: str) -> str:
    """Return a text with its references as characters. Numbers too long to be a character are U+FFFD."""
    return unescape(_LONG_NUMBER.sub("\ufffd", text)) if "&" in text else text
