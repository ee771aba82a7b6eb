"""Garbage collection of all processes, and of those that serve for hours: workers and web servers."""

from __future__ import annotations

import gc

YOUNG, MIDDLE, OLD = 20_000, 20, 50
"""Python's own are 700, 10 and 10: made for programs that begin with nothing. A ring or a page makes tens of
thousands of objects and nearly all go without being looked for, so a part of their time was spent looking
through what is there for good."""


def look_rarely() -> None:
    """Called before anything is loaded: of that nothing is garbage, and to look through it again and again
    was a tenth of what a command took to start."""
    gc.set_threshold(YOUNG, MIDDLE, OLD)


def collect_rarely() -> None:
    """Called once everything is loaded: what is here stays, and is not looked through again."""
    gc.collect()
    gc.freeze()
    look_rarely()
