"""What a full transfer would send: planned, and counted from what is known, the two agree."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.exports.full_transfer import control as forecasting
from portal.exports.full_transfer.control import Forecast, forecast
from portal.exports.planning.cases import rules_of
from portal.models import Activation, Dealer, Listing, Publication
from portal.models.exports import ListingState
from portal.platforms.contract import Account
from portal.vehicle_facts.data import Prices
from tests.builders import golf
from tests.exports.conftest import Stage

COUNTED = replace(Forecast(), exact=False)
PLACES = {
    "online": ({}, {}, ListingState.ONLINE, {"update": 1}),
    "new": ({}, {}, None, {"create": 1}),
    "absent": ({}, {}, ListingState.ABSENT, {"create": 1}),
    "unsure": ({}, {}, ListingState.CREATING, {"create": 1}),
    "missing": ({}, {}, ListingState.MISSING, {"resolve": 1}),
    "not released": ({}, {"released": False}, ListingState.ONLINE, {"delete": 1}),
    "not released, missing": ({}, {"released": False}, ListingState.MISSING, {"delete": 1}),
    "not released, unsure": ({}, {"released": False}, ListingState.CREATING, {"resolve": 1}),
    "neither here nor there": ({}, {"released": False}, ListingState.ABSENT, {}),
    "sold": ({"sold": True}, {}, ListingState.ONLINE, {"delete": 1}),
    "sold and new": ({"sold": True}, {}, None, {}),
    "trade-in": ({"trade_in": True}, {}, ListingState.ONLINE, {"delete": 1}),
    "blocked": ({"prices": Prices()}, {}, ListingState.ONLINE, {"blocked": 1}),
    "blocked and new": ({"prices": Prices()}, {}, None, {"blocked": 1}),
}
"""Facts, columns of the publication, state of the listing, and what is to be done."""


@pytest.fixture
def strict(stage: Stage) -> Stage:
    """A dealer who exports no trade-ins."""
    with stage.runtime.sessions.begin() as session:
        session.get_one(Dealer, stage.dealer.id).export_trade_ins = False
    return stage


def place(stage: Stage, name: str) -> None:
    facts, columns, state, _ = PLACES[name]
    vehicle = stage.build.vehicle(stage.dealer, golf(**facts))
    stage.build.release(vehicle, stage.activation, **columns)
    if state is not None:
        stage.build.listing(vehicle, stage.activation, state=state)
    if "prices" in facts:
        with stage.runtime.sessions.begin() as session:
            found = session.get_one(Publication, (vehicle.id, stage.activation.id))
            found.problems = [{"code": "missing-field", "text": "Preis fehlt."}]


def planned(stage: Stage) -> Forecast:
    runtime = stage.runtime
    with runtime.sessions() as session:
        activation = session.get_one(Activation, stage.activation.id)
        rules, account = rules_of(activation.dealer), Account.from_json(activation.account)
        platform, stores = runtime.platform(activation.app), runtime.stores(activation.app)
        mapper = platform.mapper(activation.settings, account, rules, stores)
        return forecast(session, activation, mapper, rules)


def counted(stage: Stage) -> Forecast:
    with stage.runtime.sessions() as session:
        activation = session.get_one(Activation, stage.activation.id)
        return forecast(session, activation, None, rules_of(activation.dealer))


@pytest.mark.parametrize("name", PLACES)
def test_planned_and_counted_agree(strict: Stage, name: str) -> None:
    place(strict, name)
    expected = PLACES[name][3]
    assert planned(strict) == Forecast(**expected)
    assert counted(strict) == replace(COUNTED, **expected)


def test_together_they_are_the_sum(strict: Stage) -> None:
    for name in PLACES:
        place(strict, name)
    assert planned(strict) == replace(counted(strict), exact=True)
    assert planned(strict).total == sum(sum(done.values()) for *_, done in PLACES.values())


def test_a_large_stock_is_counted(strict: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecasting, "PLANNED_EXACTLY", 1)
    place(strict, "online")
    assert planned(strict).exact
    place(strict, "new")
    assert not planned(strict).exact


def test_another_dealers_stock_does_not_count(strict: Stage) -> None:
    place(strict, "online")
    other = strict.build.dealer("Autohaus Charlie")
    vehicle = strict.build.vehicle(other)
    strict.build.listing(vehicle, strict.build.activation(other, customer_number="4711002"))
    assert counted(strict) == replace(COUNTED, update=1)
    assert len(strict.session.scalars(select(Listing)).all()) == 2
