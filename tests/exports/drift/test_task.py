"""The stock check against the sandbox: what its list says is noted, and nothing is changed there."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select, update

from portal.exports.core.lease import LeaseLost
from portal.exports.drift import control, task
from portal.exports.drift.control import CHECKED_STATES
from portal.exports.jobs import tick
from portal.models import Activation, Listing, Match, Run, Transfer, Vehicle
from portal.models.exports import ActivationState, ListingState, RunKind, RunState, Trigger
from tests.builders import fresh
from tests.exports.conftest import Stage
from tests.exports.leases import hold
from tests.marketplace import Marketplace
from tests.words import german


def ask(stage: Stage) -> UUID:
    with stage.runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stage.activation.id)
        return control.request_check(session, activation, None, Trigger.BY_HAND)


def check(stage: Stage) -> Run:
    run_id = ask(stage)
    stage.drain()
    found: Run = fresh(stage.session, Run, run_id)
    return found


def online(stage: Stage, number: int) -> list[Vehicle]:
    vehicles = [stage.vehicle() for _ in range(number)]
    stage.drain()
    return vehicles


def listing_of(stage: Stage, vehicle: Vehicle) -> Listing:
    stage.session.expire_all()
    return stage.session.scalars(select(Listing).where(Listing.vehicle_id == vehicle.id)).one()


def ad_of(marketplace: Marketplace, vehicle: Vehicle) -> dict[str, Any]:
    return marketplace.online()[vehicle.offer_number]


def counts(run: Run) -> dict[str, int]:
    return {name: number for name, number in run.counts.items() if number}


def set_activation(stage: Stage, **columns: object) -> None:
    with stage.runtime.sessions.begin() as session:
        session.execute(update(Activation).where(Activation.id == stage.activation.id).values(**columns))


def test_what_the_platform_shows_as_it_was_sent_is_confirmed(stage: Stage, marketplace: Marketplace) -> None:
    vehicles = online(stage, 3)
    sent = {vehicle.id: listing_of(stage, vehicle).confirmed_at for vehicle in vehicles}
    run = check(stage)
    assert (run.state, run.total, counts(run)) == (RunState.DONE, 3, {"confirmed": 3})
    for vehicle in vehicles:
        listing = listing_of(stage, vehicle)
        assert listing.confirmed_at == run.started_at
        assert listing.confirmed_at > sent[vehicle.id]
    activation = fresh(stage.session, Activation, stage.activation.id)
    assert activation.checked_at == run.started_at
    assert activation.next_check_at > datetime.now(UTC) + timedelta(hours=5)


def test_what_was_sent_just_before_is_decided_though_the_database_was_slow_to_tell_the_time(
    stage: Stage, marketplace: Marketplace
) -> None:
    def delay(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "clock_timestamp()" in statement:
            time.sleep(0.3)

    event.listen(stage.runtime.engine, "before_cursor_execute", delay)
    online(stage, 1)
    event.remove(stage.runtime.engine, "before_cursor_execute", delay)
    assert counts(check(stage)) == {"confirmed": 1}


def test_a_change_made_at_the_platform_is_drift_in_its_field(stage: Stage, marketplace: Marketplace) -> None:
    vehicle, _other = online(stage, 2)
    ad = ad_of(marketplace, vehicle)
    marketplace.change(ad["adId"], mileage=99_000)
    run = check(stage)
    assert counts(run) == {"confirmed": 1, "drifted": 1}
    listing = listing_of(stage, vehicle)
    (drift,) = listing.drift
    assert drift | {"label": german(drift["label"])} == {
        "field": "mileage",
        "label": "Kilometerstand",
        "old": "64500",
        "new": "99000",
    }
    assert ad_of(marketplace, vehicle)["mileage"] == 99_000, "a check changes nothing"


def test_sent_again_the_drift_is_over(stage: Stage, marketplace: Marketplace) -> None:
    vehicle, _other = online(stage, 2)
    marketplace.change(ad_of(marketplace, vehicle)["adId"], mileage=99_000)
    check(stage)
    with stage.runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stage.activation.id)
        drifted = control.drifted_ids(session, activation.id)
        assert control.send_again(session, activation, drifted, Trigger.BY_HAND) == 1
    stage.drain()
    assert ad_of(marketplace, vehicle)["mileage"] == vehicle.facts().mileage
    assert listing_of(stage, vehicle).drift == []
    assert counts(check(stage)) == {"confirmed": 2}


@pytest.fixture
def vanished(stage: Stage, marketplace: Marketplace) -> Vehicle:
    """One of two listings, deleted at the platform and found missing there."""
    vehicle, _other = online(stage, 2)
    marketplace.remove(ad_of(marketplace, vehicle)["adId"])
    run = check(stage)
    assert counts(run) == {"confirmed": 1, "vanished": 1}
    return vehicle


def test_what_vanished_is_noted_and_not_created_again(
    stage: Stage, marketplace: Marketplace, vanished: Vehicle
) -> None:
    first = listing_of(stage, vanished).vanished_at
    assert first is not None
    assert len(marketplace.online()) == 1
    check(stage)
    assert listing_of(stage, vanished).vanished_at == first, "since when it is gone stays"


def test_what_vanished_is_looked_for_once_more_in_an_hour(
    stage: Stage, marketplace: Marketplace, vanished: Vehicle
) -> None:
    """It could be half a list that looked whole. A check that somebody asks for soon after does not stand for
    that one; once it has said so too, checks are as rare as before."""

    def pause() -> timedelta:
        activation = fresh(stage.session, Activation, stage.activation.id)
        planned: timedelta = activation.next_check_at - activation.checked_at
        return planned

    assert pause() < timedelta(hours=2)
    check(stage)
    assert pause() < timedelta(hours=2)
    with stage.runtime.sessions.begin() as session:
        session.execute(update(Listing).values(vanished_at=Listing.vanished_at - timedelta(hours=1)))
    check(stage)
    assert pause() > timedelta(hours=5)


def test_published_anew_it_is_a_new_listing(
    stage: Stage, marketplace: Marketplace, vanished: Vehicle
) -> None:
    with stage.runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stage.activation.id)
        control.publish_anew(session, activation, [vanished.id], Trigger.BY_HAND)
    stage.drain()
    assert len(marketplace.generations()) == 2, (
        "the check found it gone a moment ago, and may have had half a list"
    )
    stage.make_due()
    stage.drain()
    listing = listing_of(stage, vanished)
    assert (listing.state, listing.vanished_at) == (ListingState.ONLINE, None)
    assert ad_of(marketplace, vanished)["adId"] == listing.listing_id
    assert len(marketplace.generations()) == 3


def test_published_anew_it_is_not_doubled_where_the_list_has_it_after_all(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle, _other = online(stage, 2)
    with stage.runtime.sessions.begin() as session:
        session.execute(update(Listing).values(vanished_at=datetime.now(UTC)))
        activation = session.get_one(Activation, stage.activation.id)
        control.publish_anew(session, activation, [vehicle.id], Trigger.BY_HAND)
    stage.drain()
    assert len(marketplace.generations()) == 2
    assert listing_of(stage, vehicle).vanished_at is None


def test_withdrawn_it_is_forgotten_without_a_new_listing(
    stage: Stage, marketplace: Marketplace, vanished: Vehicle
) -> None:
    with stage.runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stage.activation.id)
        assert control.withdraw(session, activation, session.get_one(Vehicle, vanished.id))
    stage.drain()
    assert listing_of(stage, vanished).state == ListingState.ABSENT
    assert len(marketplace.generations()) == 2


def test_a_listing_of_no_vehicle_is_listed_and_stays(stage: Stage, marketplace: Marketplace) -> None:
    [vehicle] = online(stage, 1)
    foreign = marketplace.place(ad_of(marketplace, vehicle) | {"internalNumber": "FREMD-1"})
    first, second = check(stage), check(stage)
    assert counts(second) == {"confirmed": 1, "unknown": 1}
    [match] = stage.session.scalars(select(Match)).all()
    assert (match.run_id, match.listing_id, match.internal_number) == (second.id, foreign, "FREMD-1")
    assert match.run_id != first.id, "only the last check keeps its list"
    assert foreign in {ad["adId"] for ad in marketplace.online().values()}


def test_what_a_reconciliation_left_there_is_counted_and_named_apart(
    stage: Stage, marketplace: Marketplace
) -> None:
    [vehicle] = online(stage, 1)
    left = marketplace.place(ad_of(marketplace, vehicle) | {"internalNumber": "ALT-1"})
    matched = Run(activation_id=stage.activation.id, kind=RunKind.RECONCILIATION, state=RunState.DONE)
    stage.session.add(matched)
    stage.session.flush()
    decided = {"run_id": matched.id, "activation_id": stage.activation.id}
    stage.session.add(Match(listing_id=left, decision="keep", **decided))
    stage.session.commit()
    run = check(stage)
    assert counts(run) == {"confirmed": 1, "kept": 1}
    [match] = stage.session.scalars(select(Match).where(Match.run_id == run.id)).all()
    assert (match.listing_id, match.decision) == (left, "keep")


@pytest.mark.parametrize("effect", ["garbage", "error", "reset"])
def test_a_list_that_is_not_whole_does_not_count(stage: Stage, marketplace: Marketplace, effect: str) -> None:
    vehicles = online(stage, 4)
    before = {vehicle.id: listing_of(stage, vehicle).confirmed_at for vehicle in vehicles}
    marketplace.fault(effect, "list", count=1)
    run = check(stage)
    assert (run.state, run.attempt_count) == (RunState.WAITING, 1)
    assert run.message
    assert run.not_before > datetime.now(UTC)
    assert {vehicle.id: listing_of(stage, vehicle).confirmed_at for vehicle in vehicles} == before
    with stage.runtime.sessions.begin() as session:
        session.get_one(Run, run.id).not_before = None
    stage.make_due()
    assert tick(stage.runtime) == 1
    stage.drain()
    done = fresh(stage.session, Run, run.id)
    assert (done.state, done.message, counts(done)) == (RunState.DONE, "", {"confirmed": 4})


def test_half_a_list_that_looks_whole_is_read_again(stage: Stage, marketplace: Marketplace) -> None:
    vehicles = online(stage, 4)
    marketplace.fault("half-list", "list", count=1)
    assert counts(check(stage)) == {"confirmed": 4}
    assert len(marketplace.requests("list")) == 2
    assert all(listing_of(stage, vehicle).vanished_at is None for vehicle in vehicles)


def test_a_list_without_most_of_what_we_know_is_not_whole(stage: Stage, marketplace: Marketplace) -> None:
    online(stage, 24)
    for ad in list(marketplace.online().values())[:13]:
        marketplace.remove(ad["adId"])
    run = check(stage)
    assert run.state == RunState.WAITING
    assert german(run.message) == (
        "Die Bestandsliste nennt nur 11 von 24 bekannten Inseraten: Sie gilt als unvollständig."
    )
    assert not any(row.vanished_at for row in stage.session.scalars(select(Listing)))


def test_a_list_that_can_never_be_read_fails_and_has_its_next_turn(
    stage: Stage, marketplace: Marketplace
) -> None:
    online(stage, 4)
    marketplace.fault("garbage", "list")
    run_id = ask(stage)
    with stage.runtime.sessions.begin() as session:
        session.get_one(Run, run_id).attempt_count = 6
    stage.drain()
    run = fresh(stage.session, Run, run_id)
    assert (run.state, german(run.message)) == (
        RunState.FAILED,
        "Die Bestandsliste von mobile.de ist unvollständig",
    )
    activation = fresh(stage.session, Activation, stage.activation.id)
    assert activation.next_check_at > datetime.now(UTC)
    assert activation.checked_at is None


def test_a_stop_stops_the_activation(stage: Stage, marketplace: Marketplace) -> None:
    online(stage, 1)
    marketplace.change_password("another")
    run = check(stage)
    assert run.state == RunState.FAILED
    assert "Zugangsdaten" in german(run.message)
    activation = fresh(stage.session, Activation, stage.activation.id)
    assert (activation.state, activation.stop_cause) == (ActivationState.STOPPED, "credentials")


def test_what_was_sent_while_the_list_was_read_is_left_alone(stage: Stage, marketplace: Marketplace) -> None:
    """Another worker, whose lease had expired, writes a late answer."""
    vehicle, gone = online(stage, 2)
    marketplace.change(ad_of(marketplace, vehicle)["adId"], mileage=99_000)
    marketplace.remove(ad_of(marketplace, gone)["adId"])
    marketplace.fault("slow", "list", delayMs=600)
    run_id = ask(stage)
    thread = Thread(target=stage.drain)
    thread.start()
    wait_until_it_reads(stage, run_id)
    with stage.runtime.sessions.begin() as session:
        session.execute(update(Listing).values(sent_at=datetime.now(UTC)))
    thread.join()
    assert counts(fresh(stage.session, Run, run_id)) == {"left": 2}
    assert (listing_of(stage, vehicle).drift, listing_of(stage, gone).vanished_at) == ([], None)


def wait_until_it_reads(stage: Stage, run_id: UUID) -> None:
    while fresh(stage.session, Run, run_id).state != RunState.RUNNING:
        stage.session.rollback()


def test_whoever_lost_the_lease_writes_nothing(stage: Stage, marketplace: Marketplace) -> None:
    [vehicle] = online(stage, 1)
    marketplace.change(ad_of(marketplace, vehicle)["adId"], mileage=99_000)
    ask(stage)
    with hold(stage.runtime.sessions, stage.activation.id) as lease:
        assert lease
        late = replace(lease, token=UUID(int=7))
        with pytest.raises(LeaseLost):
            task.check_drift(stage.runtime, late)
    assert listing_of(stage, vehicle).drift == []
    assert marketplace.requests("list") == []


def test_a_worker_that_died_while_reading_is_followed_by_another(
    stage: Stage, marketplace: Marketplace
) -> None:
    online(stage, 1)
    run_id = ask(stage)
    with stage.runtime.sessions.begin() as session:
        session.get_one(Run, run_id).state = RunState.RUNNING
    assert tick(stage.runtime) == 1
    stage.drain()
    assert fresh(stage.session, Run, run_id).state == RunState.DONE


def test_every_activation_has_its_turn_by_the_clock(stage: Stage, marketplace: Marketplace) -> None:
    online(stage, 1)
    planned = fresh(stage.session, Activation, stage.activation.id).next_check_at
    assert planned is not None
    assert planned < datetime.now(UTC) + timedelta(hours=6)
    assert tick(stage.runtime) == 0
    set_activation(stage, next_check_at=datetime.now(UTC) - timedelta(seconds=1))
    assert tick(stage.runtime) == 1
    stage.drain()
    [run] = stage.session.scalars(select(Run).where(Run.kind == RunKind.CHECK)).all()
    assert (run.state, run.trigger) == (RunState.DONE, Trigger.SCHEDULE)
    assert tick(stage.runtime) == 0


@pytest.mark.parametrize("number", [0, 1, 999, 1_000])
def test_the_first_turn_is_never_at_once(number: int) -> None:
    assert 0 < task._shift(UUID(int=number)) <= 1


@pytest.mark.parametrize("state", list(ActivationState))
def test_it_is_read_while_a_lock_holds_and_not_in_other_states(stage: Stage, state: ActivationState) -> None:
    online(stage, 1)
    ask(stage)
    set_activation(stage, state=state)
    with stage.runtime.sessions() as session:
        due = stage.activation.id in session.scalars(task.check_due()).all()
    assert due == (state in CHECKED_STATES)


def test_two_who_ask_at_once_get_the_same_run(stage: Stage) -> None:
    online(stage, 1)
    assert ask(stage) == ask(stage)


def test_a_change_that_waits_is_sent_all_the_same(stage: Stage, marketplace: Marketplace) -> None:
    [vehicle] = online(stage, 1)
    ask(stage)
    stage.change(vehicle, mileage=70_000)
    stage.drain()
    assert ad_of(marketplace, vehicle)["mileage"] == 70_000
    assert not stage.session.scalars(select(Transfer).where(Transfer.state == "waiting")).all()
