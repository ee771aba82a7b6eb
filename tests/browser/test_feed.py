"""A feed from its activation to the catalogue that has fetched it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from portal.vehicle_facts.data import Energy
from tests.browser.conftest import picture
from tests.browser.house import House

pytestmark = pytest.mark.browser
NUMBER = "123456789"


def test_from_the_activation_to_what_google_has_read(page: Page, house: House, rows: Session) -> None:
    cars = [
        house.vehicle(vin=f"WVWZZZ1KZAW00000{place}", colour="Silber", energy=Energy(co2=123))
        for place in range(2)
    ]
    incomplete = house.vehicle(vin="WVWZZZ1KZAW000009", colour="Silber", energy=Energy())
    for car in (*cars, incomplete):
        picture(rows, car, "teal")
    house.build.bind(house.dealer, NUMBER, "google-vehicle-ads")
    page.goto("/appstore/google-vehicle-ads/activate")
    page.fill("#customer_number", NUMBER)
    page.fill("#store_code", "HH-1")
    page.fill("#vehicle_url", "https://www.autohaus.example/fahrzeuge/{number}")
    page.get_by_role("button", name="Speichern und aktivieren").click()
    page.wait_for_url("**/apps/*")
    expect(page.locator("#runs tbody tr").first).to_contain_text("teilweise")
    page.get_by_role("button", name="Adresse für den Abruf anzeigen").click()
    address = page.locator(".content .copy code").inner_text()

    told = house.market.fetch_feed("google-vehicle-ads", address, "pictures")
    assert (told["accepted"], told["rejected"]) == (2, 0)
    page.goto(f"{house.market.url}/kataloge/{told['feed']}")
    for car in cars:
        expect(page.locator("tbody tr").filter(has_text=car.offer_number)).to_contain_text("übernommen")
    expect(page.get_by_text(incomplete.offer_number)).to_have_count(0)
