"""The page: who sees it, what it shows, as page and as fragment."""

from __future__ import annotations

from tests.builders import Build


def test_a_fresh_activation_says_that_nothing_was_sent(build: Build, login) -> None:
    dealer = build.dealer()
    activation = build.activation(dealer)
    answer = login(build.alice(dealer)).get(f"/apps/{activation.id}")
    assert answer.status_code == 200
    assert "In den letzten 24 Stunden gab es keine Übertragung" in answer.text
