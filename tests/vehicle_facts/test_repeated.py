"""A spelling that comes again is not read again."""

from __future__ import annotations

import pytest

from portal.vehicle_facts.repeated import LONGEST_KEPT, repeated
from portal.vehicle_facts.understanding import NotUnderstood


class Upper:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def read(self, text: str, mark: str = "") -> str:
        self.asked.append(text)
        if text == "?":
            raise NotUnderstood("number-unreadable")
        return text.upper() + mark


def test_a_spelling_is_read_once() -> None:
    reader = Upper()
    read = repeated(reader.read)
    assert [read("golf"), read("golf"), read("polo")] == ["GOLF", "GOLF", "POLO"]
    assert reader.asked == ["golf", "polo"]


def test_what_else_is_said_counts_as_well() -> None:
    read = repeated(Upper().read)
    assert [read("golf", "!"), read("golf", "?"), read("golf")] == ["GOLF!", "GOLF?", "GOLF"]


def test_long_texts_are_not_kept() -> None:
    reader = Upper()
    read = repeated(reader.read)
    long = "a" * (LONGEST_KEPT + 1)
    assert read(long) == read(long) == long.upper()
    assert len(reader.asked) == 2


def test_what_is_not_understood_is_said_each_time() -> None:
    reader = Upper()
    read = repeated(reader.read)
    for _time in range(2):
        with pytest.raises(NotUnderstood):
            read("?")
    assert reader.asked == ["?", "?"]
