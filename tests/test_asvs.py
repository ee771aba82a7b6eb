"""docs/asvs.md: every requirement of the two levels has an answer, and what it names is there."""

from __future__ import annotations

from collections import Counter

import pytest

from tools.asvs import MET, OPEN, ROOT, SOURCE, STATES, TARGET, Answer, read, written

LEVELS = {1: 70, 2: 183}
"""How many requirements ASVS 5.0.0 has."""
MOST_OPEN = 8


@pytest.fixture(scope="module")
def answers() -> list[Answer]:
    return read(SOURCE.read_text("utf-8"))


def test_every_requirement_is_answered_once(answers: list[Answer]) -> None:
    assert Counter(answer.level for answer in answers) == LEVELS
    assert len({answer.id for answer in answers}) == len(answers)


def test_what_is_met_names_what_shows_it_and_the_rest_says_why(answers: list[Answer]) -> None:
    for answer in answers:
        assert answer.words, answer.id
        assert answer.state in STATES, answer.id
        assert bool(answer.shown_by) == (answer.state == MET), answer.id
        assert not answer.shown_by or (ROOT / answer.shown_by).exists(), answer


def test_no_more_is_open_than_was(answers: list[Answer]) -> None:
    assert sum(answer.state == OPEN for answer in answers) <= MOST_OPEN


def test_the_table_is_that_of_the_answers(answers: list[Answer]) -> None:
    assert TARGET.read_text("utf-8") == written(answers)
