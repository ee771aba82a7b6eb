"""Meine Apps: health at a glance, the head with its progress, the listings."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from portal.models import Activation, Dealer, Run, Transfer, User
from portal.models.exports import ActivationState, ListingState, RunKind, RunState, TransferState
from tests.builders import Build
from tests.conftest import as_htmx, count_queries

Login = Callable[[User], FlaskClient]
POLLS = 'hx-trigger="every 2s"'


@pytest.fixture
def active(build: Build, alices: Dealer) -> Activation:
    return build.activation(alices, last_success_at=datetime.now(UTC) - timedelta(minutes=5))


def a_stock(build: Build, dealer: Dealer, activation: Activation) -> None:
    """Two online, one of them with a hint; one refused, one incomplete, one on its way."""
    for number in range(5):
        vehicle = build.vehicle(dealer)
        problems = [{"code": "x", "text": "Farbe fehlt."}] if number == 3 else []
        build.release(vehicle, activation, problems=problems)
        if number < 2:
            state = TransferState.WARNING if number else TransferState.OK
            build.listing(vehicle, activation, last_result=state)
            build.transfer(vehicle, activation, state=state, action="create", finished_at=datetime.now(UTC))
        if number == 2:
            build.not_taken(vehicle, activation)
        if number == 4:
            build.transfer(vehicle, activation)


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def progress(client: FlaskClient, activation_id: UUID) -> str:
    return client.get(f"/apps/{activation_id}/progress", headers=as_htmx()).text


def test_a_card_counts_where_the_vehicles_stand(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    a_stock(build, alices, active)
    page = plain(alice.get("/apps").text)
    assert "2 von 5 online" in page
    assert "1 offen" in page
    assert "1 mit Hinweis" in page
    assert "1 abgelehnt oder nicht zugestellt" in page
    assert "1 nicht gesendet, Angaben fehlen" in page
    assert "Zuletzt bestätigt vor 5 Minuten" in page


def test_what_is_still_there_counts_as_online_here_and_on_the_overview(
    build: Build, alices: Dealer, alice: FlaskClient
) -> None:
    """Deletions that a lock holds back have not happened."""
    locked = build.activation(alices, state=ActivationState.LOCKED)
    stays, going = build.vehicle(alices), build.vehicle(alices)
    build.release(stays, locked)
    build.release(going, locked, released=False)
    for vehicle in (stays, going):
        build.listing(vehicle, locked)
    build.transfer(going, locked, held=True)
    pages = [plain(alice.get(path).text) for path in ("/", "/apps")]
    pages.append(plain(progress(alice, locked.id)))
    for page in pages:
        assert "2 online, 1 freigegeben" in page


def test_the_app_that_needs_attention_comes_first(build: Build, alices: Dealer, alice: FlaskClient) -> None:
    build.activation(alices, customer_number="111")
    build.activation(alices, customer_number="222", state=ActivationState.DRAFT)
    stopped = {"state": ActivationState.STOPPED, "stop_cause": "not_linked", "stopped_at": datetime.now(UTC)}
    build.activation(alices, customer_number="333", **stopped)
    build.activation(alices, customer_number="444", state=ActivationState.DEACTIVATED)
    page = alice.get("/apps").text
    assert re.findall(r"Kd-Nr. (\d+)", page) == ["333", "111", "222", "444"]
    assert "bei der Plattform nicht eingetragen" in page


def test_without_an_app_the_page_leads_to_the_store(alice: FlaskClient) -> None:
    page = alice.get("/apps").text
    assert "Noch keine App aktiviert" in page
    assert 'href="/appstore"' in page


def test_the_number_of_queries_does_not_grow(build: Build, alices: Dealer, alice: FlaskClient) -> None:
    counts = []
    for number in range(3):
        a_stock(build, alices, build.activation(alices, customer_number=str(number)))
        with count_queries() as queries:
            alice.get("/apps")
        counts.append(len(queries))
    assert len(set(counts)) == 1
    assert counts[0] <= 8


def test_progress_polls_while_transfers_run_and_stops_with_the_counts(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    done, running = build.vehicle(alices), build.vehicle(alices)
    for vehicle in (done, running):
        build.release(vehicle, active)
    for vehicle, state in ((done, TransferState.OK), (running, TransferState.SENDING)):
        build.session.add(
            Transfer(
                vehicle_id=vehicle.id,
                activation_id=active.id,
                location_id=vehicle.location_id,
                state=state,
                action="create",
            )
        )
    build.session.commit()
    build.listing(done, active)
    first = progress(alice, active.id)
    assert POLLS in first
    assert '<progress class="progress" value="1" max="2"' in first
    build.session.query(Transfer).update({"state": TransferState.OK})
    build.session.commit()
    build.listing(running, active)
    last = progress(alice, active.id)
    assert "hx-trigger" not in last
    assert "<progress" not in last
    assert "2 von 2 online" in plain(last)


def test_what_waits_for_its_next_attempt_does_not_poll(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    build.transfer(build.vehicle(alices), active, not_before=datetime.now(UTC) + timedelta(hours=1))
    fragment = progress(alice, active.id)
    assert "hx-trigger" not in fragment
    assert "1 Änderung wartet." in plain(fragment)
    assert "in 59 Minuten" in plain(fragment) or "in 60 Minuten" in plain(fragment)


@pytest.mark.parametrize("state", [ActivationState.STOPPED, ActivationState.ACTIVE])
def test_nothing_runs_while_the_activation_may_not_send(
    build: Build, alices: Dealer, alice: FlaskClient, state: ActivationState
) -> None:
    held = build.activation(
        alices,
        state=state,
        stopped_at=datetime.now(UTC),
        failing_since=datetime.now(UTC) if state == ActivationState.ACTIVE else None,
        paused_until=datetime.now(UTC) + timedelta(minutes=2),
        pause_reason="Die Plattform bittet um Geduld.",
    )
    build.transfer(build.vehicle(alices), held)
    fragment = progress(alice, held.id)
    assert "hx-trigger" not in fragment
    assert "1 Änderung wartet." in plain(fragment)
    page = alice.get(f"/apps/{held.id}/listings").text
    assert ("bittet um Geduld" in page) == (state == ActivationState.ACTIVE)


def test_the_head_costs_the_same_however_much_there_is(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    counts = []
    for _ in range(2):
        a_stock(build, alices, active)
        with count_queries() as queries:
            alice.get(f"/apps/{active.id}/listings")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9


def test_listings_link_to_vehicle_and_marketplace(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    vehicle = build.vehicle(alices)
    build.listing(
        vehicle,
        active,
        listing_id="30047110",
        url="https://market.example/30047110",
        online_since=datetime.now(UTC),
        sent_at=datetime.now(UTC),
        bookings=["a-booking"],
    )
    build.listing(build.vehicle(alices, model="Polo"), active, state=ListingState.ABSENT)
    page = alice.get(f"/apps/{active.id}/listings").text
    assert 'href="https://market.example/30047110" target="_blank" rel="noopener noreferrer"' in page
    assert vehicle.offer_number in page
    assert "a-booking" in page
    assert "Polo" not in page


@pytest.mark.parametrize(
    ("text", "found"), [("30047110", ["30047110"]), ("golf", ["30047110"]), ("passat 30047110", [])]
)
def test_listings_are_found_by_number_id_and_title(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation, text: str, found: list[str]
) -> None:
    build.listing(build.vehicle(alices), active, listing_id="30047110")
    build.listing(build.vehicle(alices, model="Passat"), active, listing_id="30047111")
    page = alice.get(f"/apps/{active.id}/listings", query_string={"q": text}, headers=as_htmx()).text
    assert re.findall(r"300471\d\d", page.partition("<tbody>")[2]) == found


def test_listings_page_by_key_in_both_directions(
    build: Build, alices: Dealer, alice: FlaskClient, active: Activation
) -> None:
    for number in range(120):
        build.listing(build.vehicle(alices), active, listing_id=f"L{number:03}")
    url, seen = f"/apps/{active.id}/listings", []
    while url:
        page = alice.get(url.replace("&amp;", "&")).text
        seen.append(re.findall(r"L\d{3}", page))
        url = _link(page, "next")
    assert [number for page in seen for number in page] == [f"L{n:03}" for n in reversed(range(120))]
    assert [len(page) for page in seen] == [50, 50, 20]
    back = alice.get(_link(page, "prev").replace("&amp;", "&")).text
    assert re.findall(r"L\d{3}", back) == seen[1]
    first = alice.get(_link(back, "prev").replace("&amp;", "&")).text
    assert re.findall(r"L\d{3}", first) == seen[0]
    assert not _link(first, "prev")
    assert "120 Inserate" in first


def _link(page: str, rel: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', page)
    return found.group(1) if found else ""


@pytest.mark.parametrize(
    "query", ["before=x", "after=%00", "q=%00", "before=00000000-0000-0000-0000-000000000000"]
)
def test_odd_queries_are_no_errors(alice: FlaskClient, active: Activation, query: str) -> None:
    assert alice.get(f"/apps/{active.id}/listings?{query}").status_code == 200


@pytest.mark.parametrize("path", ["", "/listings", "/settings", "/progress", "/deactivate"])
def test_charlie_sees_nothing_of_it(build: Build, login: Login, active: Activation, path: str) -> None:
    charlie = login(build.charlie())
    assert charlie.get(f"/apps/{active.id}{path}").status_code == 404


def test_bob_sees_it_all_without_the_buttons(
    build: Build, alices: Dealer, login: Login, active: Activation
) -> None:
    bob = login(build.bob(alices))
    for path in ("/listings", "/settings"):
        page = bob.get(f"/apps/{active.id}{path}")
        assert page.status_code == 200
        assert "Deaktivieren" not in page.text
        assert 'id="preview"' not in page.text


def test_a_stock_that_is_being_released_shows_how_far_it_is_and_polls(
    build: Build, alice: FlaskClient, active: Activation
) -> None:
    run = Run(activation_id=active.id, kind=RunKind.RELEASE, state=RunState.RUNNING, accepted=2, total=5)
    build.session.add(run)
    build.session.commit()
    shown = progress(alice, active.id)
    assert POLLS in shown
    assert '<progress class="progress" value="2" max="5"' in shown
    run.state = RunState.DONE
    build.session.commit()
    assert POLLS not in progress(alice, active.id)
