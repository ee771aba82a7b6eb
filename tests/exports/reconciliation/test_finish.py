"""Finishing: once, as it was shown, and what becomes of each decision."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from portal.exports.drift import control as drift_control
from portal.exports.lifecycle import activation as life
from portal.exports.reconciliation import control as reconciliation_control
from portal.exports.reconciliation.finish import FinishResult, FinishStatus
from portal.exports.reconciliation.sides import MatchDecision, SideCounts
from portal.models import Activation, AuditEvent, Listing, Publication, Transfer
from portal.models.exports import ActivationState, ListingState, RunState, Trigger
from portal.models.notifications import Problem
from portal.models.runs import Match, Run
from portal.platforms.contract import Account
from tests.exports.reconciliation.conftest import ALICE, Meeting, vin
from tests.words import german

BMW = {"make": "BMW", "model": "320"}


def waiting(meeting: Meeting, here: int = 2, there: int = 2) -> tuple[list[str], list[str]]:
    """A reconciliation with so many on each side that match nothing; numbers here, ids there."""
    numbers = [f"A{number}" for number in range(here)]
    for number in numbers:
        meeting.here(number)
    ids = [meeting.there(f"B{number}", **BMW) for number in range(there)]
    meeting.activate()
    meeting.work()
    assert meeting.run.state == RunState.HELD
    return numbers, ids


def test_it_cannot_be_finished_while_something_is_open(meeting: Meeting) -> None:
    waiting(meeting, here=2, there=1)
    finished = meeting.finish()
    assert finished.how == FinishStatus.OPEN
    assert finished.counts
    assert finished.counts.open == 3
    meeting.work()
    assert meeting.activation_now().state == ActivationState.RECONCILING
    assert meeting.written() == []


def test_every_decision_is_carried_out(meeting: Meeting) -> None:
    numbers, (left, deleted) = waiting(meeting, here=3, there=2)
    with meeting.runtime.sessions.begin() as session:
        sides = meeting.held(session)
        rows = meeting.matches()
        reconciliation_control.decide(session, sides, MatchDecision.KEEP, [rows[left].id])
        reconciliation_control.decide(session, sides, MatchDecision.DELETE, [rows[deleted].id])
        reconciliation_control.decide(session, sides, MatchDecision.CREATE, None, "A0")
        reconciliation_control.decide(session, sides, MatchDecision.WITHHOLD, None)
    finished = meeting.finish()
    assert finished.how == FinishStatus.DONE
    assert meeting.activation_now().state == ActivationState.RECONCILING
    assert meeting.run.state == RunState.RUNNING
    assert meeting.written() == []
    meeting.work()
    assert meeting.activation_now().state == ActivationState.ACTIVE
    assert meeting.written() == ["delete", "create"]
    online = meeting.marketplace.online()
    assert set(online) == {"A0", "B0"}
    assert online["B0"]["adId"] == left
    released = select(func.count()).select_from(Publication).where(Publication.released)
    assert meeting.session.scalar(released) == 1
    run = meeting.run
    assert run.counts == {
        "adopted": 0,
        "new": 1,
        "blocked": 0,
        "withheld": 2,
        "kept": 1,
        "deleted": 1,
        "refused": 0,
    }
    assert (run.state, run.attempts[0]["listing_id"]) == (RunState.DONE, deleted)
    assert run.attempts[0]["exchanges"][0]["status"] == 204
    assert [number for number in numbers if number in online] == ["A0"]


def test_pairs_by_hand_and_confirmed_suggestions_keep_their_listing(meeting: Meeting) -> None:
    by_hand, alike = meeting.here("A1"), meeting.here("A2", mileage=50_300, make="VW", vin=vin(2))
    other, like = meeting.there("B1", **BMW), meeting.there("B2", mileage=50_000)
    meeting.activate()
    meeting.work()
    assert meeting.counts().suggested == 1
    with meeting.runtime.sessions.begin() as session:
        sides = meeting.held(session)
        assert reconciliation_control.accept(session, sides, None) == 1
        assert reconciliation_control.pair(session, sides, meeting.match(other).id, by_hand.id)
    assert meeting.finish().how == FinishStatus.DONE
    meeting.work()
    assert meeting.written() == ["update", "update"]
    assert (meeting.ad_of("A1"), meeting.ad_of("A2")) == (other, like)
    assert meeting.listing(alike).listing_id == like


def test_the_problem_is_over_and_the_audit_log_says_who(meeting: Meeting) -> None:
    waiting(meeting)
    meeting.decide(MatchDecision.CREATE)
    meeting.decide(MatchDecision.KEEP)
    meeting.finish()
    problem = meeting.session.scalars(select(Problem)).one()
    assert (problem.closed_how, bool(problem.closed_at)) == ("finished", True)
    event = meeting.session.scalars(select(AuditEvent)).one()
    assert (event.what, event.actor) == ("reconciliation.finished", ALICE.name)
    assert event.object_label == "mobile.de 4711001"
    assert event.detail == {"adopted": 0, "new": 2, "blocked": 0, "withheld": 0, "kept": 2, "deleted": 0}


def test_other_numbers_than_were_shown_are_asked_again(meeting: Meeting) -> None:
    waiting(meeting)
    meeting.decide(MatchDecision.CREATE)
    meeting.decide(MatchDecision.KEEP)
    assert meeting.finish("0-9-0-0-2-0-0").how == FinishStatus.CHANGED
    assert meeting.run.state == RunState.HELD


def test_two_tabs_and_a_double_click_finish_it_once(meeting: Meeting) -> None:
    waiting(meeting)
    meeting.decide(MatchDecision.CREATE)
    meeting.decide(MatchDecision.KEEP)
    barrier, found = threading.Barrier(4), []

    def press() -> None:
        barrier.wait()
        found.append(meeting.finish("0-2-0-0-2-0-0"))

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hows = sorted(str(one.how) for one in found if isinstance(one, FinishResult))
    assert hows == ["closed", "closed", "closed", "done"]
    assert meeting.session.scalar(select(func.count()).select_from(AuditEvent)) == 1
    meeting.work()
    assert meeting.written() == ["create", "create"]


def test_afterwards_nothing_can_be_decided(meeting: Meeting) -> None:
    waiting(meeting)
    meeting.decide(MatchDecision.CREATE)
    meeting.decide(MatchDecision.KEEP)
    meeting.finish()
    with meeting.runtime.sessions.begin() as session:
        assert reconciliation_control.hold_sides(session, session.scalars(select(Activation)).one()) is None


def test_what_is_announced_as_new_is_what_will_be_created(meeting: Meeting) -> None:
    meeting.here("A1")
    blocked = meeting.here("A2", make="")
    meeting.there("B1", **BMW)
    meeting.activate()
    meeting.work()
    meeting.decide(MatchDecision.CREATE)
    meeting.decide(MatchDecision.KEEP)
    counts = meeting.counts()
    assert (counts.new, counts.new_blocked) == (1, 1)
    meeting.change(blocked, make="VW")
    meeting.work()
    assert (meeting.counts().new, meeting.counts().new_blocked) == (2, 0)
    meeting.change(blocked, make="")
    meeting.work()
    assert meeting.finish().how == FinishStatus.DONE
    meeting.work()
    assert set(meeting.marketplace.online()) == {"A1", "B1"}
    assert "Neu: 1. Nicht gesendet, weil Angaben fehlen: 1." in german(meeting.run.message)


def test_of_an_empty_platform_it_is_said_how_many_are_new_and_how_many_are_blocked(
    meeting: Meeting,
) -> None:
    meeting.here("A1")
    meeting.here("A2", make="")
    meeting.activate()
    meeting.work()
    assert german(meeting.run.message) == (
        "Die Plattform hatte keine Inserate. Neu eingestellt werden: 1. "
        "Nicht gesendet, weil Angaben fehlen: 1."
    )
    assert set(meeting.marketplace.online()) == {"A1"}


def test_a_change_during_the_reconciliation_goes_out_after_it(meeting: Meeting) -> None:
    vehicle = meeting.here("A1")
    listing_id = meeting.there("A1")
    meeting.there("B1", **BMW)
    meeting.activate()
    meeting.work()
    meeting.change(vehicle, mileage=71_000)
    meeting.decide(MatchDecision.KEEP)
    meeting.finish()
    meeting.work()
    ad = meeting.marketplace.online()["A1"]
    assert (ad["adId"], ad["mileage"]) == (listing_id, 71_000)


def test_a_vehicle_that_appears_before_finishing_is_asked_about(meeting: Meeting) -> None:
    waiting(meeting)
    meeting.decide(MatchDecision.CREATE)
    meeting.decide(MatchDecision.KEEP)
    late = meeting.here("A7")
    meeting.build.release(late, meeting.activation_now())
    finished = meeting.finish()
    assert (finished.how, finished.counts and finished.counts.open) == (FinishStatus.OPEN, 1)


def test_a_paired_vehicle_that_is_sold_meanwhile_does_not_break_it(meeting: Meeting) -> None:
    """It is adopted, and then deleted like any vehicle that is sold."""
    sold = meeting.here("A1")
    listing_id = meeting.there("A1")
    meeting.there("B1", **BMW)
    meeting.activate()
    meeting.work()
    meeting.change(sold, sold=True)
    meeting.decide(MatchDecision.KEEP)
    assert meeting.finish().how == FinishStatus.DONE
    assert meeting.listing(sold).listing_id == listing_id


def long_ago(meeting: Meeting) -> None:
    """The dealer takes a day to decide."""
    with meeting.runtime.sessions.begin() as session:
        session.execute(update(Run).values(started_at=func.now() - timedelta(days=1)))


def test_what_came_while_the_dealer_decided_is_asked_about_before_anything_is_created(
    meeting: Meeting,
) -> None:
    waiting(meeting)
    meeting.decide(MatchDecision.CREATE)
    meeting.decide(MatchDecision.KEEP)
    long_ago(meeting)
    listing_id, stranger = meeting.there("A0"), meeting.there("C0", **BMW)
    meeting.finish()
    meeting.work()
    assert meeting.activation_now().state == ActivationState.RECONCILING
    assert (meeting.run.state, meeting.run.counts["came"]) == (RunState.HELD, 2)
    assert meeting.written() == []
    assert meeting.session.scalars(select(Listing.id)).all() == []
    counts = meeting.counts()
    assert (counts.matched, counts.here, counts.there) == (1, {"create": 1}, {"keep": 2, "": 1})
    assert meeting.match(stranger).decision == ""
    event = meeting.session.scalars(select(AuditEvent).filter_by(what="reconciliation.reopened")).one()
    assert event.detail == {"came": 2}
    assert (
        meeting.session.scalars(select(Problem).filter_by(closed_at=None)).one().subject_id == meeting.run.id
    )
    meeting.decide(MatchDecision.DELETE)
    meeting.finish()
    meeting.work()
    assert meeting.activation_now().state == ActivationState.ACTIVE
    assert sorted(meeting.written()) == ["create", "delete", "update"]
    assert set(meeting.marketplace.online()) == {"A0", "A1", "B0", "B1"}
    assert meeting.ad_of("A0") == listing_id
    assert "came" not in meeting.run.counts


def test_half_a_list_that_came_twice_doubles_nothing_that_is_confirmed_later(meeting: Meeting) -> None:
    for number in ("A1", "A2", "A3", "A4"):
        meeting.here(number)
        meeting.there(number)
    meeting.marketplace.fault("half-list", "list", count=2)
    meeting.activate()
    meeting.work()
    meeting.decide(MatchDecision.CREATE)
    long_ago(meeting)
    assert meeting.finish().counts == SideCounts(2, 0, 0, {"create": 2}, {}, {"create": 0})
    meeting.work()
    assert meeting.activation_now().state == ActivationState.ACTIVE
    assert meeting.written() == ["update"] * 4


def test_until_the_list_can_be_read_once_more_nothing_is_taken_over(meeting: Meeting) -> None:
    waiting(meeting)
    meeting.decide(MatchDecision.WITHHOLD)
    meeting.decide(MatchDecision.DELETE)
    meeting.marketplace.fault("error", "list", status=503)
    meeting.finish()
    meeting.work()
    released = select(func.count()).select_from(Publication).where(Publication.released)
    assert (meeting.run.state, meeting.session.scalar(released)) == (RunState.RUNNING, 2)
    assert meeting.written() == []
    meeting.marketplace.heal()
    meeting.make_due()
    meeting.work()
    assert (meeting.run.state, meeting.session.scalar(released)) == (RunState.DONE, 0)
    assert meeting.marketplace.online() == {}


def test_deletions_that_did_not_arrive_are_repeated_and_nothing_is_sent_before(meeting: Meeting) -> None:
    waiting(meeting, here=1, there=3)
    meeting.decide(MatchDecision.CREATE)
    meeting.decide(MatchDecision.DELETE)
    meeting.finish()
    meeting.marketplace.fault("error", "delete", status=503)
    meeting.work()
    run = meeting.run
    assert (run.state, run.attempt_count) == (RunState.RUNNING, 1)
    assert run.not_before
    assert run.not_before > datetime.now(UTC)
    meeting.marketplace.heal()
    meeting.work()
    assert set(meeting.written()) == {"delete"}
    meeting.make_due()
    meeting.work()
    assert set(meeting.marketplace.online()) == {"A0"}
    assert meeting.run.state == RunState.DONE


@pytest.mark.parametrize("effect", ["reset-after-commit", "error-after-commit"])
def test_a_deletion_of_unknown_outcome_is_repeated_and_404_counts_as_done(
    meeting: Meeting, effect: str
) -> None:
    waiting(meeting, here=0, there=2)
    meeting.decide(MatchDecision.DELETE)
    meeting.finish()
    meeting.marketplace.fault(effect, "delete", count=2)
    meeting.work()
    assert meeting.run.state == RunState.RUNNING
    meeting.make_due()
    meeting.work()
    run = meeting.run
    assert run.state == RunState.DONE
    assert meeting.marketplace.online() == {}
    assert [entry["outcome"] for entry in run.attempts] == ["retry", "retry", "gone", "gone"]
    assert len(run.attempts) == len(meeting.marketplace.requests("delete"))


def test_a_listing_that_cannot_be_deleted_is_told_and_hinders_nothing(meeting: Meeting) -> None:
    waiting(meeting, here=1, there=2)
    meeting.decide(MatchDecision.CREATE)
    meeting.decide(MatchDecision.DELETE)
    meeting.finish()
    meeting.marketplace.fault("error", "delete", status=500, internalNumber="B0")
    for _ in range(8):
        meeting.work()
        meeting.make_due()
    run = meeting.run
    assert run.state == RunState.PARTIAL
    assert run.counts["refused"] == 1
    assert set(meeting.marketplace.online()) == {"A0", "B0"}
    assert meeting.activation_now().state == ActivationState.ACTIVE


def test_a_stop_in_the_middle_of_the_deletions_goes_on_later(meeting: Meeting) -> None:
    waiting(meeting, here=1, there=1)
    meeting.decide(MatchDecision.CREATE)
    meeting.decide(MatchDecision.DELETE)
    meeting.finish()
    meeting.marketplace.change_seller("4711001", linked=False)
    meeting.work()
    assert meeting.activation_now().state == ActivationState.STOPPED
    meeting.marketplace.change_seller("4711001", linked=True)
    with meeting.runtime.sessions.begin() as session:
        stopped = session.scalars(select(Activation)).one()
        life.resume(session, stopped, Account("4711001", "1000471"))
    assert meeting.activation_now().state == ActivationState.RECONCILING
    meeting.work()
    assert set(meeting.marketplace.online()) == {"A0"}


def test_deactivating_in_the_middle_sends_nothing_any_more(meeting: Meeting) -> None:
    waiting(meeting, here=1, there=1)
    meeting.decide(MatchDecision.CREATE)
    meeting.decide(MatchDecision.DELETE)
    meeting.finish()
    with meeting.runtime.sessions.begin() as session:
        life.deactivate(session, session.scalars(select(Activation)).one())
    meeting.work()
    assert meeting.written() == []
    assert meeting.run.state == RunState.CANCELLED


def test_many_new_vehicles_that_were_confirmed_do_not_lock(meeting: Meeting) -> None:
    """Also when the reconciliation took days, and when the app was active before."""
    former = meeting.build.activation(
        meeting.dealer, state=ActivationState.DEACTIVATED, counted_from=datetime.now(UTC)
    )
    waiting(meeting, here=25, there=1)
    with meeting.runtime.sessions.begin() as session:
        session.get_one(Activation, former.id).activated_at = datetime(2026, 1, 1, tzinfo=UTC)
    meeting.decide(MatchDecision.CREATE)
    meeting.decide(MatchDecision.KEEP)
    meeting.finish()
    meeting.work()
    assert meeting.activation_now().state == ActivationState.ACTIVE
    assert meeting.written().count("create") == 25


def test_what_is_left_there_stays_known(meeting: Meeting) -> None:
    _, (left,) = waiting(meeting, here=0, there=1)
    meeting.decide(MatchDecision.KEEP)
    meeting.finish()
    assert meeting.match(left).decision == MatchDecision.KEEP
    assert meeting.session.scalars(select(Listing.id)).all() == []
    surprise = meeting.there("B9", **BMW)
    with meeting.runtime.sessions.begin() as session:
        activation = session.scalars(select(Activation)).one()
        check = drift_control.request_check(session, activation, None, Trigger.BY_HAND)
    meeting.work()
    found = select(Match.listing_id).where(Match.run_id == check, Match.decision == "")
    assert meeting.session.scalars(found).all() == [surprise]


def test_separating_and_reopening_take_a_decision_back(meeting: Meeting) -> None:
    vehicle = meeting.here("A1")
    listing_id = meeting.there("A1")
    meeting.there("B1", **BMW)
    meeting.activate()
    meeting.work()
    with meeting.runtime.sessions.begin() as session:
        sides = meeting.held(session)
        assert reconciliation_control.separate(session, sides, [meeting.match(listing_id).id]) == 1
    counts = meeting.counts()
    assert (counts.matched, counts.open) == (0, 3)
    meeting.decide(MatchDecision.CREATE)
    meeting.decide(MatchDecision.DELETE)
    assert meeting.counts().open == 0
    with meeting.runtime.sessions.begin() as session:
        sides = meeting.held(session)
        assert reconciliation_control.reopen(session, sides, [vehicle.id, meeting.match(listing_id).id]) == 2
    assert meeting.counts().open == 2


def test_a_pair_takes_only_what_is_free(meeting: Meeting) -> None:
    taken = meeting.here("A1")
    listed = meeting.there("A1")
    free, alone = meeting.here("A2"), meeting.there("B1", **BMW)
    stranger = meeting.build.vehicle(meeting.build.dealer("Autohaus Charlie"))
    meeting.activate()
    meeting.work()
    rows = meeting.matches()
    for match_id, vehicle_id in (
        (rows[alone].id, taken.id),
        (rows[listed].id, free.id),
        (rows[alone].id, stranger.id),
        (uuid4(), free.id),
    ):
        with meeting.runtime.sessions.begin() as session:
            assert not reconciliation_control.pair(session, meeting.held(session), match_id, vehicle_id)
    assert meeting.counts().matched == 1


def test_a_refused_suggestion_leaves_both_sides_open(meeting: Meeting) -> None:
    meeting.here("A1", mileage=50_100, make="VW", vin=vin(1))
    meeting.there("B1")
    meeting.activate()
    meeting.work()
    assert meeting.counts().suggested == 1
    with meeting.runtime.sessions.begin() as session:
        assert reconciliation_control.refuse(session, meeting.held(session), None) == 1
    counts = meeting.counts()
    assert (counts.suggested, counts.only_here, counts.only_there) == (0, 1, 1)


# Where nobody has to be asked: an empty platform, or one where everything matches by itself.


def test_activating_begins_with_a_reconciliation_and_sends_nothing(meeting: Meeting) -> None:
    meeting.here("A1")
    activation = meeting.activate()
    assert activation.state == ActivationState.RECONCILING
    assert meeting.run.state == RunState.WAITING
    assert meeting.session.scalars(select(Transfer.state)).all() == ["waiting"]
    assert meeting.written() == []


def test_an_empty_platform_needs_no_question_and_everything_is_sent_in_the_same_turn(
    meeting: Meeting,
) -> None:
    for number in ("A1", "A2"):
        meeting.here(number)
    meeting.activate()
    meeting.work()
    assert meeting.activation_now().state == ActivationState.ACTIVE
    assert set(meeting.marketplace.online()) == {"A1", "A2"}
    run = meeting.run
    assert (run.state, run.counts["new"], run.counts["adopted"]) == (RunState.DONE, 2, 0)
    assert "keine Inserate" in german(run.message)
    assert run.finished_at
    assert meeting.session.scalars(select(Problem.id)).all() == []


def test_everything_that_matches_is_adopted_updated_and_never_recreated(meeting: Meeting) -> None:
    by_number, by_vin = meeting.here("A1", vin=vin(1)), meeting.here("A2", vin=vin(2))
    first, second = meeting.there("A1"), meeting.there("K-77", vin=vin(2), mileage=1)
    meeting.activate()
    meeting.work()
    assert meeting.activation_now().state == ActivationState.ACTIVE
    assert meeting.written() == ["update", "update"]
    assert (meeting.ad_of("A1"), meeting.ad_of("A2")) == (first, second)
    assert meeting.marketplace.online()["A2"]["mileage"] == 64_500
    assert all(row["generation"] == 1 for row in meeting.marketplace.generations())
    for vehicle, key in ((by_number, first), (by_vin, second)):
        listing = meeting.listing(vehicle)
        assert (listing.state, listing.listing_id) == (ListingState.ONLINE, key)
        assert listing.creation_id is None
        assert listing.sent_hash
    assert meeting.run.counts["adopted"] == 2
    assert "zugeordnet: 2" in german(meeting.run.message)


def test_the_portal_notes_that_it_completed(meeting: Meeting) -> None:
    meeting.here("A1")
    meeting.there("A1")
    meeting.activate()
    meeting.work()
    event = meeting.session.scalars(select(AuditEvent)).one()
    assert (event.what, german(event.actor), event.object_id) == (
        "reconciliation.completed",
        "Portal",
        meeting.run.id,
    )
    assert event.detail["adopted"] == 1


def test_for_the_brake_it_is_a_first_transfer_from_then_on(meeting: Meeting) -> None:
    for number in range(30):
        meeting.here(f"A{number}")
    meeting.activate()
    activation = meeting.activation_now()
    with meeting.runtime.sessions.begin() as session:
        session.get_one(type(activation), activation.id).activated_at = None
    meeting.work()
    assert len(meeting.marketplace.online()) == 30
    assert meeting.activation_now().activated_at is not None
    assert meeting.activation_now().state == ActivationState.ACTIVE


def test_an_app_that_is_activated_again_finds_what_it_left_by_the_listings_id(meeting: Meeting) -> None:
    """Also where number and VIN have changed meanwhile, and without a question."""
    vehicle = meeting.here("A1", vin=vin(1))
    listing_id = meeting.there("OLD")
    former = meeting.build.activation(meeting.dealer, state=ActivationState.DEACTIVATED)
    meeting.build.listing(vehicle, former, listing_id=listing_id, sent_hash="x" * 64)
    meeting.activate()
    meeting.work()
    assert meeting.activation_now().state == ActivationState.ACTIVE
    assert meeting.written() == ["update"]
    assert meeting.ad_of("A1") == listing_id
    assert meeting.match(listing_id).method == "listing"


def test_a_known_listing_that_is_gone_is_forgotten_and_its_vehicle_new(meeting: Meeting) -> None:
    vehicle = meeting.here("A1")
    former = meeting.build.activation(meeting.dealer, state=ActivationState.DEACTIVATED)
    meeting.build.listing(vehicle, former, listing_id="123456", sent_hash="x" * 64)
    meeting.activate()
    meeting.work()
    assert meeting.written() == ["create"]
    assert meeting.listing(vehicle).listing_id == meeting.ad_of("A1")


def test_a_known_listing_of_a_sold_vehicle_is_deleted_as_ever(meeting: Meeting) -> None:
    sold, kept = meeting.here("A1", sold=True), meeting.here("A2")
    there = meeting.there("A1"), meeting.there("A2")
    former = meeting.build.activation(meeting.dealer, state=ActivationState.DEACTIVATED)
    for vehicle, listing_id in zip((sold, kept), there, strict=True):
        meeting.build.listing(vehicle, former, listing_id=listing_id)
    meeting.activate()
    meeting.work()
    assert set(meeting.marketplace.online()) == {"A2"}


def test_it_happens_only_once(meeting: Meeting) -> None:
    meeting.here("A1")
    meeting.activate()
    meeting.work()
    lists = len(meeting.marketplace.requests("list"))
    meeting.there("A9")
    meeting.work()
    assert meeting.activation_now().state == ActivationState.ACTIVE
    assert len(meeting.marketplace.requests("list")) == lists
