"""Attribute lists (`{: …}`) and what else a document defines for its spans.

What belongs elsewhere: where they may stand (`markdown_blocks`, `markdown_spans`).

Source: kramdown 2.4's `parser/kramdown/extensions.rb` and `link.rb`.
"""

from __future__ import annotations

import re
from typing import Final

from pipelines.normalise import markdown_options
from pipelines.normalise.markdown_html import BLANK
from pipelines.normalise.markdown_options import DEFAULT, Options

MAX_DEPTH: Final = 40
"""Elements inside elements, beyond which text stays text."""

STEPS_PER_DOCUMENT: Final = 100_000
"""For all spans of a post together: a third of a second. Of 7,618 real posts none takes more than 1,244."""

ATTRIBUTES: Final = r"(?:[^}\\]|\\\}?){1,200}"
"""What stands in an attribute list; kramdown knows no limit of its length."""
LONGEST_LIST: Final = 1_100
"""Characters within which the brace stands that ends a list or an extension."""
_ATTRIBUTE_LIST_ITEM = re.compile(
    r"""(?:\A|(?<=[ \t\n\r\f\v]))"""
    r"""(?:([A-Za-z0-9_][A-Za-z0-9_\-]*)=(?:"((?:\\\}|\\"|[^}"])*?)"|'((?:\\\}|\\'|[^}'])*?)')"""
    r"""|([A-Za-z0-9_][A-Za-z0-9_\-]*)|((?:\#[A-Za-z][A-Za-z0-9_:\-]*|\.[^ \t\n\r\f\v.\#]+)+))(?=[ \t\n\r\f\v]|\Z)"""
)
_ID_OR_CLASS = re.compile(r"\#([A-Za-z][A-Za-z0-9_:\-]*)|\.([^ \t\n\r\f\v.\#]+)")

MARKDOWN_ATTRIBUTE: Final = {"0": "raw", "1": "default", "span": "span", "block": "block"}


class AttributeList:
    """What `{: …}` says: attributes, and names of lists defined elsewhere."""

    __slots__ = ("attributes", "references")

    def __init__(self) -> None:
        self.attributes: dict[str, str] = {}
        self.references: list[str] = []

    def read(self, written: str) -> None:
        for key, double, single, reference, marks in _ATTRIBUTE_LIST_ITEM.findall(written):
            if reference:
                self.references.append(reference)
            elif marks:
                for name, css in _ID_OR_CLASS.findall(marks):
                    if css:
                        self.attributes["class"] = f"{self.attributes.get('class', '')} {css}".lstrip()
                    else:
                        self.attributes["id"] = name
            else:
                self.attributes[key] = (double or single).replace("\\}", "}")


class Definitions:
    """What a document defines for its spans: links, footnotes, attribute lists, options; and the steps left for reading
    them."""

    __slots__ = ("attribute_lists", "footnotes", "links", "options", "steps")

    def __init__(self, options: Options = DEFAULT) -> None:
        self.options = options
        self.links: dict[str, tuple[str, AttributeList | None]] = {
            link_id(label): (url, None) for label, url in options.link_defs
        }
        self.footnotes: set[str] = set()
        self.attribute_lists: dict[str, AttributeList] = {}
        self.steps = STEPS_PER_DOCUMENT

    def set_options(self, written: str) -> None:
        """Sets what an `options` extension says."""
        given = AttributeList()
        given.read(written)
        self.options = markdown_options.read(given.attributes, self.options)

    def apply(self, given: AttributeList, attributes: dict[str, str], depth: int = 0) -> None:
        """Sets the attributes of a list and of those it names."""
        if depth < MAX_DEPTH:
            for reference in given.references:
                if reference in self.attribute_lists:
                    self.apply(self.attribute_lists[reference], attributes, depth + 1)
        attributes.update(given.attributes)


def link_id(written: str) -> str:
    """A link's id as it is compared: blanks are one, case is none."""
    return re.sub(rf"{BLANK}+", " ", written).lower()


def is_html_extension(options: str) -> bool:
    """Whether a `nomarkdown` extension is meant for HTML: no `type`, or one that names it."""
    attribute_list = AttributeList()
    attribute_list.read(options)
    types = attribute_list.attributes.get("type", "").split()
    return not types or "html" in types
