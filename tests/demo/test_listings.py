"""The listings that a demo dealer has at the marketplace before he activates anything."""

from __future__ import annotations

from collections import Counter

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.demo.listings import (
    AUTOSCOUT24,
    DEALER,
    MOBILE_DE,
    NOT_HERE,
    OTHER_NUMBER,
    SAME,
    WITHOUT_VIN,
    place,
)
from portal.exports.core.runtime import Runtime
from portal.exports.jobs import run_activation
from portal.exports.lifecycle import activation as life
from portal.exports.planning.cases import rules_of
from portal.exports.reconciliation.control import newest_run
from portal.exports.reconciliation.sides import Sides, count_sides
from portal.models import Activation, CustomerNumber, Dealer
from portal.models.runs import Match
from portal.platforms import get_app, read_environment
from portal.platforms.contract import Account
from portal.vehicle_facts.data import Kind
from tests.conftest import Work
from tests.marketplace import Marketplace

SELLER = "1000472"
NUMBER = MOBILE_DE.number
ALL = SAME + OTHER_NUMBER + WITHOUT_VIN + NOT_HERE


@pytest.fixture
def runtime(at_work: Work, marketplace: Marketplace) -> Runtime:
    return at_work(platforms=read_environment({}, marketplace.url))


def placed(runtime: Runtime) -> int:
    with runtime.sessions() as session:
        return place(session, runtime.settings)


def activate(session: Session) -> Activation:
    dealer = session.scalars(select(Dealer).where(Dealer.key == DEALER)).one()
    kinds = dict.fromkeys(Kind, 0)
    wish = life.ActivationRequest(
        dealer.id, get_app("mobile-de"), NUMBER, dealer.locations[0].id, {"kinds": kinds}
    )
    return life.activate(session, wish, Account(NUMBER, SELLER))


@pytest.mark.usefixtures("loaded")
def test_there_are_45_and_a_second_start_makes_no_more(runtime: Runtime, marketplace: Marketplace) -> None:
    assert placed(runtime) == ALL == 45
    assert placed(runtime) == ALL
    online = marketplace.online(NUMBER)
    assert len(online) == ALL
    assert len(marketplace.generations(NUMBER)) == ALL


@pytest.mark.usefixtures("loaded")
def test_what_was_deleted_does_not_come_back(runtime: Runtime, marketplace: Marketplace) -> None:
    placed(runtime)
    first = next(iter(marketplace.online(NUMBER).values()))["adId"]
    marketplace.remove(first, SELLER)
    placed(runtime)
    assert len(marketplace.online(NUMBER)) == ALL - 1


@pytest.mark.usefixtures("loaded")
def test_they_give_the_reconciliation_something_of_everything(
    runtime: Runtime, marketplace: Marketplace
) -> None:
    placed(runtime)
    with runtime.sessions.begin() as session:
        key = activate(session).id
    run_activation(runtime, key)
    with runtime.sessions() as session:
        activation = session.get_one(Activation, key)
        run = session.scalars(newest_run(key)).one()
        counts = count_sides(session, Sides(run, activation, rules_of(activation.dealer)))
        methods = Counter(session.scalars(select(Match.method).where(Match.listing_id.is_not(None))))
    assert methods == {"number": SAME, "vin": OTHER_NUMBER, "alike": WITHOUT_VIN, "": NOT_HERE}
    assert (counts.matched, counts.suggested, counts.only_there) == (
        SAME + OTHER_NUMBER,
        WITHOUT_VIN,
        NOT_HERE,
    )
    assert counts.only_here > 200


@pytest.mark.usefixtures("loaded")
def test_a_dealer_who_works_with_the_app_gets_no_more(runtime: Runtime) -> None:
    with runtime.sessions.begin() as session:
        activate(session)
    assert placed(runtime) == 0


def test_without_the_demo_dealers_nothing_is_put_in(runtime: Runtime) -> None:
    assert placed(runtime) == 0


@pytest.mark.usefixtures("loaded")
def test_the_same_dealer_sells_at_the_other_german_platform_too(
    runtime: Runtime, marketplace: Marketplace
) -> None:
    with runtime.sessions() as session:
        assert place(session, runtime.settings, AUTOSCOUT24) == ALL
        assert place(session, runtime.settings, AUTOSCOUT24) == ALL
        bound = set(session.scalars(select(CustomerNumber.number).where(CustomerNumber.state == "bound")))
    assert {MOBILE_DE.number, AUTOSCOUT24.number} <= bound
    books = httpx.get(
        f"{marketplace.url}/control/autoscout24/listings",
        params={"customer": AUTOSCOUT24.number, "online": "1"},
        trust_env=False,
    ).json()["listings"]
    assert len(books) == ALL
    assert not any(book["body"].get("crossReferenceId") for book in books)
