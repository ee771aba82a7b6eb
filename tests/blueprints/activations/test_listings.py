"""Bestand prüfen: the button, what was found, and what people do about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.models import Activation, Dealer, Listing, Match, Run, Transfer, User, Vehicle
from portal.models.exports import ActivationState, ListingState, RunKind, RunState, Trigger
from portal.models.vehicles import Publication
from tests.builders import Build, fresh
from tests.conftest import as_htmx, count_queries

Login = Callable[[User], FlaskClient]
DRIFT = [{"field": "price.consumerPriceGross", "label": "Preis", "old": "12990", "new": "11990"}]


@pytest.fixture
def active(build: Build, alices: Dealer) -> Activation:
    return build.activation(alices)


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def a_check(build: Build, activation: Activation, **columns: object) -> Run:
    counts = {"confirmed": 214, "drifted": 1, "vanished": 1, "unknown": 1}
    moment = datetime.now(UTC) - timedelta(hours=2)
    plausible = {"kind": RunKind.CHECK, "state": RunState.DONE, "started_at": moment, "finished_at": moment}
    row: Run = build._add(Run(activation_id=activation.id, **(plausible | {"counts": counts} | columns)))
    return row


def on_offer(build: Build, dealer: Dealer, activation: Activation, **columns: object) -> Vehicle:
    vehicle = build.vehicle(dealer)
    build.release(vehicle, activation)
    build.listing(vehicle, activation, confirmed_at=datetime.now(UTC), **columns)
    return vehicle


def drifted(build: Build, dealer: Dealer, activation: Activation) -> Vehicle:
    return on_offer(build, dealer, activation, drift=DRIFT)


def vanished(build: Build, dealer: Dealer, activation: Activation) -> Vehicle:
    return on_offer(build, dealer, activation, vanished_at=datetime.now(UTC))


def waiting(build: Build) -> list[Transfer]:
    build.session.expire_all()
    return list(build.session.scalars(select(Transfer).where(Transfer.state == "waiting")))


def test_the_button_asks_for_a_check(build: Build, alice: FlaskClient, active: Activation) -> None:
    assert f'action="/apps/{active.id}/check"' in alice.get(f"/apps/{active.id}").text
    answer = alice.post(f"/apps/{active.id}/check")
    run = build.session.scalars(select(Run)).one()
    assert answer.headers["Location"] == f"/apps/{active.id}/runs/{run.id}"
    assert (run.kind, run.state, run.trigger) == (RunKind.CHECK, RunState.WAITING, Trigger.BY_HAND)
    assert run.user_id is not None
    page = alice.get(answer.headers["Location"]).text
    assert "Die Liste der Plattform wird gelesen." in page
    assert 'hx-trigger="every 2s"' in page
    assert "Der Bestand wird geprüft." in alice.get("/apps").text


def test_pressed_twice_it_is_one_check(build: Build, alice: FlaskClient, active: Activation) -> None:
    first, second = (alice.post(f"/apps/{active.id}/check").headers["Location"] for _ in range(2))
    assert first == second


def test_a_locked_stock_can_be_checked_a_stopped_one_cannot(
    build: Build, alices: Dealer, alice: FlaskClient
) -> None:
    locked = build.activation(alices, customer_number="1", state=ActivationState.LOCKED)
    stopped = build.activation(alices, customer_number="2", state=ActivationState.STOPPED)
    assert "/runs/" in alice.post(f"/apps/{locked.id}/check").headers["Location"]
    said = alice.post(f"/apps/{stopped.id}/check", follow_redirects=True).text
    assert "Zurzeit lässt sich der Bestand nicht prüfen" in said
    assert len(build.session.scalars(select(Run)).all()) == 1


def test_health_says_how_the_last_check_went(build: Build, alice: FlaskClient, active: Activation) -> None:
    a_check(build, active, finished_at=datetime.now(UTC))
    said = "Bestand geprüft vor 2 Stunden: 214 bestätigt, 1 abweichend, 1 dort verschwunden, 1 nur dort"
    for page in ("/apps", f"/apps/{active.id}"):
        assert said in plain(alice.get(page).text), page
    in_short = "Bestand geprüft: 214 bestätigt, 1 abweichend, 1 dort verschwunden"
    assert in_short in plain(alice.get("/").text), "the day of the overview names what was found, too"


def test_a_later_check_that_failed_is_told_beside_it(
    build: Build, alice: FlaskClient, active: Activation
) -> None:
    a_check(build, active)
    failed = a_check(build, active, state=RunState.FAILED, message="Die Liste ist unvollständig.", counts={})
    page = alice.get("/apps").text
    assert "214 bestätigt" in page
    assert "Die letzte Prüfung kam nicht zustande." in page
    text = plain(alice.get(f"/apps/{active.id}/runs/{failed.id}").text)
    assert "ließ sich nicht ganz lesen. Die Liste ist unvollständig." in text


def test_what_could_not_be_read_yet_says_when_it_is_tried_again(
    build: Build, alice: FlaskClient, active: Activation
) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=9, seconds=30)
    run = a_check(
        build,
        active,
        state=RunState.WAITING,
        finished_at=None,
        message="mobile.de ist gestört (500)",
        not_before=soon,
    )
    text = plain(alice.get(f"/apps/{active.id}/runs/{run.id}").text)
    assert "noch nicht ganz lesen: mobile.de ist gestört (500) Nächster Versuch in 9 Minuten" in text


def test_the_list_of_runs_says_what_a_check_found(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    drifted(build, alices, active)
    a_check(build, active, counts={"confirmed": 1204, "drifted": 1, "vanished": 0, "unknown": 2})
    text = plain(alice.get(f"/apps/{active.id}/runs").text)
    assert "1.204 bestätigt, 1 abweichend, 2 nur dort" in text


def test_the_result_names_what_differs_and_what_can_be_done(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    differs, gone = drifted(build, alices, active), vanished(build, alices, active)
    fine = on_offer(build, alices, active)
    run = a_check(build, active)
    page = alice.get(f"/apps/{active.id}/runs/{run.id}").text
    text = plain(page)
    assert "Preis: gesendet 12.990 €, dort 11.990 €" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert differs.offer_number in text
    assert gone.offer_number in text
    assert fine.offer_number not in text
    assert "Neu einstellen (Kosten möglich)" in text
    assert "Nicht mehr veröffentlichen" in text
    assert 'hx-trigger="every' not in page


def test_listings_of_nobody_are_linked_and_it_is_said_why_they_stay(
    build: Build, alice: FlaskClient, active: Activation
) -> None:
    run = a_check(build, active, counts={"unknown": 1, "kept": 1})
    for listing_id, decision in (("4711", ""), ("4712", "keep")):
        build._add(
            Match(
                run_id=run.id,
                activation_id=active.id,
                listing_id=listing_id,
                internal_number="FREMD-1",
                title="VW Golf",
                url=f"https://suchen.example/{listing_id}",
                decision=decision,
            )
        )
    page = alice.get(f"/apps/{active.id}/runs/{run.id}").text
    assert 'href="https://suchen.example/4711"' in page
    assert "Nummer FREMD-1" in page
    assert "Ein Inserat, das das Portal nicht kennt, löscht es nie." in page
    assert "Beim Bestandsabgleich wurde entschieden, diese Inserate stehen zu lassen." in page
    assert 'href="https://suchen.example/4712"' in page.partition('id="kept"')[2]
    assert "1 dort belassen" in plain(page)


def test_sent_again_it_waits_to_be_sent_in_any_case(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    differs = drifted(build, alices, active)
    answer = alice.post(f"/apps/{active.id}/listings/{differs.id}/resend")
    assert answer.status_code == 303
    [row] = waiting(build)
    assert (row.vehicle_id, row.forced, row.trigger) == (differs.id, True, Trigger.BY_HAND)


def test_all_that_drifted_can_be_sent_again(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    differing = {drifted(build, alices, active).id for _ in range(2)}
    on_offer(build, alices, active)
    page = alice.get(f"/apps/{active.id}/listings?check=drifted").text
    assert "Alle 2 abweichenden Inserate erneut senden" in page
    said = alice.post(f"/apps/{active.id}/listings/resend", follow_redirects=True).text
    assert "2 Fahrzeuge werden erneut gesendet." in said
    assert {row.vehicle_id for row in waiting(build)} == differing


def test_published_anew_the_engine_looks_into_the_list_first(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    gone = vanished(build, alices, active)
    said = alice.post(f"/apps/{active.id}/listings/{gone.id}/publish", follow_redirects=True).text
    assert f"Fahrzeug {gone.offer_number} wird neu eingestellt." in said
    assert build.only_listing().state == ListingState.MISSING
    assert [row.vehicle_id for row in waiting(build)] == [gone.id]


def test_only_what_vanished_can_be_published_anew(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    fine = on_offer(build, alices, active)
    alice.post(f"/apps/{active.id}/listings/{fine.id}/publish")
    assert build.only_listing().state == ListingState.ONLINE
    assert waiting(build) == []


def test_withdrawn_it_is_released_there_no_longer(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    gone = vanished(build, alices, active)
    alice.post(f"/apps/{active.id}/listings/{gone.id}/withdraw")
    assert fresh(build.session, Publication, (gone.id, active.id)).released is False
    assert fresh(build.session, Vehicle, gone.id).online is True
    assert [row.vehicle_id for row in waiting(build)] == [gone.id]


def test_the_listings_can_be_filtered_by_what_was_found(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    found = {
        "confirmed": on_offer(build, alices, active),
        "drifted": drifted(build, alices, active),
        "vanished": vanished(build, alices, active),
    }
    for check, vehicle in found.items():
        page = alice.get(f"/apps/{active.id}/listings?check={check}", headers=as_htmx()).text
        assert vehicle.offer_number in page
        assert not [other for other in found.values() if other is not vehicle and other.offer_number in page]
    chips = plain(alice.get(f"/apps/{active.id}/listings").text)
    assert "Alle 3 bestätigt 1 abweichend 1 verschwunden 1" in chips


def test_a_filter_that_nothing_matches_says_so(alice: FlaskClient, active: Activation) -> None:
    assert "Kein Inserat weicht ab" in alice.get(f"/apps/{active.id}/listings?check=drifted").text
    assert "Noch keine Inserate" in alice.get(f"/apps/{active.id}/listings?check=nonsense").text


def test_bob_sees_what_was_found_without_the_buttons(
    build: Build, alices: Dealer, active: Activation, login: Login
) -> None:
    gone = vanished(build, alices, active)
    run = a_check(build, active)
    bob = login(build.bob(alices))
    for page in (f"/apps/{active.id}/runs/{run.id}", f"/apps/{active.id}/listings"):
        text = bob.get(page).text
        assert gone.offer_number in text
        assert "Neu einstellen" not in text
    assert "Bestand prüfen" not in bob.get(f"/apps/{active.id}").text
    for what in ("publish", "resend", "withdraw"):
        assert bob.post(f"/apps/{active.id}/listings/{gone.id}/{what}").status_code == 403
    assert bob.post(f"/apps/{active.id}/check").status_code == 403
    assert waiting(build) == []


def test_the_vehicle_says_what_the_check_found(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    differs, gone = drifted(build, alices, active), vanished(build, alices, active)
    page = alice.get(f"/vehicles/{differs.id}").text
    assert "Die Plattform zeigt etwas anderes, als gesendet wurde: Preis." in page
    assert f'href="/apps/{active.id}/listings?q={differs.offer_number}"' in page
    page = alice.get(f"/vehicles/{gone.id}").text
    assert "stand das Inserat nicht mehr auf der Plattform." in page
    assert "keine, bis entschieden ist, ob das Inserat neu eingestellt wird" in page


def test_the_result_needs_a_fixed_number_of_queries(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    run = a_check(build, active)
    numbers = []
    for _ in range(3):
        drifted(build, alices, active)
        vanished(build, alices, active)
        with count_queries() as queries:
            alice.get(f"/apps/{active.id}/runs/{run.id}")
        numbers.append(len(queries))
    assert len(set(numbers)) == 1
    assert numbers[0] <= 17


def test_a_deactivated_app_is_neither_checked_nor_repaired(
    build: Build, alices: Dealer, alice: FlaskClient
) -> None:
    ended = build.activation(alices, state=ActivationState.DEACTIVATED)
    gone = vanished(build, alices, ended)
    page = alice.get(f"/apps/{ended.id}/listings").text
    assert "Neu einstellen" not in page
    assert "Bestand prüfen" not in page
    alice.post(f"/apps/{ended.id}/listings/{gone.id}/publish")
    assert build.session.scalars(select(Listing.state)).all() == [ListingState.ONLINE]
