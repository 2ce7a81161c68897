"""Character references: decoding and escaping."""

from __future__ import annotations

import re
from typing import Final

from pipelines.untrusted import unescape

_NAME_OR_NUMBER = r"(?:[A-Za-z_:][\w.:-]*|#[0-9]+|#x[0-9a-fA-F]+);"
_REFERENCE: Final = re.compile(f"&{_NAME_OR_NUMBER}")
_MARKUP: Final = re.compile(f"&(?!{_NAME_OR_NUMBER})|[<>]")
_ATTRIBUTE: Final = re.compile(f'&(?!{_NAME_OR_NUMBER})|[<>"]')
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def escaped(text: str) -> str:
    """Return a text as it stands in HTML and in quoted attributes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def escaped_markup(text: str, *, attribute: bool = False) -> str:
    """Return a text in which references count, as kramdown writes it (`escape_html`)."""
    pattern = _ATTRIBUTE if attribute else _MARKUP
    return pattern.sub(lambda found: _ESCAPES[found[0]], text)


def decoded(text: str) -> str:
    """Return a text with its references as characters."""
    return unescape(text) if "&" in text else text


def decoded_markup(text: str) -> str:
    """Return a text with its references as characters, as it comes out of `escaped_markup`."""
    return _REFERENCE.sub(lambda found: unescape(found[0]), text) if "&" in text else text
