"""The tab Veröffentlichung, bulk release, change of location, leaving the stock."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import Vehicle
from portal.platforms import APPS
from portal.vehicles.publication import Choice, choices_of
from tests.blueprints.vehicles.conftest import Yard, version, waiting
from tests.builders import Build, fresh
from tests.words import german


def publish(client: FlaskClient, yard: Yard, **typed: Any) -> Any:
    url = yard.url + "/publication"
    return client.post(url, data={"version": version(client, url), "online": "yes"} | typed)


def choice(session: Session, yard: Yard) -> Choice:
    session.expire_all()
    return choices_of(session, yard.vehicle)[yard.activation.id]


def test_release_price_and_bookings_are_saved_together(
    session: Session, yard: Yard, alice: FlaskClient
) -> None:
    key = yard.activation.id
    yard.activation.settings = {"bookings": "vehicle"}
    session.commit()
    code = first_booking(alice, yard)
    typed = {f"released-{key}": "yes", f"price-{key}": "9.999,50", f"bookings-{key}": [code, "forged"]}
    assert publish(alice, yard, **typed).status_code == 303
    assert choice(session, yard) == Choice(True, Decimal("9999.50"), (code,))
    assert len(waiting(session)) == 1


def first_booking(client: FlaskClient, yard: Yard) -> str:
    page = client.get(yard.url + "/publication").text
    return page.split(f'name="bookings-{yard.activation.id}" value="')[1].split('"')[0]


def test_bookings_that_are_not_transferred_are_hidden_and_kept(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    car = build.vehicle(yard.dealer)
    build.release(car, yard.activation, bookings=["eye_catcher"])
    url = f"/vehicles/{car.id}/publication"
    assert "Zusatzbuchungen</legend>" not in alice.get(url).text
    alice.post(url, data={"version": version(alice, url), f"released-{yard.activation.id}": "yes"})
    assert choices_of(session, car)[yard.activation.id].bookings == ("eye_catcher",)


def test_own_prices_only_where_the_dealer_wants_them(
    session: Session, yard: Yard, alice: FlaskClient
) -> None:
    yard.dealer.platform_prices = False
    session.commit()
    key = yard.activation.id
    assert "Eigener Preis" not in alice.get(yard.url + "/publication").text
    publish(alice, yard, **{f"released-{key}": "yes", f"price-{key}": "1"})
    assert choice(session, yard).price is None


def test_taking_the_release_back_notes_a_transfer(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    build.listing(yard.vehicle, yard.activation)
    assert "wird das bestehende Inserat gelöscht" in alice.get(yard.url + "/publication").text
    publish(alice, yard)
    assert not choice(session, yard).released
    assert len(waiting(session)) == 1


def test_nothing_changed_sends_nothing(session: Session, yard: Yard, alice: FlaskClient) -> None:
    publish(alice, yard, **{f"released-{yard.activation.id}": "yes"})
    assert waiting(session) == []
    assert "Es war nichts zu ändern." in alice.get(yard.url).text


@pytest.mark.parametrize("price", ["billig", "-1", "0", "1,234", "999999999999"])
def test_a_wrong_price_is_refused_and_shown_again(
    session: Session, yard: Yard, alice: FlaskClient, price: str
) -> None:
    key = yard.activation.id
    response = publish(alice, yard, **{f"released-{key}": "yes", f"price-{key}": price})
    assert response.status_code == 422
    assert f'href="#price-{key}"' in response.text
    assert f'value="{price}"' in response.text
    assert waiting(session) == []


def test_a_second_person_overwrites_nothing(session: Session, yard: Yard, alice: FlaskClient) -> None:
    stale = version(alice, yard.url + "/publication")
    publish(alice, yard)
    response = alice.post(
        yard.url + "/publication",
        data={"version": stale, "online": "yes", f"released-{yard.activation.id}": "yes"},
    )
    assert response.status_code == 409
    assert "inzwischen geändert" in response.text
    assert not choice(session, yard).released


# Bulk


def bulk(client: FlaskClient, verb: str, **data: Any) -> Any:
    return client.post(f"/vehicles/{verb}", data=data)


def online(session: Session, dealer_id: Any) -> int:
    session.expire_all()
    return session.scalar(select(func.count()).where(Vehicle.dealer_id == dealer_id, Vehicle.online)) or 0


def test_picked_vehicles_are_released_at_once(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    cars = [build.vehicle(yard.dealer, online=False) for _ in range(3)]
    response = bulk(alice, "release", vehicle=[str(car.id) for car in cars[:2]])
    assert response.status_code == 303
    assert "2 Fahrzeuge freigegeben." in alice.get("/vehicles").text
    assert online(session, yard.dealer.id) == 3


def test_taking_back_asks_when_listings_would_go(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    build.listing(yard.vehicle, yard.activation)
    data = {"vehicle": str(yard.vehicle.id)}
    asked = bulk(alice, "take-back", **data)
    assert asked.status_code == 200
    assert "1 Inserat wird auf der Plattform gelöscht." in asked.text
    assert online(session, yard.dealer.id) == 1
    assert bulk(alice, "take-back", **data, confirmed="1").status_code == 303
    assert online(session, yard.dealer.id) == 0
    assert len(waiting(session)) == 1


def test_all_that_match_are_changed_after_a_look_at_the_number(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    for _ in range(60):
        session.add(
            Vehicle(
                dealer_id=yard.dealer.id,
                location_id=yard.vehicle.location_id,
                data=yard.vehicle.data | {"make": "Opel", "offer_number": f"O{_:03}"},
                online=False,
            )
        )
    session.commit()
    data = {"scope": "all", "q": "opel"}
    asked = bulk(alice, "release", **data)
    assert "60 Fahrzeuge freigeben" in asked.text
    assert online(session, yard.dealer.id) == 1
    assert bulk(alice, "release", **data, confirmed="59").status_code == 200
    assert bulk(alice, "release", **data, confirmed="60").location == "/vehicles?q=opel"
    assert online(session, yard.dealer.id) == 61


def test_a_page_holds_no_more_than_a_page(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    cars = [
        Vehicle(
            dealer_id=yard.dealer.id,
            location_id=yard.vehicle.location_id,
            data=yard.vehicle.data | {"offer_number": f"P{number}"},
            online=False,
        )
        for number in range(60)
    ]
    session.add_all(cars)
    session.commit()
    bulk(alice, "release", scope="page", shown=[str(car.id) for car in cars])
    assert online(session, yard.dealer.id) == 51


def test_nonsense_is_refused(alice: FlaskClient) -> None:
    assert bulk(alice, "release", vehicle="x").status_code == 400


def test_nothing_picked_says_so(alice: FlaskClient) -> None:
    assert bulk(alice, "release").status_code == 303
    assert "Bitte wählen Sie zuerst Fahrzeuge aus." in alice.get("/vehicles").text


@pytest.mark.parametrize(("who", "status"), [("bob", 403), ("charlie", 303), ("sam", 403)])
def test_others_release_nothing(session: Session, yard: Yard, who: str, status: int, request: Any) -> None:
    client: FlaskClient = request.getfixturevalue(who)
    data = {"vehicle": str(yard.vehicle.id), "confirmed": "1"}
    assert bulk(client, "take-back", **data).status_code == status
    assert bulk(client, "take-back", scope="all", confirmed="1").status_code == status
    assert online(session, yard.dealer.id) == 1
    assert waiting(session) == []


# The plan


def test_a_full_plan_refuses_a_release_beside_the_field(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    yard.dealer.max_exported_vehicles = 1
    car = build.vehicle(yard.dealer, online=False)
    page = f"/vehicles/{car.id}/publication"
    data = {"version": version(alice, page), "online": "yes", f"released-{yard.activation.id}": "yes"}
    refused = alice.post(page, data=data)
    assert refused.status_code == 422
    assert "Ihr Tarif enthält 1 exportierte Fahrzeuge, frei sind noch 0." in refused.text
    assert not fresh(session, Vehicle, car.id).online
    own = f"{yard.url}/publication"
    data = {"version": version(alice, own), "online": "yes", f"released-{yard.activation.id}": "yes"}
    assert alice.post(own, data=data | {f"price-{yard.activation.id}": "9.990"}).status_code == 303


def test_a_full_plan_refuses_a_bulk_release_as_a_whole(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    yard.dealer.max_exported_vehicles = 2
    cars = [build.vehicle(yard.dealer, online=False) for _ in range(2)]
    for car in cars:
        build.release(car, yard.activation)
    bulk(alice, "release", vehicle=[str(car.id) for car in cars])
    assert "frei sind noch 1." in alice.get("/vehicles").text
    assert online(session, yard.dealer.id) == 1
    bulk(alice, "release", vehicle=str(cars[0].id))
    assert online(session, yard.dealer.id) == 2


# Leaving


def test_the_page_names_the_listings_that_will_be_deleted(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    listing = build.listing(yard.vehicle, yard.activation, url="https://example.org/1")
    page = alice.get(yard.url + "/withdraw").text
    assert "Aus dem Bestand nehmen und 1 Inserat löschen" in page
    assert str(listing.listing_id) in page
    assert alice.post(yard.url + "/withdraw").location == "/vehicles"
    assert fresh(session, Vehicle, yard.vehicle.id).withdrawn_at is not None
    assert len(waiting(session)) == 1
    assert alice.post(yard.url + "/withdraw").status_code == 404


def test_a_change_of_location_warns_of_costs(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    build.listing(yard.vehicle, yard.activation)
    kiel = build.location(yard.dealer, "KI")
    notice = german(APPS["mobile-de"].cost_notice)
    new = build.activation(yard.dealer, location_id=kiel.id, customer_number="4711777")
    assert "Kein neues Inserat" in alice.get(yard.url + "/location").text
    new.settings = {"kinds": {"used": 0}}
    session.commit()
    before, _, there = alice.get(yard.url + "/location").text.partition("Am Standort Filiale KI (KI)")
    assert "1 Inserat wird gelöscht:" in before
    assert yard.activation.customer_number in before
    assert "1 Inserat wird neu eingestellt. Das kann Kosten verursachen:" in there
    assert "4711777" in there
    assert before.count(notice) == there.count(notice) == 1
    assert alice.post(yard.url + "/location", data={"location": str(kiel.id)}).status_code == 303
    assert fresh(session, Vehicle, yard.vehicle.id).location_id == kiel.id
    assert "anderen Standort" in alice.get(yard.url).text
    assert len(waiting(session)) == 2
    history = alice.get(yard.url + "/history").text
    assert "4711777" in history
    assert yard.activation.customer_number in history


def test_no_move_to_where_the_number_is_taken_or_to_a_stranger(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    kiel = build.location(yard.dealer, "KI")
    build.vehicle(yard.dealer, offer_number=yard.vehicle.offer_number + "x").location_id = kiel.id
    other = Vehicle(dealer_id=yard.dealer.id, location_id=kiel.id, data=yard.vehicle.data, online=True)
    session.add(other)
    stranger = build.dealer("Autohaus Charlie").locations[0]
    url = yard.url + "/location"
    assert alice.post(url, data={"location": str(kiel.id)}).status_code == 422
    assert alice.post(url, data={"location": str(stranger.id)}).status_code == 404
    assert alice.post(url, data={"location": "x"}).status_code == 422
    assert fresh(session, Vehicle, yard.vehicle.id).location_id == yard.activation.location_id


def test_an_extra_that_was_booked_at_the_platform_is_named(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    car = build.vehicle(yard.dealer)
    build.release(car, yard.activation)
    build.listing(car, yard.activation, kept_bookings=["EYE_CATCHER", "RED_PENCIL"])
    page = alice.get(f"/vehicles/{car.id}/publication").text
    assert "Auf der Plattform selbst gebucht: Blickfänger, RED_PENCIL." in page
