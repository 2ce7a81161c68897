"""reStructuredText by docutils, which reads no file, no address and no configuration here."""

from __future__ import annotations

import re
from typing import Final

from docutils import nodes
from docutils.core import publish_doctree, publish_from_doctree

from pipelines import markup

MAX_CHARACTERS: Final = 100_000
MAX_LINES: Final = 2_000
MAX_MARKS: Final = 2_000
MAX_WORD: Final = 1_000
"""Of a larger body only addresses are found: docutils takes time in the square of lines, marks and word lengths."""

_SETTINGS: Final = {
    "_disable_config": True,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 5,
    "halt_level": 5,
    "warning_stream": False,
    "line_length_limit": MAX_CHARACTERS,
    "embed_stylesheet": False,
    "stylesheet_path": "",
    "math_output": "LaTeX",
    "syntax_highlight": "none",
    "doctitle_xform": False,
    "docinfo_xform": False,
    "initial_header_level": 1,
    "output_encoding": "unicode",
}
_MARKS: Final = re.compile(r"[*`|]|_(?!\w)")
_CODE: Final = re.compile(r'<pre class="code (\S+) literal-block"')
_BODY: Final = re.compile(r"<body[^>]*>\n(?:<main[^>]*>\n)?")


def to_html(body: str) -> str:
    """Return the HTML of a body. Large ones and ones that docutils fails on are text with addresses."""
    if _is_large(body):
        return markup.plain(body)
    try:
        tree = publish_doctree(body, settings_overrides=_SETTINGS)
        for image in tree.findall(nodes.image):
            image.attributes.pop("loading", None)  # `embed` would read a file
        html = str(publish_from_doctree(tree, writer="html5", settings_overrides=_SETTINGS))
    except Exception:  # docutils raises errors of all kinds, RecursionError among them, on odd and deep input
        return markup.plain(body)
    start = _BODY.search(html)
    return _CODE.sub(r'<pre class="language-\1"', html[start.end() if start else 0 : html.rfind("</body>")])


def _is_large(body: str) -> bool:
    return (
        len(body) > MAX_CHARACTERS
        or body.count("\n") > MAX_LINES
        or len(_MARKS.findall(body)) > MAX_MARKS
        or max(map(len, body.split()), default=0) > MAX_WORD
    )
