"""A vehicle that the platform refuses: the reason in two clicks, the field in one more, then it is right."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from portal.models import Vehicle
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.house import House, activate, save, saved
from tests.browser.watch import axe, sideways
from tests.waiting import until

pytestmark = pytest.mark.browser
REASON = "Kilometerstand: 64500 liegt außerhalb dessen, was mobile.de annimmt."


@pytest.fixture
def refused(house: House, page: Page) -> Vehicle:
    """One of two vehicles, refused once by the platform."""
    house.vehicle()
    car = house.vehicle()
    error = {
        "key": "value-out-of-range",
        "path": "ad.vehicle.mileage",
        "value": "64500",
        "message": "Too far.",
    }
    house.market.fault("reject", "create", internalNumber=car.offer_number, count=1, error=error)
    activate(page, 1, of=2)
    return car


def test_from_the_overview_to_the_reason_in_two_clicks(page: Page, refused: Vehicle) -> None:
    page.goto("/")
    expect(page.locator("main .sentence")).to_contain_text("1 Fahrzeug ist nicht überall")
    page.locator(".app-row").get_by_role("link", name="Übertragungen").click()
    page.locator(".history-open a").first.click()
    expect(page.locator("#history").get_by_text(REASON).last).to_be_visible()
    expect(page.locator("#history")).to_contain_text("Too far.")
    expect(page.locator("#history")).to_contain_text("HTTP 400")


def test_from_the_refusal_over_the_field_to_the_listing(page: Page, house: House, refused: Vehicle) -> None:
    page.goto("/apps")
    page.get_by_role("link", name="Details").click()
    row = page.locator("tbody", has_text=refused.offer_number)
    expect(row).to_contain_text("abgelehnt")
    row.locator(".history-open a").click()
    expect(page.get_by_role("link", name="Feld öffnen")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("link", name="Feld öffnen").click()
    page.wait_for_url(f"**/vehicles/{refused.id}#field-mileage")
    expect(page.locator("#standing")).to_contain_text(REASON)
    expect(page.get_by_label("Kilometerstand")).to_be_in_viewport()
    page.get_by_label("Kilometerstand").fill("64.000")
    save(page)
    saved(page)
    until(lambda: refused.offer_number in house.market.online())
    expect(page.locator("#standing")).to_contain_text("Inserat ansehen")
    page.goto("/problems")
    expect(page.get_by_text("Kein Handlungsbedarf")).to_be_visible()


def test_what_was_refused_by_mistake_can_be_sent_again(page: Page, house: House, refused: Vehicle) -> None:
    page.goto("/problems")
    expect(page.get_by_role("heading", name=f"1 Fahrzeug: {REASON}")).to_be_visible()
    page.get_by_role("link", name="Fahrzeuge zeigen").click()
    page.get_by_role("button", name="Erneut senden", exact=True).click()
    expect(page.get_by_text("1 Fahrzeug wird erneut gesendet.")).to_be_visible()
    until(lambda: len(house.market.online()) == 2)


def test_what_is_online_and_what_is_wanted_stand_side_by_side(page: Page, house: House) -> None:
    house.vehicle()
    car = house.vehicle(mileage=64_500)
    activate(page, 2)
    error = {"key": "duplicate-ad", "message": "Duplicate ad."}
    house.market.fault("reject", "update", internalNumber=car.offer_number, error=error)
    page.goto(f"/vehicles/{car.id}")
    page.get_by_label("Kilometerstand").fill("71.000")
    save(page)
    saved(page)
    row = page.locator("#standing tbody tr")
    expect(row).to_have_text(re.compile(r"Kilometerstand\s*64\.500 km\s*71\.000 km"))
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        assert axe(page) == []
        assert sideways(page) <= 0
    page.goto("/vehicles")
    page.get_by_label("Stand", exact=True).select_option("online mit altem Stand")
    expect(page.locator(".vehicles tbody tr")).to_have_count(1)
    expect(page.locator(".vehicles tbody tr")).to_contain_text(car.offer_number)
