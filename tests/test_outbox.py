"""A change becomes a waiting transfer in its own transaction, and rings after the commit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.models import Transfer
from portal.models.exports import ActivationState, ListingState, TransferState, Trigger
from portal.outbox import SETTLING, note_activation, note_changes
from tests.bell import Bell
from tests.builders import Build


def waiting(session: Session) -> list[Transfer]:
    session.expire_all()
    return list(session.scalars(select(Transfer)))


def test_a_change_of_a_released_vehicle_waits_once_and_rings_after_the_commit(
    build: Build, session: Session, sessions: sessionmaker[Session], bell: Bell
) -> None:
    dealer = build.dealer()
    activation, vehicle = build.activation(dealer), build.vehicle(dealer)
    build.release(vehicle, activation)
    for _ in range(5):
        with sessions.begin() as change:
            note_changes(change, [vehicle.id])
            assert len(bell.rung) < 5
    [row] = waiting(session)
    assert (row.state, row.trigger, row.action) == (TransferState.WAITING, Trigger.CHANGE, "")
    assert bell.rung == [activation.id] * 5


def test_a_rolled_back_change_leaves_nothing_and_rings_nobody(
    build: Build, session: Session, sessions: sessionmaker[Session], bell: Bell
) -> None:
    dealer = build.dealer()
    vehicle = build.vehicle(dealer)
    build.release(vehicle, build.activation(dealer))
    with sessions() as change:
        note_changes(change, [vehicle.id])
        change.rollback()
    assert waiting(session) == []
    assert bell.rung == []


@pytest.mark.parametrize("state", [ActivationState.DRAFT, ActivationState.DEACTIVATED])
def test_an_activation_that_is_not_live_is_not_concerned(
    build: Build, session: Session, sessions: sessionmaker[Session], state: ActivationState
) -> None:
    dealer = build.dealer()
    vehicle = build.vehicle(dealer)
    build.release(vehicle, build.activation(dealer, state=state))
    with sessions.begin() as change:
        note_changes(change, [vehicle.id])
    assert waiting(session) == []


def test_an_unreleased_vehicle_concerns_only_where_it_may_have_a_listing(
    build: Build, session: Session, sessions: sessionmaker[Session]
) -> None:
    dealer = build.dealer()
    vehicle, activation = build.vehicle(dealer), build.activation(dealer)
    with sessions.begin() as change:
        note_changes(change, [vehicle.id])
    assert waiting(session) == []
    build.listing(vehicle, activation, state=ListingState.CREATING)
    with sessions.begin() as change:
        note_changes(change, [vehicle.id])
    assert len(waiting(session)) == 1


def test_a_change_lets_an_older_request_settle_but_does_not_wait_for_its_retry(
    build: Build, session: Session, sessions: sessionmaker[Session]
) -> None:
    dealer = build.dealer()
    vehicle, activation = build.vehicle(dealer), build.activation(dealer)
    build.release(vehicle, activation)
    build.transfer(vehicle, activation, not_before=datetime(2100, 1, 1, tzinfo=UTC))
    with sessions.begin() as change:
        note_changes(change, [vehicle.id])
    [row] = waiting(session)
    assert row.not_before <= datetime.now(UTC) + SETTLING


def test_other_dealers_activations_are_never_concerned(
    build: Build, session: Session, sessions: sessionmaker[Session]
) -> None:
    alice, charlie = build.dealer(), build.dealer("Autohaus Charlie")
    vehicle = build.vehicle(alice)
    build.release(vehicle, build.activation(charlie, customer_number="4711002"))
    with sessions.begin() as change:
        note_changes(change, [vehicle.id])
    assert waiting(session) == []


def test_a_new_activation_notes_every_released_vehicle(
    build: Build, session: Session, sessions: sessionmaker[Session], bell: Bell
) -> None:
    dealer = build.dealer()
    activation = build.activation(dealer)
    for _ in range(3):
        build.release(build.vehicle(dealer), activation)
    build.vehicle(dealer)
    with sessions.begin() as change:
        note_activation(change, change.merge(activation), Trigger.BY_HAND)
    assert {row.trigger for row in waiting(session)} == {Trigger.BY_HAND}
    assert len(waiting(session)) == 3
    assert set(bell.rung) == {activation.id}
