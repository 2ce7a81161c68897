"""Emphasis. Source: kramdown 2.4's `parser/kramdown/emphasis.rb`."""

from __future__ import annotations

from pipelines.markdown.document import MAX_DEPTH, Node
from pipelines.markdown.patterns import WHITE
from pipelines.markdown.spans.state import IN_EM, IN_STRONG, SpanState, Stop


def emphasis(state: SpanState) -> bool:
    """Read `*em*`, `**strong**`, `_em_` or `__strong__`; marks that nothing closes are text."""
    text, start = state.text, state.at
    mark = text[start]
    double = text.startswith(mark, start + 1)
    delimiter = mark * 2 if double else mark
    kind = IN_STRONG if double else IN_EM
    after = start + len(delimiter)
    if (
        state.flat
        or state.around & kind
        or state.depth >= MAX_DEPTH
        or after >= state.end
        or text[after] in WHITE
        or (mark == "_" and _is_in_word(text, start))
    ):
        return state.take(len(delimiter))
    if _emphasised(state, delimiter, kind) or (double and not state.around & IN_EM and _emphasised(state, mark, IN_EM)):
        return True
    state.at = start
    return state.take(len(delimiter))


def _emphasised(state: SpanState, delimiter: str, kind: int) -> bool:
    start = state.at
    node = Node("strong" if kind == IN_STRONG else "em", block=False)
    state.at = start + len(delimiter)
    if state.inside(node, _stop(state.text, delimiter), kind):
        return state.add(node, state.at + len(delimiter))
    state.at = start
    return False


def _stop(text: str, delimiter: str) -> Stop:
    mark, single = delimiter[0], len(delimiter) == 1

    def stop(at: int, node: Node) -> bool:
        if not text.startswith(delimiter, at) or not node.children or text[at - 1] in WHITE:
            return False
        if single and text.startswith(mark, at + 1) and not text.startswith(mark, at + 2):
            return False
        after = at + len(delimiter)
        return not (mark == "_" and text[after : after + 1].isalnum())

    return stop


def _is_in_word(text: str, start: int) -> bool:
    """Return True after a letter, or a hyphen after a letter: there `_` opens nothing."""
    return text[max(0, start - 2) : start].removesuffix("-")[-1:].isalpha()
