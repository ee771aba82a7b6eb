"""Processes look for garbage rarely, and those that serve for hours still find it."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import garbage

ROOT = Path(__file__).parents[1]


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


def test_while_a_program_loads_its_modules_it_hardly_looks() -> None:
    code = "import gc, portal; print(gc.get_threshold())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str((garbage.YOUNG, garbage.MIDDLE, garbage.OLD))
