"""Komplettübertragung: reasons, numbers, who may, progress and its end."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.models import Activation, AuditEvent, Dealer, Listing, Run, Transfer, User
from portal.models.exports import ActivationState, ListingState, RunKind, RunState, TransferState
from portal.platforms import read_environment
from portal.vehicle_facts.data import Prices
from tests.blueprints.conftest import Market
from tests.builders import Build, fresh, golf
from tests.conftest import as_htmx, count_queries

Login = Callable[[User], FlaskClient]
REASON = {"reason": "missing"}


@pytest.fixture
def active(build: Build, alices: Dealer, market: Market) -> Activation:
    return build.activation(alices)


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def page_of(activation: Activation) -> str:
    return f"/apps/{activation.id}/full-transfer"


def a_stock(build: Build, dealer: Dealer, activation: Activation) -> None:
    """Two online, one new, one to be deleted, one that lacks its price."""
    for number in range(5):
        vehicle = build.vehicle(dealer, golf(prices=Prices()) if number == 4 else golf())
        build.release(vehicle, activation, released=number != 3)
        if number in (0, 1, 3):
            build.listing(vehicle, activation)


def full_run(build: Build, activation: Activation, **columns: object) -> Run:
    plausible = {"kind": RunKind.FULL, "state": RunState.RUNNING, "started_at": datetime.now(UTC), "total": 6}
    row: Run = build._add(
        Run(activation_id=activation.id, **(plausible | {"counts": {"reason": "missing"}} | columns))
    )
    return row


def run_page(client: FlaskClient, run: Run) -> str:
    return client.get(f"/apps/{run.activation_id}/runs/{run.id}").text


def test_it_asks_with_the_documented_reasons_and_the_numbers(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    a_stock(build, alices, active)
    page = alice.get(page_of(active)).text
    assert "zeitweise nicht eingetragen" in page
    assert "deren letzte Übertragung länger als 5 Tage zurückliegt" in page
    text = plain(page)
    for said in ("2 aktualisiert", "1 neu (Kosten möglich)", "1 gelöscht"):
        assert said in text
    assert "1 nicht gesendet, Angaben fehlen" in text
    assert "4 Fahrzeuge übertragen" in text
    assert "mobile.de berechnet Inserate" in text
    assert "was zuletzt bekannt war" not in text


def test_without_the_platforms_lists_it_counts_what_is_known(
    build: Build, alices: Dealer, alice: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = replace(app.extensions["settings"], platforms=read_environment({}, "http://127.0.0.1:1"))
    monkeypatch.setitem(app.extensions, "settings", nowhere)
    activation = build.activation(alices)
    a_stock(build, alices, activation)
    text = plain(alice.get(page_of(activation)).text)
    assert "2 aktualisiert" in text
    assert "Gezählt nach dem, was zuletzt bekannt war." in text


def test_the_number_of_queries_does_not_grow(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    numbers = []
    for _ in range(3):
        a_stock(build, alices, active)
        with count_queries() as queries:
            alice.get(page_of(active))
        numbers.append(len(queries))
    assert len(set(numbers[1:])) == 1, "the first one fetches the platform's lists"
    assert numbers[-1] <= 16


def test_confirmed_it_is_noted_and_its_page_follows(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    a_stock(build, alices, active)
    answer = alice.post(page_of(active), data=REASON)
    run = build.session.scalars(select(Run)).one()
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/apps/{active.id}/runs/{run.id}"
    assert (run.kind, run.state, run.counts) == (RunKind.FULL, RunState.WAITING, {"reason": "missing"})
    assert run.user_id is not None
    event = build.session.scalars(select(AuditEvent)).one()
    assert (event.what, event.object_id, event.actor) == ("full_transfer.started", run.id, "Alice")
    page = alice.get(answer.headers["Location"]).text
    assert "Die Fahrzeuge werden vorbereitet." in page


@pytest.mark.parametrize("reason", ["", "because"])
def test_without_a_reason_nothing_begins(
    build: Build, alice: FlaskClient, active: Activation, reason: str
) -> None:
    answer = alice.post(page_of(active), data={"reason": reason})
    assert answer.status_code == 422
    assert "Bitte wählen Sie den Grund." in answer.text
    assert build.session.scalars(select(Run)).all() == []


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (ActivationState.DRAFT, "Die App ist noch nicht aktiviert."),
        (ActivationState.LOCKED, "Die App ist gesperrt."),
        (ActivationState.STOPPED, "Die App ist angehalten."),
        (ActivationState.RECONCILING, "Der Bestandsabgleich ist noch nicht abgeschlossen."),
    ],
)
def test_what_stands_in_the_way_is_said(
    build: Build, alices: Dealer, alice: FlaskClient, state: ActivationState, said: str
) -> None:
    activation = build.activation(alices, state=state)
    assert said in alice.get(page_of(activation)).text
    answer = alice.post(page_of(activation), data=REASON)
    assert answer.status_code == 422
    assert said in answer.text
    assert build.session.scalars(select(Run)).all() == []


def test_a_second_one_within_24_hours_is_told_when(
    build: Build, alice: FlaskClient, active: Activation
) -> None:
    now = datetime.now(UTC)
    full_run(build, active, state=RunState.DONE, finished_at=now, created_at=now - timedelta(hours=1))
    page = alice.get(page_of(active)).text
    assert "einmal in 24 Stunden möglich" in page
    assert "Die nächste ist ab" in page
    assert alice.post(page_of(active), data=REASON).status_code == 422


def test_a_running_one_is_linked(build: Build, alice: FlaskClient, active: Activation) -> None:
    run = full_run(build, active)
    page = alice.get(page_of(active)).text
    assert "läuft bereits" in page
    assert f'href="/apps/{active.id}/runs/{run.id}"' in page
    head = alice.get(f"/apps/{active.id}").text
    assert "Komplettübertragung läuft" in head


def test_the_button_is_only_for_those_who_may(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation, login: Login
) -> None:
    link = f'href="{page_of(active)}"'
    assert link in alice.get(f"/apps/{active.id}").text
    bob = login(build.bob(alices))
    assert link not in bob.get(f"/apps/{active.id}").text
    assert bob.get(page_of(active)).status_code == 403


def transfers_of(build: Build, dealer: Dealer, run: Run, **states: int) -> None:
    for state, number in states.items():
        for _ in range(number):
            vehicle = build.vehicle(dealer)
            build.transfer(
                vehicle, build.session.get_one(Activation, run.activation_id), state=state, run_id=run.id
            )


def test_progress_counts_and_polls_until_it_is_over(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    run = full_run(build, active)
    transfers_of(build, alices, run, ok=1, rejected=1, sending=1, waiting=1)
    page = run_page(alice, run)
    text = plain(page)
    assert "4 von 6" in text
    assert "1 angenommen" in text
    assert "1 abgelehnt" in text
    assert "2 ohne Übertragung" in text
    assert "2 noch zu senden" in text
    assert 'hx-trigger="every 2s"' in page
    part = alice.get(f"/apps/{active.id}/runs/{run.id}", headers=as_htmx()).text
    assert part.lstrip().startswith("<section")
    for row in build.session.scalars(select(Transfer)):
        row.state = TransferState.OK
    run.state, run.finished_at, run.accepted = RunState.DONE, datetime.now(UTC), 4
    run.message = "Alle Fahrzeuge, die zu senden waren, sind angekommen."
    build.session.commit()
    ended = alice.get(f"/apps/{active.id}/runs/{run.id}", headers=as_htmx()).text
    assert 'hx-trigger="every' not in ended
    assert "4 angenommen" in plain(ended)
    assert 'role="status"' in ended


def test_partial_success_is_shown_as_partial(build: Build, alice: FlaskClient, active: Activation) -> None:
    run = full_run(
        build,
        active,
        state=RunState.PARTIAL,
        finished_at=datetime.now(UTC),
        accepted=4,
        rejected=1,
        failed=1,
        message="Nicht alle Fahrzeuge sind angekommen.",
    )
    page = run_page(alice, run)
    assert "teilweise" in page
    assert "Nicht alle Fahrzeuge sind angekommen." in page
    filtered = f"/apps/{active.id}?run={run.id}&amp;result=rejected&amp;period=120"
    assert filtered in page


def test_called_off_what_waits_is_released(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    run = full_run(build, active)
    transfers_of(build, alices, run, ok=1, waiting=2)
    where = f"/apps/{active.id}/runs/{run.id}"
    assert "Komplettübertragung abbrechen" in run_page(alice, run)
    assert alice.post(f"{where}/cancel").status_code == 303
    build.session.expire_all()
    waiting = build.session.scalars(select(Transfer).where(Transfer.state == TransferState.WAITING)).all()
    assert [(row.run_id, row.forced) for row in waiting] == [(None, False)] * 2
    assert fresh(build.session, Run, run.id).state == RunState.CANCELLED
    again = alice.post(f"{where}/cancel", follow_redirects=True).text
    assert "Der Durchgang war schon beendet." in again


def test_only_those_who_may_start_it_may_call_it_off(
    build: Build, alices: Dealer, active: Activation, login: Login
) -> None:
    run = full_run(build, active)
    bob = login(build.bob(alices))
    assert "abbrechen" not in run_page(bob, run)
    assert bob.post(f"/apps/{active.id}/runs/{run.id}/cancel").status_code == 403
    assert fresh(build.session, Run, run.id).state == RunState.RUNNING


def test_the_page_of_a_run_needs_a_fixed_number_of_queries(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    run = full_run(build, active)
    numbers = []
    for _ in range(2):
        transfers_of(build, alices, run, ok=3, rejected=2)
        with count_queries() as queries:
            run_page(alice, run)
        numbers.append(len(queries))
    assert len(set(numbers)) == 1
    assert numbers[0] <= 13


def test_the_history_can_be_filtered_to_a_run(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    run = full_run(build, active)
    transfers_of(build, alices, run, rejected=2)
    other = build.vehicle(alices)
    build.not_taken(other, active)
    ours = build.session.scalars(select(Transfer).where(Transfer.run_id == run.id)).all()
    page = alice.get(f"/apps/{active.id}?run={run.id}&result=rejected").text
    assert all(str(row.id) in page for row in ours)
    assert other.offer_number not in page
    assert "Nur die Komplettübertragung vom" in page


def test_a_run_of_another_kind_of_app_has_no_such_page(
    build: Build, alice: FlaskClient, active: Activation
) -> None:
    run = full_run(build, active, kind=RunKind.RECONCILIATION)
    assert alice.get(f"/apps/{active.id}/runs/{run.id}").status_code == 404


def test_a_state_that_is_not_known_yet_counts_as_to_be_resolved(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    vehicle = build.vehicle(alices)
    build.release(vehicle, active)
    build.listing(vehicle, active, state=ListingState.MISSING)
    text = plain(alice.get(page_of(active)).text)
    assert "1 werden erst in der Liste der Plattform gesucht" in text
    assert build.session.scalars(select(Listing.state)).all() == [ListingState.MISSING]
