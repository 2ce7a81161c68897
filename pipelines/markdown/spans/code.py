"""Code spans. Source: kramdown 2.4's `parser/kramdown/codespan.rb`."""

from __future__ import annotations

from pipelines.markdown.document import Node
from pipelines.markdown.patterns import WHITE
from pipelines.markdown.spans.state import SpanState


def code_span(state: SpanState) -> bool:
    """Read code between equal runs of backticks; a run that nothing closes is text."""
    text, start = state.text, state.at
    after = start
    while after < state.end and text[after] == "`":
        after += 1
    fence = text[start:after]
    single = len(fence) == 1
    lonely = single and (start == 0 or text[start - 1] in WHITE) and after < state.end and text[after] in WHITE
    closing = -1 if lonely else state.find(fence, after)
    if closing < 0:
        return state.take(len(fence))
    content = text[after:closing]
    if not single:
        content = content.removeprefix(" ").removesuffix(" ")
    return state.add(Node("codespan", content, block=False), closing + len(fence))
