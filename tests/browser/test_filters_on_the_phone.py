"""On the phone filters stand behind one button that says how many narrow; without script they are there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.browser.house import House
from tests.browser.watch import axe, sideways

pytestmark = pytest.mark.browser


def test_filters_open_by_a_button_with_their_count(page: Page, house: House) -> None:
    used, new = house.vehicle(), house.vehicle(kind="new")
    page.set_viewport_size(PHONE)
    page.goto("/vehicles")
    kind, button = page.get_by_label("Fahrzeugart"), page.get_by_role("button", name="Filter")
    expect(kind).to_be_hidden()
    expect(page.get_by_label("Suche", exact=True)).to_be_visible()
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    kind.select_option("new")
    expect(page.locator("#results")).not_to_contain_text(used.offer_number)
    expect(page.locator("#results")).to_contain_text(new.offer_number)
    expect(button).to_contain_text("1")
    assert axe(page) == []
    button.click()
    expect(kind).to_be_hidden()
    assert sideways(page) <= 0
    page.set_viewport_size({"width": 1024, "height": 768})
    expect(page.get_by_label("Sortierung")).to_be_visible()
    expect(kind).to_be_hidden()
