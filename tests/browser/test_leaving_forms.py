"""What was typed is not lost without a word, and the keyboard goes on where it was."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.house import LINKED, House, activate_with, save
from tests.sandbox.conftest import golf as ad

pytestmark = pytest.mark.browser


def test_a_changed_form_asks_before_it_is_left(page: Page, house: House) -> None:
    car = house.vehicle()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.goto(f"/vehicles/{car.id}")
    page.get_by_label("Verkaufspreis").fill("11.490")
    page.on("dialog", stay)
    page.get_by_role("link", name="Übersicht").first.click(no_wait_after=True)
    expect(page.get_by_label("Verkaufspreis")).to_have_value("11.490")
    assert asked == ["beforeunload"]
    save(page)
    page.get_by_role("link", name="Übersicht").first.click()
    expect(page).to_have_url(re.compile(r"/$"))
    assert asked == ["beforeunload"]


def test_after_a_decision_the_focus_is_on_the_next_row(page: Page, house: House) -> None:
    for number in ("A1", "A2", "A3"):
        house.vehicle(offer_number=number, vin="", make="BMW", model="320")
    house.market.place(ad(internalNumber="K1"))
    activate_with(page, LINKED, "Autohaus Muster GmbH")
    page.get_by_role("link", name="Bestand abgleichen").click()
    page.get_by_role("link", name="Nur hier").click()
    rows = page.locator("#reconciliation .card-table > tbody > tr")
    rows.first.get_by_role("button", name="Neu einstellen").click()
    expect(page.locator(".form-foot")).to_contain_text("1 neu")
    expect(rows.first.locator("button").first).to_be_focused()
