"""The preview as a page of its own: the same planning, open to everybody who may look."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.models import Dealer, Transfer, User
from portal.models.exports import LIVE, ActivationState, ListingState
from tests.blueprints.conftest import Market
from tests.builders import Build
from tests.conftest import count_queries

Login = Callable[[User], FlaskClient]


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def test_bob_sees_what_would_happen_and_nothing_does(
    build: Build, alices: Dealer, login: Login, market: Market
) -> None:
    activation = build.activation(alices, state=ActivationState.LOCKED)
    build.release(build.vehicle(alices), activation)
    gone = build.vehicle(alices, online=False)
    build.listing(gone, activation)
    page = login(build.bob(alices)).get(f"/apps/{activation.id}/preview")
    assert page.status_code == 200
    text = plain(page.text)
    assert "1 neu (Kosten möglich)" in text
    assert "1 gelöscht" in text
    assert gone.offer_number in text
    assert 'hx-trigger="load' not in page.text
    assert build.session.scalar(select(func.count()).select_from(Transfer)) == 0
    assert market.ads() == []


def test_it_costs_the_same_however_much_there_is(
    build: Build, alices: Dealer, login: Login, market: Market
) -> None:
    activation, alice = build.activation(alices), login(build.alice(alices))
    counts = []
    for _ in range(3):
        build.release(build.vehicle(alices), activation)
        with count_queries() as queries:
            alice.get(f"/apps/{activation.id}/preview")
        counts.append(len(queries))
    assert counts[1] == counts[2]


@pytest.mark.parametrize("state", set(ActivationState) - set(LIVE))
def test_what_is_not_live_has_no_next_transfer(
    build: Build, alices: Dealer, login: Login, state: ActivationState
) -> None:
    activation = build.activation(alices, state=state)
    build.listing(build.vehicle(alices), activation, state=ListingState.ONLINE)
    answer = login(build.alice(alices)).get(f"/apps/{activation.id}/preview")
    assert answer.headers["Location"] == f"/apps/{activation.id}"


def test_charlie_sees_none_of_it(build: Build, alices: Dealer, login: Login) -> None:
    activation = build.activation(alices)
    assert login(build.charlie()).get(f"/apps/{activation.id}/preview").status_code == 404
