"""The platform's list: whole or not at all, and nothing is sent before people have decided."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from portal.exports.jobs import tick
from portal.exports.reconciliation import control
from portal.exports.reconciliation.control import read_again
from portal.exports.reconciliation.sides import MatchDecision
from portal.models import Activation, Transfer
from portal.models.exports import ActivationState, RunState
from portal.models.notifications import Problem
from portal.models.runs import Match
from portal.notifications.problems import ProblemKind
from tests.exports.reconciliation.conftest import Meeting, vin
from tests.words import german


def test_what_is_left_over_on_either_side_waits_for_the_dealer(meeting: Meeting) -> None:
    meeting.here("A1")
    meeting.here("A2")
    meeting.there("A1")
    meeting.there("B1", make="BMW", model="320", mileage=1)
    meeting.activate()
    meeting.work()
    meeting.work()
    assert meeting.activation_now().state == ActivationState.RECONCILING
    assert meeting.run.state == RunState.HELD
    counts = meeting.counts()
    assert (counts.matched, counts.suggested, counts.only_here, counts.only_there) == (1, 0, 1, 1)
    assert counts.open == 2
    assert meeting.written() == []
    problem = meeting.session.scalars(select(Problem)).one()
    assert (problem.kind, problem.subject_id) == (ProblemKind.RECONCILIATION, meeting.run.id)
    assert problem.detail == {"matched": 1, "suggested": 0, "here": 1, "there": 1}


def test_a_change_meanwhile_waits(meeting: Meeting) -> None:
    vehicle = meeting.here("A1")
    meeting.there("B1", make="BMW", model="320")
    meeting.activate()
    meeting.work()
    meeting.change(vehicle, mileage=99_000)
    meeting.work()
    assert meeting.written() == []
    meeting.session.expire_all()
    assert meeting.session.scalars(select(Transfer.state)).all() == ["waiting"]


def test_an_unreadable_list_counts_for_nothing_and_is_read_again_by_the_plan(meeting: Meeting) -> None:
    for number in ("A1", "A2", "A3", "A4"):
        meeting.here(number)
        meeting.there(number)
    meeting.marketplace.fault("garbage", "list", body="invalid-json", count=1)
    meeting.activate()
    meeting.work()
    run = meeting.run
    assert (run.state, run.attempt_count) == (RunState.WAITING, 1)
    assert run.not_before
    assert run.not_before > datetime.now(UTC)
    assert "unvollständig" in german(run.message)
    assert run.attempts[0]["outcome"] == "retry"
    assert meeting.matches() == {}
    meeting.work()
    assert len(meeting.marketplace.requests("list")) == 1
    meeting.make_due()
    meeting.work()
    assert meeting.activation_now().state == ActivationState.ACTIVE
    assert meeting.written() == ["update"] * 4


def test_half_a_list_that_looks_whole_doubles_nothing(meeting: Meeting) -> None:
    for number in ("A1", "A2", "A3", "A4"):
        meeting.here(number)
        meeting.there(number)
    meeting.marketplace.fault("half-list", "list", count=1)
    meeting.activate()
    meeting.work()
    assert meeting.run.state == RunState.WAITING
    assert meeting.matches() == {}
    meeting.make_due()
    meeting.work()
    assert meeting.written() == ["update"] * 4


def test_the_plan_never_gives_up_and_obeys_the_platform(meeting: Meeting) -> None:
    meeting.marketplace.fault("rate-limit", "list", retryAfter=3600)
    meeting.activate()
    for attempt in range(1, 10):
        meeting.work()
        assert meeting.run.attempt_count == attempt
        wait = meeting.run.not_before
        assert wait
        assert (wait - datetime.now(UTC)).total_seconds() > 3_000
        meeting.make_due()
    assert meeting.run.state == RunState.WAITING


def test_the_tick_rings_when_it_is_due_and_not_before(meeting: Meeting) -> None:
    meeting.there("B1")
    meeting.marketplace.fault("error", "list", status=500, count=1)
    meeting.activate()
    assert tick(meeting.runtime) == 1
    meeting.work()
    assert tick(meeting.runtime) == 0
    meeting.make_due()
    assert tick(meeting.runtime) == 1
    meeting.work()
    assert meeting.run.state == RunState.HELD
    assert tick(meeting.runtime) == 0


def test_a_stop_stops_the_activation_and_repaired_it_goes_on_where_it_was(meeting: Meeting) -> None:
    meeting.here("A1")
    meeting.there("B1", make="BMW", model="320")
    meeting.activate()
    meeting.marketplace.change_seller("4711001", linked=False)
    meeting.work()
    stopped = meeting.activation_now()
    assert (stopped.state, stopped.stop_cause) == (ActivationState.STOPPED, "not_linked")
    assert meeting.run.state == RunState.WAITING
    meeting.marketplace.change_seller("4711001", linked=True)
    with meeting.runtime.sessions.begin() as session:
        session.get_one(Activation, stopped.id).recheck_at = datetime.now(UTC)
    meeting.work()
    assert meeting.activation_now().state == ActivationState.RECONCILING
    assert meeting.run.state == RunState.HELD
    assert meeting.written() == []


def test_no_connection_is_held_while_the_platform_is_asked(meeting: Meeting) -> None:
    """Of all the sessions of this engine none is in a transaction while the list is on its way."""
    seen: list[int] = []
    meeting.here("A1")
    meeting.activate()
    platform = type(meeting.runtime.platform("mobile-de"))
    real = platform.open

    def watched(self: object, *args: object) -> object:
        client = real(self, *args)  # type: ignore[arg-type]
        ask = client.remote_listings

        def remote_listings() -> object:
            seen.append(meeting.runtime.engine.pool.checkedout())  # type: ignore[attr-defined]
            return ask()

        client.remote_listings = remote_listings  # type: ignore[method-assign, assignment]
        return client

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platform, "open", watched)
        meeting.work()
    assert seen == [0, 0]


def test_a_worker_that_dies_after_the_list_leaves_the_next_one_to_begin_anew(meeting: Meeting) -> None:
    """The lease of the dead one is void: what it would still write is not written."""
    for number in ("A1", "A2"):
        meeting.here(number)
        meeting.there(number)
    activation = meeting.activate()
    stolen = text(
        "UPDATE activation_lease SET token = gen_random_uuid(), until = now() WHERE activation_id = :id"
    )
    platform = type(meeting.runtime.platform("mobile-de"))
    real = platform.open

    def robbed(self: object, *args: object) -> object:
        client = real(self, *args)  # type: ignore[arg-type]
        with meeting.runtime.engine.begin() as connection:
            connection.execute(stolen, {"id": activation.id})
        return client

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platform, "open", robbed)
        meeting.work()
    assert meeting.run.state == RunState.WAITING
    assert meeting.matches() == {}
    meeting.work()
    assert meeting.activation_now().state == ActivationState.ACTIVE
    assert meeting.written() == ["update", "update"]


def test_the_list_read_again_keeps_what_people_decided(meeting: Meeting) -> None:
    by_hand, other = meeting.here("A1"), meeting.here("A2")
    kept, paired = meeting.there("B1", make="BMW", model="320"), meeting.there("B2", make="BMW", model="320")
    gone = meeting.there("B3", make="BMW", model="320")
    meeting.activate()
    meeting.work()
    with meeting.runtime.sessions.begin() as session:
        sides = meeting.held(session)
        assert control.pair(session, sides, meeting.match(paired).id, by_hand.id)
        both = [meeting.match(key).id for key in (kept, gone)]
        assert control.decide(session, sides, MatchDecision.KEEP, both) == 2
        read_again(session, sides.activation)
    meeting.marketplace.remove(gone)
    fresh = meeting.there("A2")
    meeting.work()
    found = meeting.matches()
    assert found.keys() == {kept, paired, fresh}
    assert (found[paired].vehicle_id, found[paired].method) == (by_hand.id, "by_hand")
    assert found[kept].decision == MatchDecision.KEEP
    assert found[fresh].vehicle_id == other.id
    assert meeting.counts().open == 0
    assert meeting.run.state == RunState.HELD


def test_a_vehicle_that_is_not_released_is_pointed_out_never_taken(meeting: Meeting) -> None:
    """Adopted, it would be deleted at once: nobody wants it there."""
    new = meeting.here("A1", kind="new", first_registration=None, mileage=None)
    listing_id = meeting.there("A1")
    meeting.activate()
    meeting.work()
    row = meeting.match(listing_id)
    assert (row.vehicle_id, row.suggested_id, row.method) == (None, new.id, "not_released")
    assert (meeting.counts().only_there, meeting.counts().suggested) == (1, 0)


def test_a_vehicle_released_meanwhile_is_matched_with_what_is_still_open(meeting: Meeting) -> None:
    new = meeting.here("A1", kind="new", first_registration=None, mileage=None)
    alone = meeting.here("A7", kind="new", first_registration=None, mileage=None)
    alike = meeting.here("A8", kind="new", mileage=49_900, vin=vin(8))
    by_number, by_facts = meeting.there("A1", vin=vin(7)), meeting.there("K-8", mileage=50_000)
    activation = meeting.activate()
    meeting.work()
    for vehicle in (new, alone, alike):
        publication = meeting.build.release(vehicle, activation)
        assert publication.released
        meeting.change(vehicle, kind="used")
    meeting.work()
    assert meeting.match(by_number).vehicle_id == new.id
    assert meeting.match(by_facts).suggested_id == alike.id
    counts = meeting.counts()
    assert (counts.matched, counts.suggested, counts.only_here, counts.only_there) == (1, 1, 1, 0)
    rows = meeting.session.scalars(select(Match.vehicle_id).where(Match.listing_id.is_(None)))
    assert set(rows) == {alone.id, alike.id}


def test_a_vehicle_that_leaves_meanwhile_is_not_asked_about(meeting: Meeting) -> None:
    from portal.models import Vehicle

    gone, deleted = meeting.here("A1"), meeting.here("A2")
    listing_id = meeting.there("A2")
    meeting.there("B1", make="BMW", model="320")
    meeting.activate()
    meeting.work()
    assert meeting.counts().only_here == 1
    with meeting.runtime.sessions.begin() as session:
        session.get_one(Vehicle, gone.id).withdrawn_at = datetime.now(UTC)
        session.delete(session.get_one(Vehicle, deleted.id))
    counts = meeting.counts()
    assert (counts.matched, counts.only_here, counts.only_there) == (0, 0, 2)
    assert meeting.match(listing_id).vehicle_id is None


def test_what_was_to_be_made_anew_and_is_there_when_the_list_is_read_again_is_adopted(
    meeting: Meeting,
) -> None:
    meeting.here("A1")
    meeting.there("B1", make="BMW", model="320")
    meeting.activate()
    meeting.work()
    meeting.decide(MatchDecision.CREATE)
    meeting.decide(MatchDecision.KEEP)
    listing_id = meeting.there("A1")
    with meeting.runtime.sessions.begin() as session:
        read_again(session, meeting.sides(session).activation)
    meeting.work()
    assert (meeting.match(listing_id).method, meeting.counts().only_here) == ("number", 0)
    meeting.finish()
    meeting.work()
    assert meeting.written() == ["update"]
    assert meeting.ad_of("A1") == listing_id


def test_a_pair_that_was_taken_apart_is_none_either_when_the_list_is_read_again(meeting: Meeting) -> None:
    vehicle, listing_id = meeting.here("A1"), meeting.there("A1")
    meeting.there("B1", make="BMW", model="320")
    meeting.activate()
    meeting.work()
    with meeting.runtime.sessions.begin() as session:
        sides = meeting.held(session)
        control.separate(session, sides, [meeting.match(listing_id).id])
        control.decide(session, sides, MatchDecision.CREATE, [vehicle.id])
        read_again(session, sides.activation)
    meeting.work()
    assert meeting.match(listing_id).vehicle_id is None
    assert meeting.counts().here == {"create": 1}
