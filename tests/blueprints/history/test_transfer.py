"""A row in full, sending again, and the download."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.blueprints.history.labels import what_to_do
from portal.models import Activation, Dealer, Listing, Publication, Transfer, Vehicle
from portal.models.exports import ActivationState
from tests.blueprints.history.conftest import Send
from tests.builders import Build, fresh
from tests.conftest import as_htmx

Login = Callable[..., FlaskClient]
FEEDBACK = {
    "code": "co2-missing",
    "text": "CO₂-Klasse fehlt.",
    "field": "energy.co2_class",
    "platform_text": "co2Class is missing",
    "who": "dealer",
}
ATTEMPT = {
    "at": "2026-11-24T10:00:00+00:00",
    "outcome": "rejected",
    "detail": "CO₂-Klasse fehlt.",
    "not_before": None,
    "exchanges": [{"method": "PUT", "path": "/ads/1", "status": 400, "milliseconds": 52, "error": ""}],
}


@pytest.fixture
def refused(send: Send) -> Transfer:
    changes = [{"field": "price", "label": "Preis", "old": "13990", "new": "12990"}]
    return send(state="rejected", feedback=[FEEDBACK], attempts=[ATTEMPT], changes=changes)


def address(row: Transfer) -> str:
    return f"/apps/{row.activation_id}/history/{row.id}"


@pytest.mark.parametrize("who", ["dealer", "platform", "operator"])
def test_while_the_app_is_stopped_its_cause_is_what_to_do(who: str) -> None:
    assert "weshalb die App angehalten ist" in str(what_to_do("waiting", who, stopped=True))
    assert "weshalb die App angehalten ist" not in str(what_to_do("rejected", who, stopped=True))


def test_it_says_what_happened_and_what_to_do(alice: FlaskClient, refused: Transfer) -> None:
    text = alice.get(address(refused)).text
    for part in (
        "CO₂-Klasse fehlt.",
        "co2Class is missing",
        "Händler: Bitte ändern Sie die Angabe am Fahrzeug.",
        f'href="/vehicles/{refused.vehicle_id}#field-energy.co2_class"',
        "Preis",
        "13.990",
        "12.990",
        "HTTP 400",
        "PUT /ads/1",
        "52 ms",
        str(refused.id),
        "Aufbewahrt bis",
        "Erneut senden",
    ):
        assert part in text


def test_a_row_opens_and_closes_in_place(alice: FlaskClient, refused: Transfer) -> None:
    opened = alice.get(f"{address(refused)}?row=open", headers=as_htmx()).text
    assert opened.lstrip().startswith(f'<tbody id="t-{refused.id}"')
    assert 'aria-expanded="true"' in opened
    assert "CO₂-Klasse fehlt." in opened
    closed = alice.get(f"{address(refused)}?row=closed", headers=as_htmx()).text
    assert 'aria-expanded="false"' in closed
    assert f'id="d-{refused.id}"' not in closed


@pytest.mark.parametrize(
    ("state", "who", "expected"),
    [
        ("failed", "platform", "Plattform: Dort muss die Störung behoben werden."),
        ("rejected", "operator", "Betreiber: Bitte nennen Sie dem Support die Vorgangsnummer."),
        ("waiting", "platform", "Nichts: Es wird von selbst weiter versucht."),
        ("warning", "dealer", "Das Inserat ist übertragen."),
        ("rejected", "nobody", "Händler: Bitte ändern Sie"),
    ],
)
def test_who_must_act_follows_from_state_and_feedback(
    alice: FlaskClient, send: Send, state: str, who: str, expected: str
) -> None:
    row = send(state=state, feedback=[FEEDBACK | {"who": who}])
    assert expected in alice.get(address(row)).text


def waiting(session: Session) -> list[Transfer]:
    session.expire_all()
    return list(session.scalars(select(Transfer).where(Transfer.state == "waiting")))


def test_sending_again_queues_the_vehicle_and_forgets_the_refusal(
    alice: FlaskClient,
    refused: Transfer,
    build: Build,
    vehicle: Vehicle,
    activation: Activation,
    session: Session,
) -> None:
    listing = build.listing(vehicle, activation, refused_hash="f" * 64)
    answer = alice.post(f"{address(refused)}/resend", follow_redirects=True)
    assert f"Fahrzeug {vehicle.offer_number} wird erneut gesendet." in answer.text
    assert [(row.vehicle_id, row.trigger) for row in waiting(session)] == [(vehicle.id, "by_hand")]
    assert fresh(session, Listing, listing.id).refused_hash is None
    assert fresh(session, Transfer, refused.id).state == "rejected"


def test_twice_pressed_is_once_sent(alice: FlaskClient, refused: Transfer, session: Session) -> None:
    alice.post(f"{address(refused)}/resend")
    alice.post(f"{address(refused)}/resend")
    assert len(waiting(session)) == 1


@pytest.mark.parametrize("state", ["ok", "warning", "waiting", "sending"])
def test_only_what_did_not_get_through_is_sent_again(
    alice: FlaskClient, send: Send, session: Session, state: str
) -> None:
    row = send(state=state)
    assert alice.post(f"{address(row)}/resend").status_code == 409
    assert "Erneut senden" not in alice.get(address(row)).text
    assert len(waiting(session)) == (state == "waiting")


def test_a_vehicle_no_longer_released_is_not_sent(
    alice: FlaskClient, refused: Transfer, session: Session, activation: Activation
) -> None:
    session.get_one(Publication, (refused.vehicle_id, activation.id)).released = False
    session.commit()
    answer = alice.post(f"{address(refused)}/resend", follow_redirects=True)
    assert "nichts zu senden: Es ist nicht freigegeben." in answer.text
    assert waiting(session) == []


def test_a_deactivated_app_sends_nothing(
    alice: FlaskClient, refused: Transfer, session: Session, activation: Activation
) -> None:
    activation.state = ActivationState.DEACTIVATED
    session.commit()
    alice.post(f"{address(refused)}/resend")
    assert waiting(session) == []


def test_sending_again_needs_the_right_and_the_dealer(
    refused: Transfer, build: Build, dealer: Dealer, login: Login, session: Session
) -> None:
    bob = login(build.bob(dealer))
    assert bob.post(f"{address(refused)}/resend").status_code == 403
    assert "Erneut senden" not in bob.get(address(refused)).text
    assert login(build.charlie()).post(f"{address(refused)}/resend").status_code == 404
    assert login(build.sam()).post(f"{address(refused)}/resend").status_code == 403
    assert waiting(session) == []


# The download


def download(client: FlaskClient, activation: Activation, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/apps/{activation.id}/history.csv?{query}")
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def test_the_download_holds_all_that_is_filtered_and_nothing_else(
    alice: FlaskClient, activation: Activation, send: Send
) -> None:
    rows = [send(hours / 10, state="failed") for hours in range(1, 31)]
    send(state="ok")
    found = download(alice, activation)
    assert [line["Vorgangsnummer"] for line in found] == [str(row.id) for row in rows]
    assert {line["Ergebnis"] for line in found} == {"fehlgeschlagen"}
    assert len(download(alice, activation, f"result=all&before={rows[4].id}")) == 31
    assert len(download(alice, activation, "result=ok")) == 1


def test_a_line_says_what_the_row_says(
    alice: FlaskClient, activation: Activation, refused: Transfer, vehicle: Vehicle
) -> None:
    line = download(alice, activation)[0]
    assert line["Fahrzeugnummer"] == vehicle.offer_number
    assert line["Aktion"] == "Änderung"
    assert line["Antwort"] == "CO₂-Klasse fehlt."
    assert line["Händlernummer"] == "4711001"


def test_formulas_of_a_platform_are_disarmed(alice: FlaskClient, activation: Activation, send: Send) -> None:
    send(state="rejected", feedback=[FEEDBACK | {"text": "=HYPERLINK(1)"}])
    assert download(alice, activation)[0]["Antwort"] == "'=HYPERLINK(1)"
