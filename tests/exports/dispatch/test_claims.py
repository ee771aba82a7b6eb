"""The queue side: what is locked, recovered, given back, and who may write an outcome."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from portal.exports.core.lease import Lease
from portal.exports.dispatch import claims
from portal.exports.planning import queue
from portal.exports.planning.cases import KnownListing
from portal.exports.planning.outcome import InFlight, Transition, apply_outcome
from portal.exports.planning.plan import Planned, PlanStep
from portal.models import Transfer
from portal.models.exports import ListingState, TransferState
from portal.outbox import SETTLING, note_changes
from portal.platforms.contract import Accepted, Answer, Prepared, Retry
from tests.builders import Build, fresh

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def sending(build: Build, lease_token: object = None, number: str = "4711001") -> Transfer:
    dealer = build.dealer()
    vehicle, activation = build.vehicle(dealer), build.activation(dealer, customer_number=number)
    build.release(vehicle, activation)
    build.listing(vehicle, activation, state=ListingState.CREATING, listing_id=None)
    row: Transfer = build.transfer(
        vehicle, activation, state=TransferState.SENDING, attempt_count=1, lease_token=lease_token
    )
    return row


def outcome(row: Transfer, answer: Answer) -> list[Transition]:
    planned = Planned(row.vehicle_id, PlanStep.CREATE, KnownListing(), Prepared({}), "hash")
    return [apply_outcome(InFlight(row.id, planned, uuid4()), answer, NOW)]


ACCEPTED = Answer(Accepted("12345678", "https://example.org/"))
FAILED = Answer(Retry("Zeitüberschreitung"))


def test_a_late_writer_changes_neither_the_row_nor_the_listing(
    build: Build, session: Session, sessions: sessionmaker[Session]
) -> None:
    row = sending(build, lease_token=uuid4())
    late = Lease(row.activation_id, uuid4())
    with sessions.begin() as transaction:
        assert claims.write_outcomes(transaction, late, outcome(row, ACCEPTED)) == []
    assert fresh(session, Transfer, row.id).state == TransferState.SENDING
    assert build.only_listing().state == ListingState.CREATING


def test_an_outcome_is_written_by_the_holder_of_the_token(
    build: Build, session: Session, sessions: sessionmaker[Session]
) -> None:
    token = uuid4()
    row = sending(build, lease_token=token)
    with sessions.begin() as transaction:
        assert len(
            claims.write_outcomes(transaction, Lease(row.activation_id, token), outcome(row, ACCEPTED))
        )
    assert fresh(session, Transfer, row.id).state == TransferState.OK
    assert build.only_listing().state == ListingState.ONLINE


def test_a_row_that_would_wait_again_gives_way_to_a_newer_change(
    build: Build, session: Session, sessions: sessionmaker[Session]
) -> None:
    token = uuid4()
    row = sending(build, lease_token=token)
    with sessions.begin() as transaction:
        note_changes(transaction, [row.vehicle_id])
    with sessions.begin() as transaction:
        claims.write_outcomes(transaction, Lease(row.activation_id, token), outcome(row, FAILED))
    assert fresh(session, Transfer, row.id).state == TransferState.DISCARDED


def left_behind(build: Build, sessions: sessionmaker[Session]) -> tuple[Transfer, Transfer]:
    """Two rows of a dead worker that were recovered; for the second a newer change waits."""
    lone, doubled = sending(build), sending(build, number="4711002")
    with sessions.begin() as transaction:
        note_changes(transaction, [doubled.vehicle_id])
    for row in (lone, doubled):
        with sessions.begin() as transaction:
            queue.recover(transaction, Lease(row.activation_id, uuid4()))
    return lone, doubled


def test_recovered_rows_wait_again_unless_a_newer_change_stands_for_them(
    build: Build, session: Session, sessions: sessionmaker[Session]
) -> None:
    lone, doubled = left_behind(build, sessions)
    assert fresh(session, Transfer, lone.id).state == TransferState.WAITING
    assert fresh(session, Transfer, doubled.id).state == TransferState.DISCARDED


def test_a_request_of_unknown_outcome_is_given_time_before_the_next_one_to_its_listing(
    build: Build, session: Session, sessions: sessionmaker[Session]
) -> None:
    """It may still be under way: carried out last, a withdrawal would take the vehicle off that is wanted."""
    lone, doubled = left_behind(build, sessions)
    for row in (lone, doubled):
        with sessions() as worker:
            assert queue.due(worker, row.activation_id) == []
    soon = datetime.now(UTC) + SETTLING
    [newer] = session.scalars(select(Transfer).where(Transfer.state == "waiting", Transfer.id != lone.id))
    for waiting in (fresh(session, Transfer, lone.id), newer):
        assert waiting.not_before is not None
        assert soon - SETTLING < waiting.not_before <= soon
    told = fresh(session, Transfer, lone.id).attempts[-1]
    assert datetime.fromisoformat(told["not_before"]) == fresh(session, Transfer, lone.id).not_before


def test_what_was_put_off_for_longer_stays_put_off(
    build: Build, session: Session, sessions: sessionmaker[Session]
) -> None:
    row, later = sending(build), datetime.now(UTC) + timedelta(hours=1)
    row.not_before = later
    session.commit()
    with sessions.begin() as transaction:
        queue.recover(transaction, Lease(row.activation_id, uuid4()))
    assert fresh(session, Transfer, row.id).not_before == later


def test_what_was_never_sent_is_given_back_without_an_attempt(
    build: Build, session: Session, sessions: sessionmaker[Session]
) -> None:
    token = uuid4()
    row = sending(build, lease_token=token)
    with sessions.begin() as transaction:
        claims.release_unsent(transaction, Lease(row.activation_id, token), [row.id])
    given_back = fresh(session, Transfer, row.id)
    assert (given_back.state, given_back.attempt_count) == (TransferState.WAITING, 0)


def test_what_another_worker_has_claimed_since_is_not_given_back(
    build: Build, session: Session, sessions: sessionmaker[Session]
) -> None:
    row = sending(build, lease_token=uuid4())
    with sessions.begin() as transaction:
        note_changes(transaction, [row.vehicle_id])
    for _ in range(2):  # with a newer change that waits, and without one
        with sessions.begin() as transaction:
            claims.release_unsent(transaction, Lease(row.activation_id, uuid4()), [row.id])
        assert fresh(session, Transfer, row.id).state == TransferState.SENDING
        with sessions.begin() as transaction:
            transaction.execute(delete(Transfer).where(Transfer.state == TransferState.WAITING))


def test_a_row_that_a_change_holds_is_left_alone(build: Build, sessions: sessionmaker[Session]) -> None:
    """Otherwise its vehicle would be read before the change is committed, and the change be lost."""
    dealer = build.dealer()
    vehicle, activation = build.vehicle(dealer), build.activation(dealer)
    build.release(vehicle, activation)
    row = build.transfer(vehicle, activation)
    with sessions.begin() as change:
        note_changes(change, [vehicle.id])
        with sessions.begin() as worker:
            assert queue.lock_waiting(worker, [row.id]) == []
    with sessions.begin() as worker:
        assert [locked.id for locked in queue.lock_waiting(worker, [row.id])] == [row.id]


def test_a_change_during_a_claim_waits_for_it_and_leaves_a_row_of_its_own(
    build: Build, session: Session, sessions: sessionmaker[Session]
) -> None:
    dealer = build.dealer()
    vehicle, activation = build.vehicle(dealer), build.activation(dealer)
    build.release(vehicle, activation)
    row = build.transfer(vehicle, activation)

    def change() -> None:
        with sessions.begin() as transaction:
            note_changes(transaction, [vehicle.id])

    with sessions.begin() as worker:
        [locked] = queue.lock_waiting(worker, [row.id])
        thread = threading.Thread(target=change)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        worker.get_one(Transfer, locked.id).state = TransferState.SENDING
    thread.join()
    session.expire_all()
    assert sorted(found.state for found in session.query(Transfer)) == ["sending", "waiting"]


def test_two_rows_never_wait_for_the_same_vehicle_at_one_activation(build: Build) -> None:
    dealer = build.dealer()
    vehicle, activation = build.vehicle(dealer), build.activation(dealer)
    build.transfer(vehicle, activation)
    with pytest.raises(IntegrityError):
        build.transfer(vehicle, activation)


def test_what_was_never_sent_disappears_when_a_newer_change_stands_for_it(
    build: Build, session: Session, sessions: sessionmaker[Session]
) -> None:
    token = uuid4()
    row = sending(build, lease_token=token)
    with sessions.begin() as transaction:
        note_changes(transaction, [row.vehicle_id])
    with sessions.begin() as transaction:
        claims.release_unsent(transaction, Lease(row.activation_id, token), [row.id])
    session.expire_all()
    assert [found.state for found in session.query(Transfer)] == [TransferState.WAITING]
