"""Ways past the lock that are closed: a look that does not see everything, time, and what is discarded."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update

from portal.exports.core.runtime import Runtime
from portal.exports.lifecycle import activation as life
from portal.models import Activation, Lock, Transfer, VehicleImport
from portal.models.exports import ActivationState, LockRule, TransferState
from portal.platforms import get_app
from portal.platforms.contract import Account
from portal.vehicle_facts.data import Prices
from tests.builders import Build, fresh
from tests.exports.mass_change.test_lock import Shop
from tests.marketplace import Marketplace


@pytest.fixture
def shop(build: Build, runtime: Runtime, marketplace: Marketplace) -> Shop:
    return Shop(build, runtime)


def test_rows_that_a_change_holds_right_now_still_belong_to_the_deviation(
    shop: Shop, marketplace: Marketplace
) -> None:
    """A look skips rows that a change holds; a lock must not open because it looked at few of them."""
    stock = shop.open_with(60)
    shop.lose(stock[:8])
    shop.drain()
    first = shop.lock
    with shop.runtime.sessions.begin() as busy:
        busy.execute(
            select(Transfer.id)
            .where(
                Transfer.state == TransferState.WAITING,
                Transfer.vehicle_id.in_([vehicle.id for vehicle in stock[:4]]),
            )
            .with_for_update()
        )
        shop.drain()
        assert shop.state == ActivationState.LOCKED
    assert len(marketplace.online()) == 60
    shop.drain()
    assert (shop.lock.id, shop.state) == (first.id, ActivationState.LOCKED)
    assert shop.lock.deletions == 8


def test_discarding_loses_no_change_of_a_vehicle_that_is_wanted_again(
    shop: Shop, marketplace: Marketplace
) -> None:
    """Somebody put it back, with a new price, and the lock has not looked since."""
    stock = shop.open_with(60)
    shop.lose(stock[:8])
    shop.drain()
    back = stock[0]
    shop.find_again([back])
    shop.change(back, prices=Prices(selling=Decimal(4321)))
    shop.discard()
    shop.drain()
    ad = marketplace.online()[back.offer_number]
    assert "4321" in str(ad["price"])
    assert len(marketplace.online()) == 60


def test_a_cut_import_does_not_become_a_good_one_by_waiting(shop: Shop, marketplace: Marketplace) -> None:
    stock = shop.open_with(12)
    shop.lose(stock[:3])
    here = {"dealer_id": shop.dealer.id, "location_id": shop.dealer.locations[0].id}
    shop.build._add(
        VehicleImport(file_name="a.csv", partial=False, cut_short=True, finished_at=func.now(), **here)
    )
    shop.drain()
    assert shop.lock.rule == LockRule.TRUNCATED
    with shop.runtime.sessions.begin() as session:
        day = timedelta(hours=25)
        session.execute(update(VehicleImport).values(finished_at=VehicleImport.finished_at - day))
        session.execute(update(Lock).values(opened_at=Lock.opened_at - day, looked_at=Lock.looked_at - day))
        session.execute(update(Activation).values(counted_from=Activation.counted_from - day))
    shop.drain()
    assert shop.state == ActivationState.LOCKED
    assert len(marketplace.online()) == 12


def test_an_approval_of_an_earlier_time_does_not_come_back_with_the_app(
    shop: Shop, marketplace: Marketplace
) -> None:
    """Thirty were let through long ago. The app ends and begins again: thirty are a deviation again."""
    stock = shop.open_with(60)
    shop.lose(stock[:30])
    shop.drain()
    shop.approve()
    shop.drain()
    assert len(marketplace.online()) == 30
    with shop.runtime.sessions.begin() as session:
        long_ago = func.now() - timedelta(days=90)
        session.execute(update(Activation).values(counted_from=long_ago, activated_at=long_ago))
        session.execute(update(Transfer).values(finished_at=long_ago))
    with shop.runtime.sessions.begin() as session:
        life.deactivate(session, session.get_one(Activation, shop.activation.id))
    was: Activation = fresh(shop.session, Activation, shop.activation.id)
    with shop.runtime.sessions.begin() as session:
        wish = life.ActivationRequest(
            shop.dealer.id, get_app(was.app), was.customer_number, was.location_id, was.settings
        )
        life.activate(session, wish, Account.from_json(was.account))
    for _ in range(3):
        shop.drain()
    assert shop.state == ActivationState.ACTIVE
    shop.lose(stock[30:50])
    shop.drain()
    assert shop.state == ActivationState.LOCKED
    assert len(marketplace.online()) == 30


def test_a_locked_app_without_a_lock_works_again(shop: Shop) -> None:
    stock = shop.open_with(3)
    with shop.runtime.sessions.begin() as session:
        session.get_one(Activation, shop.activation.id).state = ActivationState.LOCKED
    shop.change(stock[0], prices=Prices(selling=Decimal(4321)))
    shop.drain()
    assert shop.state == ActivationState.ACTIVE
    assert not shop.waiting()


def test_the_first_stock_may_come_after_the_activation(shop: Shop, marketplace: Marketplace) -> None:
    shop.drain()
    shop.vehicles(25)
    shop.drain()
    assert len(marketplace.online()) == 25
    assert shop.state == ActivationState.ACTIVE


def test_a_discard_does_not_wait_for_a_change_in_progress(shop: Shop, marketplace: Marketplace) -> None:
    stock = shop.open_with(60)
    shop.lose(stock[:8])
    shop.drain()
    with shop.runtime.sessions.begin() as busy:
        busy.execute(select(Transfer.id).where(Transfer.vehicle_id == stock[0].id).with_for_update())
        shop.discard()
        discarded = [row for row in shop.transfers() if row.state == TransferState.DISCARDED]
        assert len(discarded) == 7
    shop.drain()
    assert len(marketplace.online()) == 59, "one deletion is a normal day"
