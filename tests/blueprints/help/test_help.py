"""The help page defines every word that a badge can show."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from portal.models import User
from portal.web.states import ACTIVATION_STATES, LISTING_STATES, RUN_STATES, TRANSFER_STATES, StateText
from tests.builders import Build
from tests.conftest import count_queries

Login = Callable[[User], FlaskClient]


@pytest.mark.parametrize("states", [TRANSFER_STATES, ACTIVATION_STATES, LISTING_STATES, RUN_STATES])
def test_every_state_is_defined(build: Build, login: Login, states: Mapping[str, StateText]) -> None:
    page = login(build.alice(build.dealer())).get("/help").text
    for text in states.values():
        assert f"</svg>{text.label}</span>" in page
        assert f"<dd>{escape(str(text.definition))}</dd>" in page


def test_the_warning_colours_are_explained(build: Build, login: Login) -> None:
    page = login(build.alice(build.dealer())).get("/help").text
    assert "Das Fahrzeug kann so nirgends veröffentlicht werden." in page


def test_it_needs_two_queries(build: Build, login: Login) -> None:
    client = login(build.alice(build.dealer()))
    with count_queries() as sent:
        client.get("/help")
    assert len(sent) == 2  # login, number of problems
