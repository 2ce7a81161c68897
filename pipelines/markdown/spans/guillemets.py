"""Guillemets, `<<` and `>>`: the only typography that changes what a word is.

Source: kramdown 2.4's `parser/kramdown/typographic_symbol.rb`. Quotes, dashes and dots stay as written.
"""

from __future__ import annotations

from pipelines.markdown.spans.state import SpanState


def guillemets(state: SpanState) -> bool:
    """Read `<<` and `>>`, with a blank inside them."""
    text, at = state.text, state.at
    if not state.document.options.typographic or state.is_markup:
        return False
    if text.startswith("<<", at):
        blank = text.startswith(" ", at + 2)
        state.tree.add_text("«\u00a0" if blank else "«")
        state.at += 2 + blank
        return True
    if text.startswith(">>", at):
        last = state.tree.last()
        if last is not None and last.kind == "text" and text[at - 1] == " " and last.value.endswith(" "):
            last.value = f"{last.value[:-1]}\u00a0"
        state.tree.add_text("»")
        state.at += 2
        return True
    return False
