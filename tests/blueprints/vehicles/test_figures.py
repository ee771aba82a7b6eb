"""The tab about how the listings do, and what the list tells of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.calendar import today
from portal.messages import say
from portal.models import Listing, ListingDay, User, Vehicle
from portal.models.exports import ListingState
from portal.platforms.contract import PriceLabel, PriceRange, PriceRating
from tests.blueprints.vehicles.conftest import Yard
from tests.builders import Build
from tests.conftest import as_htmx

TODAY = today()
FAIR = PriceRating(
    PriceLabel.FAIR,
    Decimal(9_990),
    Decimal(10_000),
    (
        PriceRange(PriceLabel.GOOD, Decimal(9_001), Decimal(9_700)),
        PriceRange(PriceLabel.FAIR, Decimal(9_701), None),
    ),
)


def told(
    build: Build,
    yard: Yard,
    rating: PriceRating | None = FAIR,
    vehicle: Vehicle | None = None,
    **listing: Any,
) -> Listing:
    """A listing online of which the platform has told."""
    rated = {"price_label": rating.label, "price_rating": rating.as_json()} if rating else {}
    return build.listing(vehicle or yard.vehicle, yard.activation, **rated, **listing)


def day(session: Session, listing: Listing, back: int, **counts: Any) -> None:
    plausible: dict[str, Any] = {"price": Decimal(9_990), "price_label": listing.price_label}
    session.add(ListingDay(listing_id=listing.id, day=TODAY - timedelta(days=back), **(plausible | counts)))
    session.commit()


def test_it_says_how_much_is_missing_for_the_better_label(
    build: Build, session: Session, yard: Yard, alice: FlaskClient
) -> None:
    day(session, told(build, yard), 0, views=40)
    page = alice.get(yard.url + "/figures").text
    assert "Fairer Preis" in page
    words = "Ähnliche Fahrzeuge kosten um 10.000 €. Noch 290 € weniger, und der Preis gilt als „Guter Preis“."
    assert words in " ".join(page.split())


def test_it_shows_the_days_with_what_came_since_the_day_before(
    build: Build, session: Session, yard: Yard, alice: FlaskClient
) -> None:
    listing = told(build, yard)
    for back, views in ((0, 1_240), (1, 1_200), (2, 1_200)):
        day(session, listing, back, views=views, parkings=3)
    page = " ".join(alice.get(yard.url + "/figures").text.split())
    assert '1.240 <span class="text-secondary">+40</span>' in page
    assert "+0" not in page
    assert "Gemerkt" in page
    assert "Anrufe" not in page, "what the platform does not tell has no column"


def test_a_counter_that_began_anew_gains_nothing(
    build: Build, session: Session, yard: Yard, alice: FlaskClient
) -> None:
    listing = told(build, yard)
    day(session, listing, 0, views=5)
    day(session, listing, 1, views=900)
    page = alice.get(yard.url + "/figures").text
    assert "+5" not in page
    assert "-895" not in page


def test_why_there_is_no_label_is_said(
    build: Build, session: Session, yard: Yard, alice: FlaskClient
) -> None:
    none = PriceRating(PriceLabel.NONE, reason=say("mobile.de bewertet nur Preise von Pkw."))
    day(session, told(build, yard, none), 0, views=1)
    page = alice.get(yard.url + "/figures").text
    assert "mobile.de bewertet nur Preise von Pkw." in page
    assert "Noch" not in page


def test_before_the_first_figures_it_says_when_they_come(yard: Yard, alice: FlaskClient) -> None:
    assert "Noch keine Zahlen" in alice.get(yard.url + "/figures").text


def test_where_no_platform_tells_it_says_so(session: Session, yard: Yard, alice: FlaskClient) -> None:
    yard.activation.app = "autoscout24-ch"
    session.commit()
    assert "Keine Plattform nennt hier Zahlen" in alice.get(yard.url + "/figures").text


def test_our_own_hints_lead_to_the_field(yard: Yard, alice: FlaskClient) -> None:
    page = alice.get(yard.url + "/figures").text
    assert "0 von mindestens 10 Bildern" in page
    assert f'href="{yard.url}#field-description"' in page


@pytest.mark.parametrize("tells", [True, False])
def test_the_list_tells_and_filters_where_a_platform_tells(
    build: Build, session: Session, yard: Yard, alice: FlaskClient, tells: bool
) -> None:
    day(session, told(build, yard), 0, views=1_240)
    if not tells:
        yard.activation.app = "autoscout24-ch"
        session.commit()
    page = alice.get("/vehicles").text
    assert ("1.240× gesehen" in page) == tells
    assert ('name="price_label"' in page) == tells


def test_the_list_is_filtered_by_the_label_of_what_is_online(
    build: Build, session: Session, yard: Yard, alice: FlaskClient
) -> None:
    day(session, told(build, yard), 0, views=1)
    dear, gone = build.vehicle(yard.dealer), build.vehicle(yard.dealer)
    high = PriceRating(PriceLabel.HIGH)
    told(build, yard, high, dear)
    told(build, yard, high, gone, state=ListingState.ABSENT)
    page = alice.get("/vehicles?price_label=high").text
    assert dear.offer_number in page
    assert gone.offer_number not in page
    assert yard.vehicle.offer_number not in page


def test_an_unknown_label_filters_nothing(yard: Yard, alice: FlaskClient) -> None:
    assert yard.vehicle.offer_number in alice.get("/vehicles?price_label=free").text


def test_a_price_can_be_rated_before_the_vehicle_is_online(yard: Yard, alice: FlaskClient) -> None:
    page = alice.get(yard.url + "/figures").text
    assert "Preis bewerten lassen" in page
    path = f"/vehicles/{yard.vehicle.id}/rating/{yard.activation.id}"
    part = alice.post(path, headers=as_htmx()).text
    assert "antwortet zurzeit nicht" in part, "nobody listens there"
    assert "<html" not in part
    assert "antwortet zurzeit nicht" in alice.post(path).text


def test_what_is_online_has_its_rating_by_the_day(build: Build, yard: Yard, alice: FlaskClient) -> None:
    build.listing(yard.vehicle, yard.activation)
    assert "Preis bewerten lassen" not in alice.get(yard.url + "/figures").text


def test_colleagues_without_the_right_and_strangers_ask_nobody(
    build: Build, yard: Yard, login: Callable[[User], FlaskClient]
) -> None:
    path = f"/vehicles/{yard.vehicle.id}/rating/{yard.activation.id}"
    bob, charlie = login(build.bob(yard.dealer)), login(build.charlie())
    assert "Preis bewerten lassen" not in bob.get(yard.url + "/figures").text
    assert bob.post(path).status_code == 403
    assert charlie.post(path).status_code == 404


def test_an_app_that_rates_nothing_is_not_asked(build: Build, yard: Yard, alice: FlaskClient) -> None:
    other = build.activation(yard.dealer, app="autoscout24-ch", customer_number="4601")
    assert alice.post(f"/vehicles/{yard.vehicle.id}/rating/{other.id}").status_code == 404
