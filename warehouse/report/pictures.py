"""A Vega-Lite specification drawn as SVG that may stand in a page: in this process, without network.

What Vega-Lite draws is written anew with the few elements and attributes that a picture needs, so that nothing of a
post becomes more than text.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from html import escape
from typing import Any, Final
from xml.etree import ElementTree

import vl_convert

vl_convert.configure(base_url=False, allowed_base_urls=[])  # nothing is fetched, and no file read

WIDTH: Final = 520
HEIGHT: Final = 230

# A page sets these by light and dark; a picture that stands alone falls back to what does for both.
INK: Final = "var(--soft, #737b86)"
RULE: Final = "var(--line, #8885)"
COLOURS: Final = tuple(
    f"var(--c{number}, {colour})"
    for number, colour in enumerate(("#3b74b8", "#c9722b", "#3f9142", "#b5487f", "#7a63b8", "#8a8f98"), 1)
)

_CONFIG: Final = {
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK,
        "labelFontSize": 11,
        "labelPadding": 6,
        "ticks": False,
        "title": None,
        "gridColor": RULE,
        "domainColor": RULE,
    },
    "axisX": {"grid": False, "labelAngle": 0, "labelPadding": 8},
    "legend": {
        "orient": "top",
        "title": None,
        "labelColor": INK,
        "labelFontSize": 11,
        "labelLimit": 140,
        "columns": 3,
        "columnPadding": 30,
        "rowPadding": 5,
        "symbolType": "circle",
        "symbolSize": 60,
    },
}


def specification(values: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A Vega-Lite specification with what all charts share."""
    return {
        "data": {"values": values},
        "width": WIDTH,
        "height": HEIGHT,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": 2,
        "background": None,
        "config": _CONFIG,
    } | more


_ELEMENTS: Final = {
    "g": ("transform",),
    "path": ("d", "transform"),
    "rect": ("x", "y", "width", "height", "transform"),
    "line": ("x1", "x2", "y1", "y2", "transform"),
    "text": ("transform", "text-anchor", "font-size"),
}
_PAINT: Final = ("fill", "stroke", "stroke-width", "stroke-linejoin", "fill-opacity", "stroke-opacity", "opacity")
_VALUE: Final = re.compile(r"[\w .,()#%+-]*")
_PLACE: Final = re.compile(r"(\.\d)\d+")
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")


def safe(text: str) -> str:
    """The text without what XML cannot hold, and no longer than a label may be."""
    text = _UNSAFE.sub(" ", text)
    return text if len(text) <= 60 else text[:59] + "…"


def _attributes(node: ElementTree.Element, name: str) -> str:
    kept = ""
    for key in (*_ELEMENTS[name], *_PAINT):
        value = node.get(key, "")
        if value and _VALUE.fullmatch(value) and (key, value) != ("opacity", "1"):
            short = _PLACE.sub(r"\1", value) if key in ("d", "transform") else value
            kept += f' {key}="{short}"'
    return kept


def _kept(node: ElementTree.Element) -> str:
    """The element as safe SVG: known elements, attributes and text; what is said of a mark becomes its title."""
    name = node.tag.rpartition("}")[2]
    if name not in _ELEMENTS or node.get("class") == "background":
        return ""
    inner = "".join(map(_kept, node))
    if name == "text":
        inner = escape("".join(node.itertext()))
    if node.get("role") == "graphics-symbol" and name != "g":
        inner += f"<title>{escape(node.get('aria-label', ''))}</title>"
    attributes = _attributes(node, name)
    if name == "g" and not (inner and attributes):
        return inner
    return f"<{name}{attributes}>{inner}</{name}>" if inner else f"<{name}{attributes}/>"


def drawn(spec: dict[str, Any], title: str) -> str:
    """The specification as SVG; `title` is what a screen reader says of it."""
    return _drawn(json.dumps(spec, ensure_ascii=False), safe(title))


@lru_cache(maxsize=64)  # a build shows a chart twice: in its report and to its orchestrator
def _drawn(spec: str, title: str) -> str:
    text = vl_convert.vegalite_to_svg(spec)
    root = ElementTree.fromstring(text)  # noqa: S314  written by vl-convert, without a document type
    width, height = root.get("width"), root.get("height")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><title>{escape(title)}</title>{"".join(map(_kept, root))}</svg>'
    )
