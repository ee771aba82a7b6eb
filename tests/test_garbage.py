"""Processes that serve for hours look for garbage rarely, and still find it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from portal import garbage


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


class Knot:
    """Refers to itself, so counting references does not end it."""

    def __init__(self) -> None:
        self.itself = self


def test_what_is_loaded_is_not_looked_through_again() -> None:
    loaded = Knot()
    garbage.collect_rarely()
    assert gc.get_freeze_count() > 10_000
    assert loaded not in gc.get_objects()


def test_what_comes_later_is_found_when_it_has_become_garbage() -> None:
    garbage.collect_rarely()
    last = weakref.ref(Knot())
    kept = [Knot() for _ in range(garbage.YOUNG + 1)]
    assert last() is None
    assert len(kept) > garbage.YOUNG


def test_a_page_of_objects_is_no_reason_to_look() -> None:
    garbage.collect_rarely()
    looks = gc.get_stats()[0]["collections"]
    kept = [Knot() for _ in range(garbage.YOUNG // 2)]
    assert gc.get_stats()[0]["collections"] == looks
    assert kept
