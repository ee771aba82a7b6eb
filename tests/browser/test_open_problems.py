"""Handlungsbedarf: a group leads to exactly its vehicles."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import House, activate

pytestmark = pytest.mark.browser


def test_a_group_leads_to_exactly_its_vehicles(page: Page, house: House) -> None:
    house.vehicle()
    nameless = {house.vehicle(make="").offer_number for _ in range(2)}
    house.vehicle(power=None)
    activate(page, 1, of=4)
    page.get_by_role("link", name="Handlungsbedarf").first.click()
    group = page.locator("li.card", has_text="2 Fahrzeuge: Marke fehlt")
    group.get_by_role("link", name="Fahrzeuge zeigen").click()
    numbers = page.locator(".vehicle-name .text-secondary")
    expect(numbers).to_have_count(2)
    assert {text.split(" · ")[0] for text in numbers.all_inner_texts()} == nameless
