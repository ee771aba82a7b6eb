"""The day on the overview: what has happened since midnight, and what comes next."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from portal.models import Activation, AuditEvent, Dealer, Run, User, VehicleImport
from portal.models.exports import ActivationState, RunKind, RunState, TransferState
from tests.builders import Build

Login = Callable[[User], FlaskClient]


@pytest.fixture
def activation(build: Build, alices: Dealer) -> Activation:
    return build.activation(alices)


def day(client: FlaskClient, part: str = "today") -> list[str]:
    """The lines of one of the two lists."""
    page = client.get("/").text
    listed = page.split(f'id="day-{part}"')[1].split("</section>")[0]
    lines = re.findall(r"<li>(.*?)</li>", listed, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", line).split()) for line in lines]


def noted(build: Build, activation: Activation, what: str, **columns: object) -> AuditEvent:
    event = AuditEvent(dealer_id=activation.dealer_id, activation_id=activation.id, what=what, **columns)
    return build._add(event)


def test_it_says_what_was_sent_decided_checked_and_imported(
    build: Build, login: Login, alices: Dealer, activation: Activation
) -> None:
    now = datetime.now(UTC)
    activation.last_success_at = now
    build.transfer(build.vehicle(alices), activation, state=TransferState.OK, finished_at=now)
    alice = build.alice(alices)
    noted(build, activation, "lock.opened")
    noted(build, activation, "lock.approved", user_id=alice.id, actor="Alice")
    checked = Run(kind=RunKind.CHECK, state=RunState.DONE, counts={"confirmed": 14}, finished_at=now)
    checked.activation_id = activation.id
    build._add(checked)
    bestand = VehicleImport(file_name="a.csv", partial=False, taken=3, changed=2)
    bestand.dealer_id, bestand.location_id = alices.id, alices.locations[0].id
    build._add(bestand)
    lines = {line[6:] for line in day(login(alice))}
    assert lines == {
        "mobile.de: Bisher 1 Übertragung bestätigt",
        "mobile.de: Sperre ausgelöst",
        "mobile.de: Sperre aufgehoben · Alice",
        "mobile.de: Bestand geprüft: 14 bestätigt",
        "Bestand importiert: 3 neu, 2 geändert",
    }


def test_yesterday_is_over(build: Build, login: Login, alices: Dealer, activation: Activation) -> None:
    before = datetime.now(UTC) - timedelta(days=2)
    checked = Run(kind=RunKind.CHECK, state=RunState.DONE, finished_at=before, created_at=before)
    checked.activation_id = activation.id
    build._add(checked)
    alice = login(build.alice(alices))
    assert day(alice) == []
    assert "Heute ist noch nichts geschehen." in alice.get("/").text


def test_what_comes_next_comes_in_its_order(build: Build, login: Login, alices: Dealer) -> None:
    now = datetime.now(UTC)
    build.activation(alices, customer_number="1", next_check_at=now + timedelta(hours=3))
    build.activation(
        alices,
        app="mobile-de-csv",
        customer_number="2",
        next_run_at=now + timedelta(hours=1),
        next_check_at=None,
    )
    build.activation(
        alices,
        customer_number="3",
        state=ActivationState.STOPPED,
        stopped_at=now,
        recheck_at=now + timedelta(hours=2),
    )
    said = [line.split(": ", 1)[1] for line in day(login(build.alice(alices)), "next")]
    assert said == ["Nächste Datei", "Ursache wieder prüfen", "Bestand prüfen"]


def test_a_day_belongs_to_a_dealer_and_to_the_locations_of_a_user(
    build: Build, login: Login, alices: Dealer, activation: Activation
) -> None:
    elsewhere = build.location(alices, "M")
    other = build.activation(alices, customer_number="2", location_id=elsewhere.id)
    noted(build, activation, "lock.opened")
    noted(build, other, "full_transfer.started")
    bob = build.user("bob", alices, rights=("view",), location_ids=[elsewhere.id])
    assert [line[6:] for line in day(login(bob))] == ["mobile.de: Komplettübertragung gestartet"]
    charlie = build.charlie()
    build.activation(charlie.dealer, customer_number="9")
    assert day(login(charlie)) == []
