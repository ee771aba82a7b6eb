"""Why something is not online: causes, their vehicles, and what can be sent again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from portal.exports.full_transfer.control import resend
from portal.exports.planning import queue as waiting_rows
from portal.exports.problems import (
    CauseKey,
    ProblemCause,
    ProblemSource,
    find_causes,
    find_halted,
    find_refusals,
)
from portal.models import Activation, Dealer, Listing, Transfer, Vehicle
from portal.models.exports import ActivationState
from portal.models.realm import Realm
from tests.builders import Build, fresh

CO2 = {"code": "missing", "text": "CO₂-Klasse fehlt.", "field": "energy.co2_class", "who": "dealer"}
MAKE = {
    "code": "unknown-make",
    "text": "Die Marke ist unbekannt.",
    "field": "make",
    "who": "platform",
}
DOWN = {"code": "undelivered", "text": "Keine Antwort.", "field": None, "who": "platform"}

Car = Callable[..., Vehicle]


@pytest.fixture
def car(build: Build, dealer: Dealer, activation: Activation) -> Car:
    """`car(red=[…], orange=[…])`: a released vehicle with these problems."""

    def one(
        red: list[dict[str, Any]] | None = None, orange: list[dict[str, Any]] | None = None, **columns: Any
    ) -> Vehicle:
        row = build.vehicle(dealer, **columns)
        row.problems = red or []
        build.release(row, activation, problems=orange or [])
        return row

    return one


def found(session: Session, dealer: Dealer) -> list[tuple[str, str, int]]:
    return [(cause.source, cause.text, cause.vehicles) for cause in find_causes(session, Realm(dealer.id))]


def test_causes_are_counted_the_dealers_own_first(session: Session, dealer: Dealer, car: Car) -> None:
    for _ in range(3):
        car(orange=[MAKE])
    for _ in range(2):
        car(red=[CO2])
    assert find_causes(session, Realm(dealer.id)) == [
        ProblemCause(ProblemSource.VEHICLE, "missing", "energy.co2_class", "dealer", CO2["text"], 2, ()),
        ProblemCause(
            ProblemSource.PREFLIGHT, "unknown-make", "make", "platform", MAKE["text"], 3, ("mobile-de",)
        ),
    ]


def test_a_vehicle_with_two_reasons_counts_for_both(session: Session, dealer: Dealer, car: Car) -> None:
    car(orange=[CO2, MAKE])
    assert [count for _, _, count in found(session, dealer)] == [1, 1]


def test_what_should_not_be_online_is_no_problem(
    session: Session, dealer: Dealer, car: Car, build: Build, activation: Activation
) -> None:
    car(red=[CO2], orange=[MAKE], online=False)
    gone = car(red=[CO2], orange=[MAKE])
    gone.withdrawn_at = datetime.now(UTC)
    unreleased = build.vehicle(dealer)
    build.release(unreleased, activation, released=False, problems=[MAKE])
    session.commit()
    assert find_causes(session, Realm(dealer.id)) == []


@pytest.mark.parametrize(
    "state", [ActivationState.DRAFT, ActivationState.DEACTIVATED, ActivationState.CLOSING]
)
def test_an_account_that_sends_nothing_has_no_problems(
    session: Session, dealer: Dealer, car: Car, build: Build, activation: Activation, state: str
) -> None:
    build.not_taken(car(orange=[MAKE]), activation, CO2)
    activation.state = state
    session.commit()
    assert find_causes(session, Realm(dealer.id)) == []


def test_what_waits_is_being_seen_to(
    session: Session, dealer: Dealer, car: Car, build: Build, activation: Activation
) -> None:
    bad, waits, sends = car(), car(), car()
    for row in (bad, waits, sends):
        build.not_taken(row, activation, CO2)
    build.transfer(waits, activation, state="waiting")
    build.transfer(sends, activation, state="sending")
    assert found(session, dealer) == [("rejected", "CO₂-Klasse fehlt.", 1)]
    assert [row.vehicle_id for row in find_refusals(session, Realm(dealer.id), CauseKey())] == [bad.id]


@pytest.mark.parametrize(("result", "feedback"), [("rejected", CO2), ("failed", DOWN)])
def test_it_outlives_the_history_with_its_reason(
    session: Session,
    dealer: Dealer,
    car: Car,
    build: Build,
    activation: Activation,
    result: str,
    feedback: Any,
) -> None:
    listing = build.not_taken(car(), activation, feedback, result=result)
    [known] = find_refusals(session, Realm(dealer.id), CauseKey())
    session.execute(delete(Transfer))
    [forgotten] = find_refusals(session, Realm(dealer.id), CauseKey())
    assert (known.transfer_id, forgotten.transfer_id) == (listing.last_transfer_id, None)
    assert forgotten.text == feedback["text"]
    assert found(session, dealer) == [(result, feedback["text"], 1)]


def test_a_refusal_without_a_reason_is_shown_without_one(
    session: Session, dealer: Dealer, car: Car, build: Build, activation: Activation
) -> None:
    build.not_taken(car(), activation)
    assert found(session, dealer) == [("rejected", "", 1)]
    assert len(find_refusals(session, Realm(dealer.id), CauseKey(source="rejected"))) == 1


def test_a_sold_car_that_could_not_be_taken_down_stays_visible(
    session: Session, dealer: Dealer, car: Car, build: Build, activation: Activation
) -> None:
    sold = car(online=False)
    build.not_taken(sold, activation, DOWN, result="failed", state="online")
    assert found(session, dealer) == [("failed", "Keine Antwort.", 1)]


def test_a_cause_leads_to_exactly_its_vehicles(
    session: Session, dealer: Dealer, car: Car, build: Build, activation: Activation
) -> None:
    colour, make, both = car(), car(), car()
    for row, feedback in ((colour, [CO2]), (make, [MAKE]), (both, [CO2, MAKE])):
        build.not_taken(row, activation, *feedback)
    by_cause = {
        cause.code: {row.vehicle_id for row in find_refusals(session, Realm(dealer.id), CauseKey.of(cause))}
        for cause in find_causes(session, Realm(dealer.id))
    }
    assert by_cause == {"missing": {colour.id, both.id}, "unknown-make": {make.id, both.id}}
    assert len(find_refusals(session, Realm(dealer.id), CauseKey())) == 3
    assert len(find_refusals(session, Realm(dealer.id), CauseKey(), limit=2)) == 2


def test_another_dealer_sees_nothing(
    session: Session, build: Build, car: Car, activation: Activation
) -> None:
    build.not_taken(car(red=[CO2], orange=[MAKE]), activation, CO2)
    stranger = build.dealer("Autohaus Charlie")
    assert find_causes(session, Realm(stranger.id)) == []
    assert find_refusals(session, Realm(stranger.id), CauseKey()) == []
    assert find_halted(session, Realm(stranger.id)) == []


def test_stopped_accounts_are_named(
    session: Session, build: Build, dealer: Dealer, activation: Activation
) -> None:
    assert find_halted(session, Realm(dealer.id)) == []
    activation.state = ActivationState.STOPPED
    session.commit()
    assert [row.id for row in find_halted(session, Realm(dealer.id))] == [activation.id]


def test_sending_again_forgets_only_the_refusals_that_were_named(
    session: Session, dealer: Dealer, car: Car, build: Build, activation: Activation
) -> None:
    named, other = car(), car()
    first = build.listing(named, activation, refused_hash="f" * 64)
    second = build.listing(other, activation, refused_hash="f" * 64)
    assert resend(session, [(activation.id, named.id)]) == 1
    session.commit()
    assert fresh(session, Listing, first.id).refused_hash is None
    assert fresh(session, Listing, second.id).refused_hash == "f" * 64
    assert [row.vehicle_id for row in session.query(Transfer)] == [named.id]


def test_sending_again_locks_in_the_order_of_a_worker(
    session: Session,
    car: Car,
    build: Build,
    activation: Activation,
    sessions: sessionmaker[Session],
) -> None:
    """Otherwise each would wait for the other: the worker locks the row that waits, then the listing."""
    row = car()
    listing = build.not_taken(row, activation, CO2, refused_hash="f" * 64)
    waiting = build.transfer(row, activation)

    def again() -> None:
        with sessions.begin() as transaction:
            resend(transaction, [(activation.id, row.id)])

    with sessions.begin() as worker:
        [locked] = waiting_rows.lock_waiting(worker, [waiting.id])
        thread = threading.Thread(target=again)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        worker.get_one(Listing, listing.id).url = "https://example.org/"
        worker.flush()
        worker.get_one(Transfer, locked.id).state = "sending"
    thread.join()
    assert fresh(session, Listing, listing.id).refused_hash is None


def test_sending_again_works_in_pieces(
    session: Session, car: Car, activation: Activation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.exports.full_transfer.control.PAIRS_AT_ONCE", 2)
    assert resend(session, [(activation.id, car().id) for _ in range(5)]) == 5
    assert resend(session, []) == 0


def test_what_is_missing_everywhere_is_not_told_a_second_time_for_one_platform(
    session: Session, dealer: Dealer, car: Car
) -> None:
    price = {"code": "price-missing", "text": "Der Preis fehlt.", "field": "prices.selling", "who": "dealer"}
    there = {**price, "code": "missing-field", "text": "mobile.de verlangt einen Preis."}
    row = car(red=[price], orange=[there, CO2])
    session.commit()
    assert row.problems
    assert sorted(found(session, dealer)) == [
        ("preflight", "CO₂-Klasse fehlt.", 1),
        ("vehicle", "Der Preis fehlt.", 1),
    ]
