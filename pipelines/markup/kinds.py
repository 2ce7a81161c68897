"""Which markup a file has. Source of the rule for Markdown: Jekyll's `converters/markdown.rb`."""

from __future__ import annotations

from typing import Final

MARKDOWN: Final = "markdown"
KRAMDOWN: Final = "kramdown"

_EXTENSIONS: Final = {
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html"),
    ".textile": "textile",
    **dict.fromkeys((".adoc", ".asciidoc", ".ad", ".asc"), "asciidoc"),
    ".org": "org",
    **dict.fromkeys((".rst", ".rest"), "rst"),
}
"""Extensions that plugins of Jekyll convert by default, and the ones it shows as HTML."""


def extensions(markdown_ext: str, processor: str = KRAMDOWN) -> dict[str, str]:
    """Return the markups of a site's extensions, which are in lower case with their dot. All others are `other`.

    Args:
        markdown_ext: the site's setting as written. Jekyll splits it at commas and keeps blanks, so that
            `md, markdown` means the extensions `.md` and `. markdown`.
        processor: the site's `markdown` setting. Any but kramdown is named: `markdown (commonmark)`.
    """
    name = " ".join(processor.lower().split())
    markdown = MARKDOWN if name in (KRAMDOWN, "") else f"{MARKDOWN} ({name})"
    written = markdown_ext.rstrip(",")  # Ruby's split drops empty fields at the end
    return _EXTENSIONS | ({f".{part.lower()}": markdown for part in written.split(",")} if written else {})


def markup_of(path: str, known: dict[str, str]) -> str:
    """Return the markup of a file by its extension: `File.extname`, in lower case."""
    base = path[path.rfind("/") + 1 :].lstrip(".")
    dot = base.rfind(".")
    return known.get(base[dot:].lower(), "other") if dot > 0 else "other"


def is_markdown(markup: str) -> bool:
    """Return True for Markdown, whatever its processor: kramdown's rules are the closest there are."""
    return markup.startswith(MARKDOWN)
