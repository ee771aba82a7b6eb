"""Rights and passwords: what is taken."""

from __future__ import annotations

import pytest

from portal.models.accounts import RIGHTS
from portal.people.accounts import RIGHT_TEXTS, known_rights, password_complaint


def test_every_right_has_its_text() -> None:
    assert [text.right for text in RIGHT_TEXTS] == list(RIGHTS)


def test_whoever_may_do_anything_may_look() -> None:
    assert known_rights(["unlock"]) == ["view", "unlock"]
    assert known_rights([]) == []


def test_unknown_rights_are_dropped() -> None:
    assert known_rights(["root", "settings", "view"]) == ["view", "settings"]


@pytest.mark.parametrize(
    "password",
    ["", "kurz", "aaaaaaaaaaaa", "alice-alice-1", "x" * 201, "Alice2026!!", "passwort123", "1234567890"],
)
def test_weak_passwords_are_refused_with_a_reason(password: str) -> None:
    assert password_complaint(password, "alice")


@pytest.mark.parametrize("password", ["rote Ampel am Hafen", "k7#pQz!92x", "ein langer Satz ohne Ziffern"])
def test_strong_passwords_are_taken(password: str) -> None:
    assert password_complaint(password, "alice") == ""
