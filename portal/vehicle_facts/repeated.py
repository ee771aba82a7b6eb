"""Spellings that come again: a stock has thousands of rows, and few makes, months and categories."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

MOST_KEPT = 4096
LONGEST_KEPT = 60
"""Longer texts hardly ever come again, and would keep the memory that they take."""

Reader = TypeVar("Reader", bound=Callable[..., Any])


def repeated(read: Reader) -> Reader:
    """Of a pure reader of texts: what was read lately is not read again. What it raises is not kept."""
    kept = lru_cache(MOST_KEPT)(read)

    @wraps(read)
    def reading(text: str, *more: Hashable) -> Any:
        return (kept if len(text) <= LONGEST_KEPT else read)(text, *more)

    return cast(Reader, reading)
