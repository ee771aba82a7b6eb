"""A group that says no model: assigned once in the browser, known to the next file."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import House, activate
from tests.browser.watch import axe, sideways
from tests.waiting import until

pytestmark = pytest.mark.browser
SPELLED = {"make": "BMW", "model": "3er", "model_description": "Cabrio Sport"}


def test_a_model_is_assigned_from_handlungsbedarf_and_taken_back(page: Page, house: House) -> None:
    car = house.vehicle(**SPELLED)
    activate(page, 1)
    page.goto("/problems")
    page.get_by_role("link", name="Modelle zuordnen").click()
    row = page.get_by_role("row", name="Cabrio Sport")
    expect(row).to_contain_text("1 Fahrzeug")
    assert axe(page) == []
    assert sideways(page) <= 0
    row.get_by_role("combobox").select_option(label="318")
    row.get_by_role("button", name="Zuordnen").click()
    expect(page.get_by_text("Das Modell ist zugeordnet und für künftige Fahrzeuge gemerkt.")).to_be_visible()
    expect(page.get_by_text("Alle Modelle sind zugeordnet")).to_be_visible()
    until(lambda: house.market.online()[car.offer_number]["model"] == "318")
    assert axe(page) == []
    page.get_by_role("button", name="Zurücknehmen").click()
    expect(page.get_by_text("Die Zuordnung ist zurückgenommen.")).to_be_visible()
    until(lambda: house.market.online()[car.offer_number]["model"] == "3er")
