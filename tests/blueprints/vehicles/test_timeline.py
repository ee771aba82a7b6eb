"""The tab "Verlauf": all that happened to a vehicle in one list."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.calendar import today
from portal.exports.history import timeline
from portal.models import AuditEvent, ListingDay, Lock, LockedVehicle, Run, RunVehicle, User, VehicleImport
from portal.models.exports import LockRule, RunKind, RunState
from tests.blueprints.vehicles.conftest import Yard, save
from tests.builders import Build
from tests.conftest import count_queries

LOCK = {
    "rule": LockRule.DELETIONS,
    **dict.fromkeys(("creations", "deletions_done", "creations_done", "creation_limit"), 0),
    **{"online": 60, "deletions": 8, "deletion_limit": 6},
}


def entries(client: FlaskClient, yard: Yard, query: str = "") -> list[str]:
    page = client.get(f"{yard.url}/history{query}").text
    items = re.findall(r'<li class="list-group-item">(.*?)</li>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", item).split()) for item in items]


def locked(build: Build, yard: Yard, **columns: Any) -> Lock:
    lock = build._add(Lock(activation_id=yard.activation.id, **LOCK, **columns))
    build._add(LockedVehicle(lock_id=lock.id, vehicle_id=yard.vehicle.id, action="delete"))
    return lock


def test_it_tells_of_an_edit_with_who_and_old_and_new(alice: FlaskClient, yard: Yard) -> None:
    save(alice, yard.url, mileage="70.000")
    changed = next(entry for entry in entries(alice, yard) if "Fahrzeug geändert" in entry)
    assert "Alice" in changed
    assert re.search(r"64\.500 km → 70\.000 km", changed)


def test_everything_stands_in_the_order_of_time(build: Build, alice: FlaskClient, yard: Yard) -> None:
    dealer = yard.dealer
    build._add(
        AuditEvent(dealer_id=dealer.id, what="vehicle.created", object_id=yard.vehicle.id, actor="Bob")
    )
    came = VehicleImport(
        dealer_id=dealer.id, location_id=dealer.locations[0].id, file_name="a.csv", partial=False
    )
    came.created_at = yard.vehicle.created_at
    build._add(came)
    answer = {"code": "x", "text": "Preis zu hoch.", "field": None, "who": "dealer"}
    build.transfer(yard.vehicle, yard.activation, state="rejected", action="create", feedback=[answer])
    locked(build, yard)
    found = entries(alice, yard)
    assert [re.split(r" \d\d\.\d\d\.\d{4} ", entry)[0] for entry in found[:4]] == [
        "mobile.de: Löschung zurückgehalten",
        "mobile.de: Neuanlage",
        "Import: Fahrzeug aufgenommen",
        "Fahrzeug angelegt",
    ]
    assert "Preis zu hoch." in found[1]
    assert "8 Löschungen, mehr als die üblichen 6 Die Sperre besteht noch." in found[0]


def test_a_lock_says_who_lifted_it(build: Build, alice: FlaskClient, yard: Yard) -> None:
    bob = build.user("bob-lifts", yard.dealer)
    locked(build, yard, closed_at=datetime.now(UTC), closed_how="approved", closed_by=bob.id)
    assert "Aufgehoben von Bob-Lifts" in entries(alice, yard, "?show=locks")[0]


def test_of_files_only_those_that_say_something_new(build: Build, alice: FlaskClient, yard: Yard) -> None:
    app = build.activation(yard.dealer, app="mobile-de-csv", customer_number="csv")
    for result in ("accepted", "accepted", "left_out", "accepted"):
        run = Run(activation_id=app.id, kind=RunKind.FILE, state=RunState.DONE, sent_at=datetime.now(UTC))
        build._add(run)
        build._add(RunVehicle(run_id=run.id, vehicle_id=yard.vehicle.id, result=result))
    told = entries(alice, yard, "?show=transfers")
    assert [entry.rsplit(" ", 2)[-1] for entry in told] == ["Datei", "Datei", "Datei"]


def told_by_day(build: Build, yard: Yard, *labels: str) -> None:
    """One day after the other up to today, each with ten views more."""
    listing = build.listing(yard.vehicle, yard.activation)
    for place, label in enumerate(labels):
        day = today() - timedelta(days=len(labels) - 1 - place)
        build._add(ListingDay(listing_id=listing.id, day=day, views=10 * place, emails=0, price_label=label))


def test_how_a_listing_did_is_summed_from_one_rating_of_its_price_to_the_next(
    build: Build, alice: FlaskClient, yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "month_of", lambda _day: (2026, 11))
    told_by_day(build, yard, "increased", "increased", "increased", "fair", "fair")
    newest, first = entries(alice, yard, "?show=figures")
    assert newest.startswith("mobile.de: Preisbewertung")
    assert "Fairer Preis zuvor Erhöhter Preis" in newest
    assert newest.endswith("Aufrufe +10")
    assert first.startswith("mobile.de: Resonanz")
    assert first.endswith("Erhöhter Preis Aufrufe +30")


def test_counts_that_stood_still_are_not_listed(
    build: Build, alice: FlaskClient, yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "month_of", lambda _day: (2026, 11))
    told_by_day(build, yard, "fair", "fair")
    assert entries(alice, yard, "?show=figures")[0].endswith("Fairer Preis Aufrufe +10")
    build.session.execute(update(ListingDay).values(views=7))
    build.session.commit()
    assert entries(alice, yard, "?show=figures")[0].endswith("Fairer Preis Keine neue Resonanz")


@pytest.mark.parametrize(
    ("show", "words"),
    [
        ("changes", "Fahrzeug angelegt"),
        ("transfers", "Neuanlage"),
        ("locks", "Löschung"),
        ("figures", "Resonanz"),
    ],
)
def test_a_filter_shows_one_part(build: Build, alice: FlaskClient, yard: Yard, show: str, words: str) -> None:
    build._add(AuditEvent(dealer_id=yard.dealer.id, what="vehicle.created", object_id=yard.vehicle.id))
    build.transfer(yard.vehicle, yard.activation, state="ok", action="create")
    locked(build, yard)
    told_by_day(build, yard, "fair")
    (entry,) = entries(alice, yard, f"?show={show}")
    assert words in entry
    assert len(entries(alice, yard, "?show=nothing")) == 4


def test_pages_lead_on_by_key_without_a_gap(
    build: Build, alice: FlaskClient, yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "PAGE_SIZE", 2)
    for number in range(3):
        build.transfer(yard.vehicle, yard.activation, state="ok", action="update")
        event = AuditEvent(dealer_id=yard.dealer.id, what="vehicle.changed", object_id=yard.vehicle.id)
        event.detail = {"mileage": [number, number + 1]}
        build._add(event)
    seen, address = [], f"{yard.url}/history"
    while address:
        page = alice.get(address).text
        seen += re.findall(r'<time datetime="[^"]+"', page.split('id="timeline"')[1])
        older = re.search(r'href="([^"]*before=[^"]*)" rel="next"', page)
        address = older.group(1).replace("&amp;", "&") if older else ""
    assert len(seen) == 6


def test_what_happened_to_others_and_elsewhere_is_not_told(
    build: Build, session: Session, alice: FlaskClient, yard: Yard, charlie: FlaskClient
) -> None:
    other = build.vehicle(yard.dealer)
    build.transfer(other, yard.activation, state="ok")
    stranger = build.dealer("Autohaus Dora")
    build._add(AuditEvent(dealer_id=stranger.id, what="vehicle.created", object_id=yard.vehicle.id))
    assert entries(alice, yard) == []
    assert charlie.get(f"{yard.url}/history").status_code == 404


def test_who_sees_one_location_does_not_learn_where_else_it_was_offered(
    build: Build, login: Callable[[User], FlaskClient], yard: Yard
) -> None:
    there = build.activation(
        yard.dealer, customer_number="4712", location_id=build.location(yard.dealer, "M").id
    )
    event = AuditEvent(dealer_id=yard.dealer.id, what="vehicle.published", object_id=yard.vehicle.id)
    event.detail = {"mobile-de 4712": ["nicht freigegeben", "freigegeben"]}
    build._add(event)
    build.transfer(yard.vehicle, there, state="ok")
    build.figures(build.listing(yard.vehicle, there))
    dora = login(build.user("dora", yard.dealer, location_ids=[yard.vehicle.location_id]))
    (entry,) = entries(dora, yard)
    assert "Veröffentlichung geändert" in entry
    assert "4712" not in entry


def test_the_newest_page_is_renewed_by_itself_alone(build: Build, alice: FlaskClient, yard: Yard) -> None:
    build.transfer(yard.vehicle, yard.activation, state="ok", action="create")
    locked(build, yard)
    whole = alice.get(f"{yard.url}/history?show=locks").text
    address = re.search(r'id="timeline" hx-get="([^"]+)"', whole)
    assert address is not None
    part = alice.get(address.group(1)).text.strip()
    assert part.startswith('<div id="timeline"')
    assert part in whole
    assert "Neuanlage" not in part


@pytest.mark.parametrize("asked", ["", "show=changes", "show=transfers", "show=locks", "show=figures"])
def test_it_takes_eight_statements_whichever_page_of_which_part(
    build: Build, alice: FlaskClient, yard: Yard, asked: str
) -> None:
    for _ in range(2):
        build.transfer(yard.vehicle, yard.activation, state="ok")
        build._add(AuditEvent(dealer_id=yard.dealer.id, what="vehicle.changed", object_id=yard.vehicle.id))
    locked(build, yard)
    told_by_day(build, yard, "fair", "good")
    for before in ("", f"&before={uuid4()}"):
        with count_queries() as statements:
            assert alice.get(f"{yard.url}/history?{asked}{before}").status_code == 200
        assert len(statements) <= 8


def test_it_says_what_was_changed_last_also_on_older_pages(
    build: Build, alice: FlaskClient, yard: Yard
) -> None:
    build.transfer(yard.vehicle, yard.activation, state="ok", action="create")
    event = AuditEvent(dealer_id=yard.dealer.id, what="vehicle.changed", object_id=yard.vehicle.id)
    event.detail = {"mileage": [1, 2]}
    build._add(event)
    older = alice.get(f"{yard.url}/history?before={UUID(int=1)}").text
    assert "Hier steht noch nichts" in older
    assert "Zuletzt geändert" in older


@pytest.mark.parametrize("tab", ["", "/publication", "/figures", "/history", "/facts"])
def test_every_tab_says_what_was_changed_last(build: Build, alice: FlaskClient, yard: Yard, tab: str) -> None:
    assert "Zuletzt geändert" not in alice.get(f"{yard.url}{tab}").text
    event = AuditEvent(dealer_id=yard.dealer.id, what="vehicle.changed", object_id=yard.vehicle.id)
    event.detail = {"mileage": [1, 2]}
    build._add(event)
    assert re.search(r"Zuletzt geändert.*?Kilometerstand", alice.get(f"{yard.url}{tab}").text, re.DOTALL)


def test_it_takes_as_many_queries_however_much_happened(build: Build, alice: FlaskClient, yard: Yard) -> None:
    alice.get(f"{yard.url}/history")
    with count_queries() as few:
        alice.get(f"{yard.url}/history")
    for _ in range(5):
        build.transfer(yard.vehicle, yard.activation, state="ok")
        build._add(AuditEvent(dealer_id=yard.dealer.id, what="vehicle.changed", object_id=yard.vehicle.id))
    told_by_day(build, yard, "fair", "good", "fair")
    with count_queries() as many:
        alice.get(f"{yard.url}/history")
    assert len(many) == len(few)
