"""Remembering what was worked out before, within bounds: so many entries, and none of a long text.

A post may hold texts of megabytes; thousands of these remembered would be gigabytes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, Final, ParamSpec, TypeVar

LONGEST: Final = 1_000
"""Characters of a text that what follows from it is remembered by."""

_More = ParamSpec("_More")
_Value = TypeVar("_Value")


def remembered(
    entries: int,
) -> Callable[[Callable[Concatenate[str, _More], _Value]], Callable[Concatenate[str, _More], _Value]]:
    """Let a function of a text, and perhaps more, remember its last so many answers."""

    def decorate(function: Callable[Concatenate[str, _More], _Value]) -> Callable[Concatenate[str, _More], _Value]:
        known: Callable[..., _Value] = functools.lru_cache(maxsize=entries)(function)

        @functools.wraps(function)
        def answer(text: str, /, *more: _More.args, **named: _More.kwargs) -> _Value:
            return (known if len(text) <= LONGEST else function)(text, *more, **named)

        return answer

    return decorate
