"""A message takes back what was just done: a price, a release, a pair."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.models import Vehicle
from tests.browser.house import House, activate, save, saved
from tests.browser.watch import axe
from tests.waiting import until

pytestmark = pytest.mark.browser


def take_back(page: Page) -> None:
    page.get_by_role("button", name="Rückgängig").click()


def price_there(house: House, vehicle: Vehicle) -> Any:
    return house.market.online()[vehicle.offer_number]["price"]["consumerPriceGross"]


def test_a_price_goes_back_here_and_on_the_platform(page: Page, house: House) -> None:
    house.vehicle()
    car = house.vehicle()
    activate(page, 2)
    before = price_there(house, car)
    page.goto(f"/vehicles/{car.id}")
    price = page.get_by_label("Verkaufspreis")
    shown = price.input_value()
    price.fill("9.990")
    save(page)
    saved(page)
    until(lambda: price_there(house, car) != before)
    assert axe(page) == []
    take_back(page)
    expect(page.get_by_text("Die Änderungen sind zurückgenommen.")).to_be_visible()
    expect(price).to_have_value(shown)
    until(lambda: price_there(house, car) == before)


def test_a_release_that_was_taken_back_comes_again(page: Page, house: House) -> None:
    for _ in range(2):
        car = house.vehicle()
    activate(page, 2)
    page.goto(f"/vehicles/{car.id}/publication")
    released = page.get_by_label("Für diese Plattform freigeben")
    released.uncheck()
    save(page)
    expect(page.get_by_text("Die Veröffentlichung ist gespeichert.")).to_be_visible()
    expect(released).not_to_be_checked()
    take_back(page)
    expect(page.get_by_text("Die Veröffentlichung ist wieder wie vorher.")).to_be_visible()
    expect(released).to_be_checked()
    until(lambda: car.offer_number in house.market.online())


def test_vehicles_of_the_list_are_switched_back(page: Page, house: House) -> None:
    car = house.vehicle(online=False)
    page.goto("/vehicles")
    page.get_by_label(f"{car.offer_number} auswählen").check()
    page.get_by_role("button", name="1 freigeben").click()
    expect(page.get_by_text("1 Fahrzeug freigegeben.")).to_be_visible()
    take_back(page)
    expect(page.get_by_text("Freigabe von 1 Fahrzeug zurückgenommen.")).to_be_visible()
