"""The preview: the engine's planning over what stands in the form, with nothing sent or written."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID
from weakref import WeakValueDictionary

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.exports.dispatch import preview as previewing
from portal.exports.dispatch.preview import VEHICLES_OF_EACH_KIND, Preview, preview
from portal.exports.planning.cases import Release
from portal.exports.planning.plan import PlanStep
from portal.models import Activation, Dealer, User
from portal.models.exports import ActivationState
from portal.platforms.contract import Feedback, Prepared, Rules, Subject
from portal.vehicle_facts.data import Kind
from tests.blueprints.conftest import LINKED, Market
from tests.blueprints.store.test_activate import filled
from tests.builders import Build
from tests.conftest import as_htmx
from tests.test_url_map import everything
from tests.words import german

Login = Callable[[User], FlaskClient]
PREVIEW = "/appstore/mobile-de/preview"


def counts(page: str) -> dict[str, int]:
    """{"neu": 3, …} as the page says it."""
    listed = page.split('class="counts"')[1].split("</ul>")[0]
    return {
        word.split(" (")[0].strip(): int(n)
        for n, word in re.findall(r"<strong>(\d+)</strong> ([^<]+)", listed)
    }


def test_before_the_activation_it_shows_what_would_be_new(
    alice: FlaskClient, market: Market, build: Build, alices: Dealer, session: Session
) -> None:
    build.vehicle(alices)
    build.vehicle(alices)
    build.vehicle(alices, kind=Kind.NEW, first_registration=None, mileage=10)
    build.vehicle(alices, online=False)
    before = everything(session)
    page = alice.post(PREVIEW, data=filled(), headers=as_htmx()).text
    assert counts(page) == {"neu": 2, "geändert": 0, "gelöscht": 0, "unverändert": 1, "nicht gesendet": 1}
    assert everything(session) | {"reference_list": ""} == before | {"reference_list": ""}
    assert not market.ads()


def test_it_follows_the_kinds_that_are_ticked(
    alice: FlaskClient, market: Market, build: Build, alices: Dealer
) -> None:
    build.vehicle(alices)
    form = filled()
    del form["kinds-used"]
    page = alice.post(PREVIEW, data=form, headers=as_htmx()).text
    assert sum(counts(page).values()) == 0
    assert "kein Fahrzeug freigegeben" in page


def test_it_names_the_reasons_and_their_vehicles(
    alice: FlaskClient, market: Market, build: Build, alices: Dealer
) -> None:
    vehicle = build.vehicle(alices, make="Hanomag-Nirgends")
    page = alice.post(PREVIEW, data=filled(), headers=as_htmx()).text
    assert counts(page)["nicht gesendet"] == 1
    assert vehicle.offer_number in page
    assert "Marke" in page


def test_without_a_number_or_an_answer_it_says_what_it_can(
    alice: FlaskClient, market: Market, build: Build, alices: Dealer
) -> None:
    build.vehicle(alices)
    assert counts(alice.post(PREVIEW, data=filled(""), headers=as_htmx()).text)["neu"] == 1


def test_it_says_when_the_platform_cannot_be_reached(
    alice: FlaskClient, build: Build, alices: Dealer
) -> None:
    build.vehicle(alices)
    answer = alice.post(PREVIEW, data=filled(), headers=as_htmx())
    assert answer.status_code == 200
    assert "keine Vorschau möglich" in answer.text


def test_without_script_the_page_comes_back_with_it(
    alice: FlaskClient, market: Market, build: Build, alices: Dealer
) -> None:
    build.vehicle(alices)
    page = alice.post("/appstore/mobile-de/preview", data=filled(number_format="vin"))
    assert page.status_code == 200
    assert counts(page.text)["neu"] == 1
    assert 'value="vin" checked' in page.text


def test_an_activation_that_starts_again_counts_its_listings(
    alice: FlaskClient, market: Market, build: Build, alices: Dealer
) -> None:
    former = build.activation(alices, state=ActivationState.DEACTIVATED, customer_number=LINKED)
    build.listing(build.vehicle(alices), former, sent_hash="old")
    build.listing(build.vehicle(alices, sold=True), former)
    build.vehicle(alices)
    shown = counts(alice.post(PREVIEW, data=filled(), headers=as_htmx()).text)
    assert shown == {"neu": 1, "geändert": 1, "gelöscht": 1, "unverändert": 0, "nicht gesendet": 0}


class Plain:
    """A mapper that blocks vehicles without a colour and sends the price."""

    def __call__(self, subject: Subject) -> Prepared:
        missing = (Feedback("colour", "Farbe fehlt."),) if not subject.vehicle.colour else ()
        return Prepared({"price": str(subject.vehicle.prices.selling)}, problems=missing)


def test_changes_show_the_fields_that_differ(build: Build, session: Session, app: Flask) -> None:
    dealer = build.dealer()
    activation = build.activation(dealer)
    vehicle = build.vehicle(dealer, colour="Rot")
    build.release(vehicle, activation)
    build.listing(vehicle, activation, sent_hash="x", sent_payload={"price": "11990"})
    shown = _plain(session, activation, [vehicle.id])
    (entry,) = shown.entries[PlanStep.UPDATE]
    assert tuple(map(german, entry.notes)) == ("Preis: 11990 → 12990",)


def test_all_are_counted_and_the_first_are_listed(build: Build, session: Session, app: Flask) -> None:
    dealer = build.dealer()
    activation = build.activation(dealer)
    ids = [build.vehicle(dealer).id for _ in range(VEHICLES_OF_EACH_KIND + 2)]
    shown = _plain(session, activation, ids)
    assert shown.blocked == (("Farbe fehlt.", VEHICLES_OF_EACH_KIND + 2),)
    assert shown.blocked_vehicles == VEHICLES_OF_EACH_KIND + 2
    assert len(shown.entries[PlanStep.BLOCKED]) == VEHICLES_OF_EACH_KIND


class Payload(dict[str, str]):
    """A payload that can be watched."""


class Watched:
    """Notes how many payloads are alive whenever one more is made."""

    def __init__(self) -> None:
        self.alive: WeakValueDictionary[int, Payload] = WeakValueDictionary()
        self.counts: list[int] = []

    def __call__(self, subject: Subject) -> Prepared:
        payload = Payload(price=str(subject.vehicle.prices.selling))
        self.alive[len(self.counts)] = payload
        self.counts.append(len(self.alive))
        return Prepared(payload)


def test_no_payload_is_kept_beyond_what_its_chunk_shows(
    build: Build, session: Session, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previewing, "VEHICLES_PER_CHUNK", 8)
    monkeypatch.setattr(previewing, "VEHICLES_OF_EACH_KIND", 3)
    dealer = build.dealer()
    activation, watched = build.activation(dealer), Watched()
    vehicles = [build.vehicle(dealer) for _ in range(40)]
    for vehicle in vehicles[::2]:
        build.listing(vehicle, activation, sent_hash="x", sent_payload={"price": "11990"})
    releases = {vehicle.id: Release(released=True) for vehicle in vehicles}
    shown = preview(session, activation, watched, Rules(), {"price": "Preis"}, releases)
    assert (shown.create, shown.update, len(watched.counts)) == (20, 20, 40)
    assert [len(entries) for entries in shown.entries.values()] == [3, 3]
    kinds, new = 2, 1
    assert max(watched.counts) == kinds * 3 + new
    assert max(watched.counts[8:]) == new
    assert not watched.alive


def _plain(session: Session, activation: Activation, ids: list[UUID]) -> Preview:
    releases = {key: Release(released=True) for key in ids}
    return preview(session, activation, Plain(), Rules(), {"price": "Preis"}, releases)
