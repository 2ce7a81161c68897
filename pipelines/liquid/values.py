"""The Liquid in a link that can be resolved without running the site: its own url, and names of its files.

All other Liquid stays as it stands; nothing is executed.
"""

from __future__ import annotations

import re
from typing import Final

_OUTPUT: Final = re.compile(r"\{\{-?([^{}]*?)-?\}\}")
_TARGET: Final = re.compile(r"\{%-?\s*(?:post_url|link)\s([^{}%]*)%\}")
_TEXT: Final = re.compile(r"""^(?:"([^"]*)"|'([^']*)')$""")


def resolved(value: str, url: str, baseurl: str) -> str | None:
    """The value with `site.url` and `site.baseurl` put in; None where other Liquid remains.

    Understood are the variables themselves, texts, and the filters relative_url, absolute_url (jekyll
    filters/url_filters.rb), prepend and append.
    """
    parts: list[str] = []
    end = 0
    for output in _OUTPUT.finditer(value):
        shown = _shown(output[1], url, baseurl)
        if shown is None:
            return None
        parts += [value[end : output.start()], shown]
        end = output.end()
    parts.append(value[end:])
    joined = "".join(parts)
    return None if "{{" in joined or "{%" in joined else joined


def target(value: str) -> str | None:
    """The file that a `post_url` or `link` tag names, as written there; None where there is no such tag."""
    found = _TARGET.search(value)
    return (found[1].removesuffix("-").strip().strip("\"'") or None) if found else None


def _shown(expression: str, url: str, baseurl: str) -> str | None:
    head, *filters = (part.strip() for part in expression.split("|"))
    text = _value(head, url, baseurl)
    for written in filters:
        if text is None:
            return None
        name, _, argument = (part.strip() for part in written.partition(":"))
        other = _value(argument, url, baseurl)
        if name == "relative_url":
            text = _relative(text, baseurl)
        elif name == "absolute_url":
            text = url + _relative(text, baseurl)
        elif name == "prepend" and other is not None:
            text = other + text
        elif name == "append" and other is not None:
            text += other
        else:
            return None
    return text


def _relative(text: str, baseurl: str) -> str:
    if "://" in text:
        return text
    return baseurl + ("" if text.startswith("/") or not text else "/") + text


def _value(written: str, url: str, baseurl: str) -> str | None:
    if written == "site.url":
        return url
    if written == "site.baseurl":
        return baseurl
    text = _TEXT.match(written)
    return (text[1] if text[1] is not None else text[2]) if text else None
