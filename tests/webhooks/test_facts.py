"""What happens is noted for the dealer's webhooks, in the transaction in which it happens."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from portal.models import Activation, Listing, Lock, Run, WebhookEndpoint
from portal.models.exports import ListingState, RunKind, RunState
from portal.notifications.problems import ProblemKind, close_problem, open_problem
from tests.webhooks.conftest import Ear

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
NUMBERS = dict.fromkeys(
    ("online", "deletions", "creations", "deletions_done", "creations_done", "deletion_limit"), 3
)


def listing(ear: Ear, **columns: Any) -> Listing:
    return ear.build.listing(ear.vehicle(), ear.activation, **columns)


def test_a_listing_that_comes_online_is_told_with_what_it_takes_to_find_it(ear: Ear) -> None:
    vehicle = ear.vehicle()
    row = ear.build.listing(vehicle, ear.activation, state=ListingState.CREATING, listing_id=None)
    assert ear.events() == []
    row.state, row.listing_id, row.url = ListingState.ONLINE, "30001", "https://example.org/30001"
    ear.session.commit()
    [message] = ear.messages()
    assert (message.event, message.subject_id) == ("listing.online", vehicle.id)
    assert message.data == {
        "activation": str(ear.activation.id),
        "app": "mobile-de",
        "customer_number": "4711001",
        "location": "HH",
        "vehicle": str(vehicle.id),
        "offer_number": vehicle.facts().offer_number,
        "listing_id": "30001",
        "url": "https://example.org/30001",
    }


def test_what_the_platform_holds_and_does_not_show_is_not_online_yet(ear: Ear) -> None:
    row = listing(ear, awaiting_since=NOW, state=ListingState.CREATING)
    row.state = ListingState.ONLINE
    ear.session.commit()
    assert ear.events() == []
    row.awaiting_since = None
    ear.session.commit()
    assert ear.events() == ["listing.online"]


@pytest.mark.parametrize(
    "ways",
    [
        [{"state": "absent", "listing_id": None}],
        [{"vanished_at": NOW}],
        [{"vanished_at": NOW}, {"state": "absent", "vanished_at": None}],
        [{"state": "missing"}, {"state": "absent"}],
    ],
)
def test_a_listing_that_goes_is_told_once_however_it_went(ear: Ear, ways: list[dict[str, Any]]) -> None:
    row = listing(ear, listing_id="30001")
    for changed in ways:
        for name, value in changed.items():
            setattr(row, name, value)
        ear.session.commit()
    assert ear.events() == ["listing.online", "listing.gone"]
    assert ear.messages()[1].data["listing_id"] == "30001"


def test_a_creation_that_comes_to_nothing_never_was_online(ear: Ear) -> None:
    row = listing(ear, state=ListingState.CREATING)
    row.state = ListingState.ABSENT
    ear.session.commit()
    assert ear.events() == []


def test_a_refusal_is_told_with_its_reasons_each_time(ear: Ear) -> None:
    row = listing(ear, state=ListingState.ABSENT)
    reason = {"code": "price", "field": "prices.selling", "text": "Preis fehlt", "who": "dealer"}
    first, second = uuid4(), uuid4()
    for transfer in (first, first, second):
        row.last_result, row.last_feedback, row.last_transfer_id = "rejected", [reason], transfer
        row.sent_at = datetime.now(UTC)
        ear.session.commit()
    assert ear.events() == ["listing.refused"] * 2
    assert ear.messages()[0].data["reasons"] == [reason]
    assert ear.messages()[1].data["transfer"] == str(second)


def test_a_problem_is_told_when_it_begins_and_when_it_is_over(ear: Ear) -> None:
    for _again in range(2):
        open_problem(ear.session, ear.activation, ProblemKind.STOPPED, detail={"cause": "credentials"})
        ear.session.commit()
    close_problem(ear.session, ear.activation.id, ProblemKind.STOPPED, "resolved")
    ear.session.commit()
    assert ear.events() == ["problem.opened", "problem.solved"]
    opened, solved = ear.messages()
    assert (opened.data["kind"], opened.data["cause"]) == ("stopped", "credentials")
    assert solved.data["how"] == "resolved"


def test_a_failure_that_becomes_a_stop_is_not_solved(ear: Ear) -> None:
    open_problem(ear.session, ear.activation, ProblemKind.FAILING)
    close_problem(ear.session, ear.activation.id, ProblemKind.FAILING, "stopped")
    ear.session.commit()
    assert ear.events() == ["problem.opened"]


def test_a_lock_is_told_as_a_lock_alone(ear: Ear) -> None:
    row = Lock(activation_id=ear.activation.id, rule="deletions", creation_limit=3, **NUMBERS)
    ear.session.add(row)
    ear.session.flush()
    open_problem(ear.session, ear.activation, ProblemKind.LOCK, subject_id=row.id)
    ear.session.commit()
    row.closed_at, row.closed_how = NOW, "approved"
    close_problem(ear.session, ear.activation.id, ProblemKind.LOCK, "approved")
    ear.session.commit()
    assert ear.events() == ["lock.closed", "lock.opened"]
    assert ear.messages()[1].data["how"] == "approved"


def test_the_end_of_a_run_is_told_with_its_counts(ear: Ear) -> None:
    row = Run(activation_id=ear.activation.id, kind=RunKind.FULL, state=RunState.RUNNING, total=9)
    ear.session.add(row)
    ear.session.commit()
    row.state, row.accepted, row.finished_at = RunState.PARTIAL, 8, NOW
    ear.session.commit()
    row.confirmed_at = NOW
    ear.session.commit()
    [message] = ear.messages()
    assert message.event == "run.ended"
    assert {name: message.data[name] for name in ("kind", "state", "total", "accepted")} == {
        "kind": "full",
        "state": "partial",
        "total": 9,
        "accepted": 8,
    }


def test_what_is_taken_back_was_never_told(ear: Ear) -> None:
    row = listing(ear, state=ListingState.CREATING)
    row.state = ListingState.ONLINE
    ear.session.flush()
    ear.session.rollback()
    assert ear.events() == []


def test_other_dealers_hear_nothing(ear: Ear) -> None:
    charlie = ear.build.charlie()
    theirs = ear.build.activation(charlie.dealer, customer_number="4711002")
    ear.build.listing(ear.build.vehicle(charlie.dealer), theirs)
    assert ear.events() == []


def test_each_webhook_is_told_what_it_asked_for(ear: Ear) -> None:
    only_runs, _secret = ear.another("https://example.org/", "run.ended")
    listing(ear)
    assert [message.endpoint_id for message in ear.messages()] == [ear.endpoint.id]
    assert only_runs.events == ["run.ended"]


@pytest.mark.parametrize(
    "lost", ["settings", "view", "active", "locations", "dealer", "user", "switched off"]
)
def test_a_webhook_hears_nothing_that_its_maker_may_not_see(ear: Ear, lost: str) -> None:
    match lost:
        case "active":
            ear.alice.active = False
        case "locations":
            ear.alice.location_ids = [ear.dealer.locations[0].id]
        case "dealer":
            ear.alice.dealer_id = ear.build.charlie().dealer_id
        case "user":
            ear.endpoint.created_by = None
        case "switched off":
            ear.endpoint.disabled_at = NOW
        case right:
            ear.alice.rights = [one for one in ear.alice.rights if one != right]
    ear.session.commit()
    listing(ear)
    assert ear.events() == []


def test_a_webhook_that_is_removed_meanwhile_breaks_nothing(ear: Ear) -> None:
    """Whoever notes a fact waits for the removal, and finds nobody to tell."""
    vehicle = ear.vehicle()

    def come_online() -> None:
        with ear.sender.sessions.begin() as session:
            session.add(Listing(vehicle_id=vehicle.id, activation_id=ear.activation.id, state="online"))

    with Session(ear.session.get_bind()) as removing:
        removing.delete(removing.get_one(WebhookEndpoint, ear.endpoint.id))
        removing.flush()
        fact = Thread(target=come_online)
        fact.start()
        fact.join(0.3)
        removing.commit()
    fact.join()
    assert ear.events() == []
    assert ear.build.only_listing().state == "online"
    assert ear.session.get(Activation, ear.activation.id) is not None
