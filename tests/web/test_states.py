"""Every state that a row can have is written down once."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from flask import Flask, render_template_string

from portal.exports.history.filters import HELD
from portal.models.exports import Activation, ActivationState, ListingState, RunState, TransferState
from portal.platforms.contract import StopCause
from portal.web.states import (
    ACTIVATION_STATES,
    LISTING_STATES,
    RUN_STATES,
    STOP_CAUSES,
    TRANSFER_STATES,
    StateText,
    stop_text,
)

ALL = [
    ((*TransferState, HELD), TRANSFER_STATES),
    (tuple(ActivationState), ACTIVATION_STATES),
    (tuple(ListingState), LISTING_STATES),
    (tuple(RunState), RUN_STATES),
]


@pytest.mark.parametrize(("kind", "texts"), ALL)
def test_no_state_lacks_its_definition(
    app: Flask, kind: tuple[str, ...], texts: Mapping[str, StateText]
) -> None:
    assert set(texts) == set(kind)
    with app.test_request_context():
        assert all(str(text.definition).endswith(".") for text in texts.values())


@pytest.mark.parametrize(("kind", "texts"), ALL)
def test_no_two_states_share_a_word(
    app: Flask, kind: tuple[str, ...], texts: Mapping[str, StateText]
) -> None:
    with app.test_request_context():
        assert len({str(text.label) for text in texts.values()}) == len(kind)


def test_every_cause_of_a_stop_is_written(app: Flask) -> None:
    assert set(STOP_CAUSES) == set(StopCause)
    with app.test_request_context():
        assert "Zugangsdaten" in stop_text(Activation(stop_cause="credentials", stop_detail="401"))
        assert stop_text(Activation(stop_cause="new", stop_detail="Anderes.")) == "Anderes."


@pytest.mark.parametrize(
    ("macro", "state", "word", "colour"),
    [
        ("transfer_badge", "warning", "mit Hinweis", "yellow"),
        ("transfer_badge", "held", "zurückgehalten", "orange"),
        ("activation_badge", "stopped", "angehalten", "red"),
        ("listing_badge", "online", "online", "green"),
        ("run_badge", "partial", "teilweise", "yellow"),
    ],
)
def test_a_badge_has_word_colour_icon_and_definition(
    app: Flask, macro: str, state: str, word: str, colour: str
) -> None:
    source = "{% from 'macros/badges.html' import " + macro + " %}{{ " + macro + "(state) }}"
    with app.test_request_context():
        badge = render_template_string(source, state=state)
    assert f"state-{colour}" in badge
    assert f"{word}</span>" in badge
    assert "<use href=" in badge
    assert 'title="' in badge
