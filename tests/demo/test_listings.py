"""The listings that a demo dealer has at the marketplace before he activates anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Settings
from portal.demo.listings import DEALER, NOT_HERE, NUMBER, OTHER_NUMBER, SAME, WITHOUT_VIN, place
from portal.demo.load import load
from portal.exports import activation as life
from portal.exports.cases import rules_of
from portal.exports.reconciliation.opening import newest_run
from portal.exports.reconciliation.sides import Sides, count
from portal.exports.runtime import Runtime, make_runtime
from portal.exports.work import work
from portal.models import Activation, Dealer
from portal.models.runs import Match
from portal.platforms.base import Account
from portal.vehicles.data import Kind
from tests.bell import Bell
from tests.marketplace import Marketplace

SELLER = "1000472"
ALL = SAME + OTHER_NUMBER + WITHOUT_VIN + NOT_HERE


@pytest.fixture
def runtime(app: Flask, settings: Settings, marketplace: Marketplace, bell: Bell) -> Iterator[Runtime]:
    runtime = make_runtime(replace(settings, mobile_de_api_url=marketplace.url), bell)
    with runtime.sessions() as session:
        load(session, day=date(2026, 11, 24))
    yield runtime
    runtime.engine.dispose()


def placed(runtime: Runtime) -> int:
    with runtime.sessions() as session:
        return place(session, runtime.settings)


def activate(session: Session) -> Activation:
    dealer = session.scalars(select(Dealer).where(Dealer.key == DEALER)).one()
    kinds = dict.fromkeys(Kind, 0)
    wish = life.Wish(dealer.id, "mobile-de", NUMBER, dealer.locations[0].id, {"kinds": kinds})
    return life.activate(session, wish, Account(NUMBER, SELLER))


def test_there_are_45_and_a_second_start_makes_no_more(runtime: Runtime, marketplace: Marketplace) -> None:
    assert placed(runtime) == ALL == 45
    assert placed(runtime) == ALL
    online = marketplace.online(NUMBER)
    assert len(online) == ALL
    assert len(marketplace.generations(NUMBER)) == ALL


def test_what_was_deleted_does_not_come_back(runtime: Runtime, marketplace: Marketplace) -> None:
    placed(runtime)
    first = next(iter(marketplace.online(NUMBER).values()))["adId"]
    marketplace.remove(first, SELLER)
    placed(runtime)
    assert len(marketplace.online(NUMBER)) == ALL - 1


def test_they_give_the_reconciliation_something_of_everything(
    runtime: Runtime, marketplace: Marketplace
) -> None:
    placed(runtime)
    with runtime.sessions.begin() as session:
        key = activate(session).id
    work(runtime, key)
    with runtime.sessions() as session:
        activation = session.get_one(Activation, key)
        run = session.scalars(newest_run(key)).one()
        counts = count(session, Sides(run, activation, rules_of(activation.dealer)))
        methods = Counter(session.scalars(select(Match.method).where(Match.listing_id.is_not(None))))
    assert methods == {"number": SAME, "vin": OTHER_NUMBER, "alike": WITHOUT_VIN, "": NOT_HERE}
    assert (counts.matched, counts.suggested, counts.only_there) == (
        SAME + OTHER_NUMBER,
        WITHOUT_VIN,
        NOT_HERE,
    )
    assert counts.only_here > 200


def test_a_dealer_who_works_with_the_app_gets_no_more(runtime: Runtime) -> None:
    with runtime.sessions.begin() as session:
        activate(session)
    assert placed(runtime) == 0


def test_without_the_demo_dealers_nothing_is_put_in(
    app: Flask, settings: Settings, marketplace: Marketplace, bell: Bell
) -> None:
    runtime = make_runtime(replace(settings, mobile_de_api_url=marketplace.url), bell)
    assert placed(runtime) == 0
    runtime.engine.dispose()
