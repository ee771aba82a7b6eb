"""What a dealer saves is at the platform soon; what is not changed is not sent."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.models import Activation, Vehicle
from tests.browser.conftest import jpeg
from tests.browser.house import House, activate, save, saved
from tests.waiting import until

pytestmark = pytest.mark.browser
WRITES = ("create", "update", "delete")


@pytest.fixture
def car(house: House, page: Page) -> Vehicle:
    """A vehicle that is online; its form is open and the marketplace's log is empty of writes before it."""
    car = house.vehicle()
    activate(page, 1)
    page.goto(f"/vehicles/{car.id}")
    return car


def only_activation(house: House) -> Activation:
    rows = house.build.session
    rows.expire_all()
    return rows.scalars(select(Activation).where(Activation.dealer_id == house.dealer.id)).one()


def ad(house: House, car: Vehicle) -> dict[str, Any]:
    return house.market.online().get(car.offer_number, {})


def test_a_new_price_is_at_the_platform(page: Page, house: House, car: Vehicle) -> None:
    page.get_by_label("Verkaufspreis").fill("11.490")
    save(page)
    saved(page)
    until(lambda: float(ad(house, car)["price"]["consumerPriceGross"]) == 11490)
    assert len(house.market.requests("update")) == 1
    expect(page.locator("#standing")).to_contain_text("An mobile.de übertragen")


def test_a_new_text_is_at_the_platform(page: Page, house: House, car: Vehicle) -> None:
    page.get_by_label("Beschreibung", exact=True).fill("Scheckheftgepflegt, aus erster Hand.")
    save(page)
    saved(page)
    until(lambda: "aus erster Hand" in ad(house, car).get("description", ""))


def test_a_new_picture_is_at_the_platform_and_in_the_listing(page: Page, house: House, car: Vehicle) -> None:
    file = {"name": "vorn.jpg", "mimeType": "image/jpeg", "buffer": jpeg("teal")}
    page.get_by_label("Bilder hinzufügen").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Hochladen").click()
    expect(page.get_by_role("img", name="Bild 1")).to_be_visible()
    until(lambda: len(ad(house, car).get("images", ())) == 1)


def test_a_withdrawn_release_deletes_the_listing(page: Page, house: House, car: Vehicle) -> None:
    neighbour = house.build.listing(house.vehicle(), only_activation(house))  # the last one would lock
    assert neighbour
    page.get_by_role("link", name="Veröffentlichung").click()
    page.get_by_label("Für diese Plattform freigeben").uncheck()
    save(page)
    expect(page.get_by_text("Die Veröffentlichung ist gespeichert.")).to_be_visible()
    until(lambda: house.market.online() == {})
    page.reload()
    expect(page.locator("#standing")).not_to_contain_text("Inserat ansehen")


def test_saving_without_a_change_sends_nothing(page: Page, house: House, car: Vehicle) -> None:
    """The later price proves that the worker had its turn."""
    save(page)
    expect(page.get_by_text("Es war nichts zu ändern")).to_be_visible()
    page.get_by_label("Verkaufspreis").fill("10.000")
    save(page)
    until(lambda: float(ad(house, car)["price"]["consumerPriceGross"]) == 10000)
    assert [row["kind"] for row in house.market.requests(*WRITES)] == ["create", "update"]


def test_of_five_quick_savings_the_last_one_counts(page: Page, house: House, car: Vehicle) -> None:
    for price in (12000, 11800, 11600, 11400, 11200):
        page.get_by_label("Verkaufspreis").fill(str(price))
        save(page)
        saved(page)
        expect(page.get_by_label("Verkaufspreis")).to_have_value(
            re.compile(rf"{price // 1000}\.?{price % 1000:03}")
        )
    until(lambda: float(ad(house, car)["price"]["consumerPriceGross"]) == 11200)
    assert 1 <= len(house.market.requests("update")) <= 5
    assert len(house.market.generations()) == 1
