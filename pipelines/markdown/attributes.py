"""Attribute lists: `{: #id .class key="value" name}`.

Source: kramdown 2.4's `parser/kramdown/extensions.rb:parse_attribute_list`.
"""

from __future__ import annotations

import re
from typing import Final

ATTRIBUTES: Final = r"(?:[^}\\]|\\\}?){1,500}"
"""The content of an attribute list. kramdown sets no limit to its length; this keeps patterns linear."""
_ITEM: Final = re.compile(
    r"""(?:\A|(?<=[ \t\n\r\f\v]))"""
    r"""(?:([A-Za-z0-9_][A-Za-z0-9_\-]*)=(?:"((?:\\\}|\\"|[^}"])*?)"|'((?:\\\}|\\'|[^}'])*?)')"""
    r"""|([A-Za-z0-9_][A-Za-z0-9_\-]*)|((?:\#[A-Za-z][A-Za-z0-9_:\-]*|\.[^ \t\n\r\f\v.\#]+)+))(?=[ \t\n\r\f\v]|\Z)"""
)
_ID_OR_CLASS: Final = re.compile(r"\#([A-Za-z][A-Za-z0-9_:\-]*)|\.([^ \t\n\r\f\v.\#]+)")


class AttributeList:
    """Attributes, and names of lists that are defined elsewhere."""

    __slots__ = ("attributes", "references")

    def __init__(self, written: str = "") -> None:
        self.attributes: dict[str, str] = {}
        self.references: list[str] = []
        self.read(written)

    def read(self, written: str) -> None:
        """Add what a list says."""
        for key, double, single, reference, marks in _ITEM.findall(written):
            if reference:
                self.references.append(reference)
            elif marks:
                for name, css in _ID_OR_CLASS.findall(marks):
                    if css:
                        self.attributes["class"] = f"{self.attributes.get('class', '')} {css}".lstrip()
                    else:
                        self.attributes["id"] = name
            else:
                quote = '"' if double else "'"
                self.attributes[key] = (double or single).replace("\\}", "}").replace(f"\\{quote}", quote)
