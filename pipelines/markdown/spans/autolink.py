"""Autolinks: `<https://…>`, `<name@host>`. Source: kramdown 2.4's `parser/kramdown/autolink.rb`."""

from __future__ import annotations

import re
from typing import Final

from pipelines.liquid.tokens import URL_SIGN, URL_TOKEN
from pipelines.markdown.document import Node
from pipelines.markdown.spans.state import SpanState

_AUTOLINK: Final = re.compile(rf"<((mailto|https?|ftps?):[^\n]+?|{URL_TOKEN}[^\s<>]*|[\w.\-]+@[\w.\-]+)>")


def autolink(state: SpanState) -> bool:
    """Read a url or a mail address between angles. A url may also be Liquid that prints one."""
    if state.find(">", state.at) < 0:
        return False
    found = _AUTOLINK.match(state.text, state.at)
    if not found:
        return False
    url, scheme = found.groups()
    node = Node("a", block=False)
    node.attributes["href"] = url if scheme or url.startswith(URL_SIGN) else f"mailto:{url}"
    node.add_text(url.removeprefix("mailto:"))
    return state.add(node, found.end())
