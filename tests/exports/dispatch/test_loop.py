"""The worker's way from waiting transfers to the marketplace, over real HTTP."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select, update

from portal.exports.drift import control
from portal.models import Activation, Listing, Publication, Vehicle
from portal.models.exports import ActivationState, ListingState, TransferState, Trigger
from portal.outbox import note_activation
from portal.platforms.contract import StopCause
from portal.vehicle_facts.data import Prices
from tests.builders import fresh
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace


def price(euro: int) -> Prices:
    return Prices(selling=Decimal(euro))


def listing_of(stage: Stage, vehicle: Vehicle) -> Listing:
    stage.session.expire_all()
    return stage.session.scalars(select(Listing).where(Listing.vehicle_id == vehicle.id)).one()


def test_a_released_vehicle_is_created_once_with_what_it_is_now(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle = stage.vehicle(prices=price(12_990))
    stage.change(vehicle, prices=price(11_990))
    stage.drain()
    [ad] = marketplace.online().values()
    assert ad["price"]["consumerPriceGross"] == "11990.00"
    [row] = stage.transfers()
    assert (row.state, row.action, row.listing_id) == (TransferState.OK, "create", ad["adId"])
    assert row.attempts[0]["exchanges"][-1]["status"] == 201


def test_five_quick_changes_send_one_update(stage: Stage, marketplace: Marketplace) -> None:
    vehicle = stage.vehicle()
    stage.drain()
    for euro in range(9_001, 9_006):
        stage.change(vehicle, prices=price(euro))
    stage.drain()
    assert len(marketplace.requests("update")) == 1
    assert next(iter(marketplace.online().values()))["price"]["consumerPriceGross"] == "9005.00"


def test_an_update_tells_what_differs(stage: Stage) -> None:
    vehicle = stage.vehicle(prices=price(12_990))
    stage.drain()
    stage.change(vehicle, prices=price(9_990))
    stage.drain()
    [change] = stage.transfers()[-1].changes
    assert (change["field"], change["old"], change["new"]) == (
        "price.consumerPriceGross",
        "12990.00",
        "9990.00",
    )


def test_nothing_is_sent_without_a_difference(stage: Stage, marketplace: Marketplace) -> None:
    vehicle = stage.vehicle()
    stage.drain()
    stage.note(vehicle)
    stage.drain()
    assert len(marketplace.requests("create", "update", "delete")) == 1
    assert len(stage.transfers()) == 1


def test_withdrawing_the_release_deletes_the_listing(stage: Stage, marketplace: Marketplace) -> None:
    stage.others_online()
    vehicle = stage.vehicle()
    stage.drain()
    stage.take_offline(vehicle)
    stage.drain()
    assert marketplace.online() == {}
    assert [(row.action, row.state) for row in stage.transfers()] == [("create", "ok"), ("delete", "ok")]


def test_a_vehicle_released_again_is_a_new_listing_with_a_new_creation_id(
    stage: Stage, marketplace: Marketplace
) -> None:
    stage.others_online()
    vehicle = stage.vehicle()
    stage.drain()
    first = listing_of(stage, vehicle).creation_id
    stage.take_offline(vehicle)
    stage.drain()
    stage.put_online(vehicle)
    stage.drain()
    assert listing_of(stage, vehicle).creation_id != first
    assert len(marketplace.online()) == 1


def test_what_the_platform_would_refuse_is_blocked_with_the_reason_before_anything_is_sent(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle = stage.vehicle(fuel=None)
    stage.drain()
    assert marketplace.requests("create") == []
    assert stage.transfers() == []
    found = stage.session.get_one(Publication, (vehicle.id, stage.activation.id))
    stage.session.refresh(found)
    assert [problem["field"] for problem in found.problems] == ["fuel"]


def test_a_refusal_names_the_field_and_is_not_repeated_until_the_vehicle_changes(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle = stage.vehicle(mileage=1_000)
    error = {"key": "consumer-price-not-in-range", "path": "ad.price.consumerPriceGross"}
    marketplace.fault("reject", "create", error=error)
    stage.drain()
    stage.note(vehicle)
    stage.drain()
    [row] = stage.transfers()
    assert row.state == TransferState.REJECTED
    assert row.feedback[0]["field"] == "prices.selling"
    marketplace.heal()
    stage.change(vehicle, mileage=2_000)
    stage.drain()
    assert len(marketplace.online()) == 1


def test_a_refusal_lies_on_the_listing_until_the_platform_has_what_it_should(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle = stage.vehicle(mileage=1_000)
    stage.drain()
    marketplace.fault("reject", "update", error={"key": "invalid-reference-data-value"})
    stage.change(vehicle, mileage=2_000)
    stage.drain()
    refused, last = stage.build.only_listing(), stage.transfers()[-1]
    assert (refused.last_result, refused.last_transfer_id) == (TransferState.REJECTED, last.id)
    assert refused.last_feedback == last.feedback != []
    stage.note(vehicle)
    stage.drain()
    assert stage.build.only_listing().last_result == TransferState.REJECTED
    stage.change(vehicle, mileage=1_000)
    stage.drain()
    healed = stage.build.only_listing()
    assert (healed.last_result, healed.last_feedback, healed.refused_hash) == ("", [], None)
    assert len(stage.transfers()) == 2


def test_a_refused_vehicle_that_was_taken_offline_is_tried_again_when_it_is_wanted_again(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle = stage.vehicle()
    marketplace.fault("reject", "create", error={"key": "invalid-reference-data-value"}, count=1)
    stage.drain()
    assert stage.build.only_listing().last_result == TransferState.REJECTED
    stage.take_offline(vehicle)
    stage.drain()
    assert stage.build.only_listing().last_result == ""
    stage.put_online(vehicle)
    stage.drain()
    assert stage.build.only_listing().last_result == TransferState.OK
    assert len(marketplace.online()) == 1


def test_one_refused_vehicle_does_not_hold_up_the_others(stage: Stage, marketplace: Marketplace) -> None:
    vehicles = stage.vehicles(40)
    poison = vehicles[7].offer_number
    marketplace.fault("reject", internalNumber=poison, error={"key": "invalid-reference-data-value"})
    stage.drain()
    assert len(marketplace.online()) == 39
    assert poison not in marketplace.online()


def test_a_create_whose_answer_got_lost_is_adopted_and_never_doubled(
    stage: Stage, marketplace: Marketplace
) -> None:
    stage.vehicle()
    marketplace.fault("reset-after-commit", "create", count=1)
    stage.drain()
    stage.make_due()
    stage.drain()
    assert len(marketplace.generations()) == 1
    [row] = stage.transfers()
    assert row.state == TransferState.OK
    assert [attempt["outcome"] for attempt in row.attempts] == ["retry", "accepted"]
    assert len(marketplace.requests("update")) == 0


def test_todays_data_follow_when_the_vehicle_changed_after_a_lost_answer(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle = stage.vehicle(prices=price(12_990))
    marketplace.fault("error-after-commit", "create", count=1)
    stage.drain()
    stage.change(vehicle, prices=price(8_000))
    stage.make_due()
    stage.drain()
    assert len(marketplace.generations()) == 1
    assert next(iter(marketplace.online().values()))["price"]["consumerPriceGross"] == "8000.00"
    assert [row["status"] for row in marketplace.requests("create")] == [500, 303]


def test_a_vehicle_withdrawn_after_a_lost_answer_is_found_in_the_platforms_list_and_deleted(
    stage: Stage, marketplace: Marketplace
) -> None:
    stage.others_online()
    vehicle = stage.vehicle()
    marketplace.fault("error-after-commit", "create", count=1)
    stage.drain()
    stage.take_offline(vehicle)
    stage.make_due()
    stage.drain()
    assert marketplace.online() == {}
    assert len(marketplace.requests("create")) == 1
    assert len(marketplace.requests("list")) == 2, "the neighbour is not in it: it is read once more"


def test_a_half_list_decides_nothing(stage: Stage, marketplace: Marketplace) -> None:
    stage.others_online()
    vehicle = stage.vehicle()
    marketplace.fault("error-after-commit", "create", count=1)
    stage.drain()
    stage.take_offline(vehicle)
    stage.make_due()
    marketplace.fault("garbage", "list")
    stage.drain()
    assert len(marketplace.online()) == 1
    assert listing_of(stage, vehicle).state == ListingState.CREATING
    marketplace.heal()
    stage.make_due()
    stage.drain()
    assert marketplace.online() == {}


def test_half_a_list_that_looks_whole_makes_no_listing_twice(stage: Stage, marketplace: Marketplace) -> None:
    """The platform denies a listing once and then shows half of its list, without a word."""
    vehicles = stage.vehicles(40)
    stage.drain()
    marketplace.fault("error", "update", count=1, status=404)
    marketplace.fault("half-list", "list", count=1)
    stage.change(vehicles[-1], prices=price(9_500))
    stage.drain()
    stage.make_due()
    stage.drain()
    assert len(marketplace.generations()) == 40
    assert marketplace.online()[vehicles[-1].offer_number]["price"]["consumerPriceGross"] == "9500.00"


def test_half_a_list_that_comes_twice_makes_no_listing_twice_and_holds_up_nobody_else(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicles = stage.vehicles(40, mileage=1_000)
    stage.drain()
    marketplace.fault("error", "update", internalNumber=vehicles[-1].offer_number, count=1, status=404)
    marketplace.fault("half-list", "list")
    stage.change(vehicles[-1], mileage=2_000)
    stage.drain()
    stage.change(vehicles[0], mileage=3_000)
    stage.drain()
    assert marketplace.online()[vehicles[0].offer_number]["mileage"] == 3_000
    assert listing_of(stage, vehicles[-1]).state == ListingState.MISSING
    marketplace.heal()
    stage.make_due()
    stage.drain()
    assert len(marketplace.generations()) == 40
    assert marketplace.online()[vehicles[-1].offer_number]["mileage"] == 2_000


def test_half_a_list_that_a_stock_check_took_for_the_whole_makes_no_listing_twice(
    stage: Stage, marketplace: Marketplace
) -> None:
    """What the check did not find is marked, and still belongs to what a whole list shows."""
    vehicles = [stage.vehicle(mileage=1_000) for _ in range(8)]
    stage.drain()
    marketplace.fault("half-list", "list")
    with stage.runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stage.activation.id)
        control.request_check(session, activation, None, Trigger.BY_HAND)
    stage.drain()
    hidden, *others = [vehicle for vehicle in vehicles if listing_of(stage, vehicle).vanished_at]
    assert len(others) == 3
    marketplace.fault("error", "update", internalNumber=hidden.offer_number, count=1, status=404)
    stage.change(hidden, mileage=2_000)
    stage.drain()
    assert listing_of(stage, hidden).state == ListingState.MISSING
    marketplace.heal()
    stage.make_due()
    stage.drain()
    assert len(marketplace.generations()) == 8
    assert marketplace.online()[hidden.offer_number]["mileage"] == 2_000


def test_what_two_checks_an_hour_apart_did_not_find_bars_no_new_listing(
    stage: Stage, marketplace: Marketplace
) -> None:
    """The dealer has deleted half of the listings at the platform."""
    vehicles = [stage.vehicle(mileage=1_000) for _ in range(8)]
    stage.drain()
    ads = marketplace.online()
    for vehicle in vehicles[4:]:
        marketplace.remove(ads[vehicle.offer_number]["adId"])
    now = datetime.now(UTC)
    with stage.runtime.sessions.begin() as session:
        gone = Listing.vehicle_id.in_([vehicle.id for vehicle in vehicles[4:]])
        session.execute(update(Listing).where(gone).values(vanished_at=now - timedelta(hours=2)))
        session.get_one(Activation, stage.activation.id).checked_at = now
    stage.change(vehicles[-1], mileage=2_000)
    stage.drain()
    assert marketplace.online()[vehicles[-1].offer_number]["mileage"] == 2_000


def test_a_listing_that_vanished_is_made_again_only_after_the_list_confirms_it(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle = stage.vehicle(prices=price(9_000))
    stage.drain()
    [ad] = marketplace.online().values()
    marketplace.remove(ad["adId"])
    stage.change(vehicle, prices=price(8_500))
    stage.drain()
    assert not marketplace.online(), "a list without our only listing may be half of one"
    stage.make_due()
    stage.drain()
    [again] = marketplace.online().values()
    assert again["adId"] != ad["adId"]
    assert again["price"]["consumerPriceGross"] == "8500.00"
    kinds = [row["kind"] for row in marketplace.requests("create", "update", "list")]
    assert kinds == ["create", "update", "list", "list", "create"]


def test_deleting_what_is_gone_already_is_a_success(stage: Stage, marketplace: Marketplace) -> None:
    stage.others_online()
    vehicle = stage.vehicle()
    stage.drain()
    [ad] = marketplace.online().values()
    marketplace.remove(ad["adId"])
    stage.take_offline(vehicle)
    stage.drain()
    assert stage.transfers()[-1].state == TransferState.OK


def test_retry_after_is_obeyed_for_the_vehicle(stage: Stage, marketplace: Marketplace) -> None:
    stage.vehicle()
    marketplace.fault("rate-limit", "create", retryAfter=120)
    stage.drain()
    [row] = stage.transfers()
    assert row.state == TransferState.WAITING
    assert row.not_before is not None
    assert 60 < (row.not_before - row.created_at).total_seconds() < 180


def test_a_platform_under_maintenance_pauses_the_activation_and_burns_no_vehicle(
    stage: Stage, marketplace: Marketplace
) -> None:
    stage.vehicles(60)
    marketplace.fault("error", "create", status=503)
    stage.drain()
    assert len(marketplace.requests("create")) <= 16 * 2
    activation = fresh(stage.session, Activation, stage.activation.id)
    assert activation.state == ActivationState.ACTIVE
    assert activation.paused_until is not None
    marketplace.heal()
    stage.make_due()
    stage.drain()
    assert len(marketplace.online()) == 60


def test_wrong_credentials_stop_the_activation_once_and_burn_no_attempt(
    stage: Stage, marketplace: Marketplace
) -> None:
    stage.vehicles(40)
    marketplace.change_password("changed")
    stage.drain()
    activation = fresh(stage.session, Activation, stage.activation.id)
    assert (activation.state, activation.stop_cause) == (ActivationState.STOPPED, StopCause.CREDENTIALS)
    assert {row.state for row in stage.transfers()} == {TransferState.WAITING}
    assert {row.attempt_count for row in stage.transfers()} == {0}


def test_an_unlinked_seller_stops_the_activation_with_the_cause(
    stage: Stage, marketplace: Marketplace
) -> None:
    stage.vehicle()
    marketplace.change_seller("4711001", linked=False)
    stage.drain()
    activation = fresh(stage.session, Activation, stage.activation.id)
    assert (activation.state, activation.stop_cause) == (ActivationState.STOPPED, StopCause.NOT_LINKED)


def test_a_platform_that_answers_nonsense_is_not_believed(stage: Stage, marketplace: Marketplace) -> None:
    stage.vehicle()
    marketplace.fault("garbage", "create", body="html", count=1)
    stage.drain()
    [row] = stage.transfers()
    assert row.state == TransferState.WAITING
    assert row.feedback[0]["text"]
    stage.make_due()
    stage.drain()
    assert len(marketplace.online()) == 1


def test_rows_of_a_worker_that_died_are_decided_and_sent_again(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle = stage.vehicle()
    [row] = stage.transfers()
    row.state, row.action = TransferState.SENDING, "create"
    stage.session.commit()
    stage.build.listing(
        vehicle,
        stage.activation,
        state=ListingState.CREATING,
        listing_id=None,
        creation_id=vehicle.id,
        pending_hash="unknown",
    )
    stage.drain()
    assert marketplace.requests("create") == [], "the dead worker's request may still be under way"
    stage.make_due()
    stage.drain()
    assert len(marketplace.online()) == 1
    assert stage.transfers()[0].state == TransferState.OK
    assert marketplace.requests("create")[0]["insertionId"] == str(vehicle.id)


def test_a_vehicle_that_comes_back_after_an_unanswered_withdrawal_is_put_online_again(
    stage: Stage, marketplace: Marketplace
) -> None:
    """It is wanted as the platform took it last, but the platform may have carried the withdrawal out."""
    stage.others_online()
    vehicle = stage.vehicle()
    stage.drain()
    marketplace.fault("error-after-commit", "delete", status=500, count=1)
    stage.take_offline(vehicle)
    stage.drain()
    assert vehicle.offer_number not in marketplace.online()
    stage.put_online(vehicle)
    for _ in range(4):
        stage.make_due()
        stage.drain()
    assert vehicle.offer_number in marketplace.online()


def test_a_price_that_goes_there_and_back_around_an_unanswered_change_is_sent_again(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle = stage.vehicle(prices=Prices(selling=Decimal(12_990)))
    stage.drain()
    marketplace.fault("error-after-commit", "update", status=500, count=1)
    stage.change(vehicle, prices=Prices(selling=Decimal(11_990)))
    stage.drain()
    stage.change(vehicle, prices=Prices(selling=Decimal(12_990)))
    stage.make_due()
    stage.drain()
    ad = marketplace.online()[vehicle.offer_number]
    assert ad["price"]["consumerPriceGross"] == "12990.00"


def test_what_a_dead_worker_may_have_sent_is_in_doubt(stage: Stage, marketplace: Marketplace) -> None:
    vehicle = stage.vehicle(prices=Prices(selling=Decimal(12_990)))
    stage.drain()
    stage.note(vehicle)
    row = stage.transfers(vehicle)[-1]
    row.state, row.action = TransferState.SENDING, "update"
    stage.session.commit()
    stage.drain()
    stage.make_due()
    stage.drain()
    assert len(marketplace.requests("update")) == 1


def test_settings_that_changed_are_used_by_the_next_claim(stage: Stage, marketplace: Marketplace) -> None:
    vehicle = stage.vehicle(offer_number="A1", vin="WVWZZZ1KZAW000001")
    stage.drain()
    with stage.runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).settings = {"number_format": "vin"}
    stage.note(vehicle)
    stage.drain()
    assert list(marketplace.online()) == ["WVWZZZ1KZAW000001"]


def test_a_closing_activation_deletes_its_listings_and_is_deactivated(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicles = [stage.vehicle() for _ in range(3)]
    stage.drain()
    with stage.runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).state = ActivationState.CLOSING
    stage.note(*vehicles)
    stage.drain()
    assert marketplace.online() == {}
    assert fresh(stage.session, Activation, stage.activation.id).state == ActivationState.DEACTIVATED


def test_a_stopped_activation_sends_nothing_and_keeps_what_waits(
    stage: Stage, marketplace: Marketplace
) -> None:
    stage.activation.state = ActivationState.STOPPED
    stage.session.commit()
    stage.vehicle()
    stage.drain()
    assert marketplace.requests("create") == []
    assert len(stage.transfers()) == 1


def test_a_closing_activation_whose_credentials_fail_stays_closing_and_waits(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle = stage.vehicle()
    stage.drain()
    with stage.runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).state = ActivationState.CLOSING
    stage.note(vehicle)
    marketplace.change_password("changed")
    stage.drain()
    activation = fresh(stage.session, Activation, stage.activation.id)
    assert activation.state == ActivationState.CLOSING
    assert activation.paused_until is not None
    assert activation.pause_reason


def test_missing_reference_data_pauses_the_activation_and_sends_nothing_half_mapped(
    stage: Stage, marketplace: Marketplace
) -> None:
    stage.vehicle()
    marketplace.fault("error", "refdata", status=503)
    stage.drain()
    activation = fresh(stage.session, Activation, stage.activation.id)
    assert activation.paused_until is not None
    assert marketplace.requests("create") == []
    marketplace.heal()
    stage.make_due()
    stage.drain()
    assert len(marketplace.online()) == 1


def test_models_that_cannot_be_read_leave_no_row_locked_or_lost(
    stage: Stage, marketplace: Marketplace
) -> None:
    stage.vehicle()
    stage.drain()
    other = stage.vehicle(make="Opel", model="Astra", offer_number="OPEL")
    marketplace.fault("garbage", "refdata")
    stage.drain()
    assert [row.state for row in stage.transfers(other)] == [TransferState.WAITING]
    marketplace.heal()
    stage.make_due()
    stage.drain()
    assert "OPEL" in marketplace.online()


def test_settings_that_change_in_the_middle_of_a_run_leave_nothing_half_written(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicles = stage.vehicles(200)
    marketplace.fault("slow", "create", delayMs=100)
    worker = threading.Thread(target=stage.drain)
    worker.start()
    while not marketplace.requests("create"):
        time.sleep(0.02)
    with stage.runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stage.activation.id, with_for_update=True)
        activation.settings = {"number_format": "code_offer"}
        note_activation(session, activation)
    worker.join()
    assert {row.state for row in stage.transfers()} <= {TransferState.OK, TransferState.WARNING}
    assert len(marketplace.generations()) == len(vehicles)
    assert all(number.startswith("HH-") for number in marketplace.online())
    assert len(marketplace.requests("create")) == len(vehicles), "a create was sent a second time"


def test_what_is_odd_about_a_vehicle_stands_among_its_hints_and_keeps_nothing_back(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle = stage.vehicle(power=92, model_description="1.4 TSI 92 PS")
    stage.drain()
    assert len(marketplace.online()) == 1
    stage.session.expire_all()
    publication = stage.session.get_one(Publication, (vehicle.id, stage.activation.id))
    [hint] = [one for one in publication.hints if one.get("odd")]
    assert (hint["code"], hint["field"]) == ("power-in-ps", "power")
    stage.change(vehicle, model_description="1.4 TSI 125 PS")
    stage.drain()
    stage.session.expire_all()
    assert not [one for one in publication.hints if one.get("odd")]
