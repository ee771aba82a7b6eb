"""What Einstellungen → Export changes is what the marketplace gets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.exports.jobs import housekeeping
from portal.models import Dealer, Publication, Transfer, Vehicle
from portal.models.exports import TransferState, Trigger
from portal.vehicle_facts.data import Fuel, HybridKind
from portal.vehicles import release
from portal.vehicles.release import Changes, change_presets, lock_dealer
from portal.vehicles.stock import create_vehicle
from tests.builders import fresh, golf
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace


def change(stage: Stage, **wanted: Any) -> Changes:
    with stage.runtime.sessions.begin() as session:
        dealer = session.get_one(Dealer, stage.dealer.id)
        lock_dealer(session, dealer)
        return change_presets(session, dealer, wanted)


def body(stage: Stage, marketplace: Marketplace, vehicle: Vehicle) -> dict[str, Any]:
    stage.drain()
    return marketplace.online()[vehicle.offer_number]


def test_the_vin_leaves_the_listing_and_comes_back(stage: Stage, marketplace: Marketplace) -> None:
    vehicle = stage.vehicle()
    assert body(stage, marketplace, vehicle)["vin"] == "WVWZZZ1KZAW000001"
    assert change(stage, export_vin=False) == {"export_vin": [True, False]}
    assert "vin" not in body(stage, marketplace, vehicle)
    change(stage, export_vin=True)
    assert body(stage, marketplace, vehicle)["vin"] == "WVWZZZ1KZAW000001"


def test_without_prices_per_platform_the_vehicles_own_price_goes_out(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle = stage.vehicle()
    key = (vehicle.id, stage.activation.id)
    stage.session.get_one(Publication, key).price = Decimal(11_111)
    stage.session.commit()
    assert body(stage, marketplace, vehicle)["price"]["consumerPriceGross"] == "11111.00"
    change(stage, platform_prices=False)
    assert body(stage, marketplace, vehicle)["price"]["consumerPriceGross"] == "12990.00"


def test_trade_ins_go_offline_and_online_again(stage: Stage, marketplace: Marketplace) -> None:
    kept, trade_in = stage.vehicle(), stage.vehicle(trade_in=True)
    stage.drain()
    change(stage, export_trade_ins=False)
    stage.drain()
    assert set(marketplace.online()) == {kept.offer_number}
    change(stage, export_trade_ins=True)
    stage.drain()
    assert set(marketplace.online()) == {kept.offer_number, trade_in.offer_number}


def test_mild_hybrids_are_sold_as_what_is_chosen(stage: Stage, marketplace: Marketplace) -> None:
    vehicle = stage.vehicle(fuel=Fuel.PETROL, hybrid=HybridKind.MILD)
    assert body(stage, marketplace, vehicle)["fuel"] == "PETROL"
    change(stage, mild_hybrid_as="hybrid")
    assert body(stage, marketplace, vehicle)["fuel"] == "HYBRID"


def test_new_vehicles_stay_offline_where_the_dealer_releases_them_himself(stage: Stage) -> None:
    before = stage.vehicle()
    change(stage, release_new_vehicles=False)
    with stage.runtime.sessions.begin() as session:
        dealer = session.get_one(Dealer, stage.dealer.id)
        added = create_vehicle(session, dealer, dealer.locations[0], golf()).id
    assert fresh(stage.session, Vehicle, added).online is False
    assert fresh(stage.session, Vehicle, before.id).online is True


def test_what_only_new_vehicles_feel_is_not_noted(stage: Stage) -> None:
    stage.vehicle()
    stage.drain()
    change(stage, release_new_vehicles=False, inform_on_lock=[])
    assert [row.state for row in stage.transfers()] == [TransferState.OK]


def test_every_vehicle_is_noted_in_chunks_and_what_stays_equal_is_not_sent(
    stage: Stage, marketplace: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "NOTED_AT_ONCE", 2)
    vehicles = [stage.vehicle() for _ in range(5)]
    stage.drain()
    change(stage, platform_prices=False)
    waiting = select(func.count()).where(
        Transfer.state == TransferState.WAITING, Transfer.trigger == Trigger.BY_HAND
    )
    assert stage.session.scalar(waiting) == len(vehicles)
    stage.drain()
    assert marketplace.requests("update") == []


def test_the_same_once_more_changes_and_notes_nothing(stage: Stage) -> None:
    stage.vehicle()
    stage.drain()
    assert change(stage, export_vin=True, mild_hybrid_as="combustion") == {}
    assert [row.state for row in stage.transfers()] == [TransferState.OK]


def test_stock_days_release_by_the_scheduler(stage: Stage) -> None:
    """The same setting as on the activation form; the days are those of the stock."""
    stage.activation.settings = {"kinds": {"used": 14}}
    stage.session.commit()
    old = stage.build.vehicle(stage.dealer, stock_date="2020-01-01")
    new = stage.build.vehicle(stage.dealer, stock_date="2999-01-01")
    housekeeping(stage.runtime)
    released = set(stage.session.scalars(select(Publication.vehicle_id).where(Publication.released)))
    assert old.id in released
    assert new.id not in released
