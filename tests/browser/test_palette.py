"""The command palette and the keys: everything can be opened without a mouse, and nothing while one types."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.house import House
from tests.browser.watch import axe, sideways

pytestmark = pytest.mark.browser


@pytest.fixture
def stock(house: House) -> None:
    for number in ("P100", "P200", "P300"):
        house.vehicle(offer_number=number, vin="")


def arrive(page: Page, path: str) -> None:
    """The keys come a moment after the page, and say so beside the search."""
    page.goto(path)
    expect(page.locator(".palette-open kbd")).not_to_have_attribute("hidden", "")


def opened(page: Page, path: str = "/") -> Page:
    arrive(page, path)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    return page


def test_a_vehicle_is_opened_by_its_number_without_a_mouse(page: Page, stock: None) -> None:
    opened(page)
    page.keyboard.type("p200")
    expect(page.get_by_role("option", name="P200").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/vehicles/[0-9a-f-]{36}$"))
    expect(page.locator("main")).to_contain_text("P200")


def test_who_types_and_presses_enter_at_once_gets_what_was_typed(page: Page, stock: None) -> None:
    opened(page)
    page.keyboard.type("p300")
    page.keyboard.press("Enter")
    expect(page.locator(".page-intro")).to_contain_text("P300")


def test_arrows_choose_and_the_field_says_which(page: Page, stock: None) -> None:
    opened(page)
    page.keyboard.type("golf")
    expect(page.get_by_role("option")).to_have_count(4)
    expect(page.locator("#palette [role=status]")).to_have_text("3 Treffer")
    page.keyboard.press("ArrowUp")
    last = page.get_by_role("option").last
    expect(last).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("combobox")).to_have_attribute(
        "aria-activedescendant", str(last.get_attribute("id"))
    )
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/vehicles\?q=golf"))


def test_escape_closes_it_and_the_focus_is_where_it_was(page: Page, stock: None) -> None:
    arrive(page, "/")
    link = page.get_by_label("Hauptmenü").get_by_role("link", name="Fahrzeuge").first
    link.focus()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(link).to_be_focused()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_and_is_readable_for_everybody(
    window: Callable[..., BrowserContext], house: House, stock: None, theme: str
) -> None:
    page = window(house.alice, viewport=PHONE, color_scheme=theme).new_page()
    arrive(page, "/")
    page.get_by_role("link", name="Suchen").click()
    expect(page.get_by_role("option").first).to_be_visible()
    assert not axe(page)
    assert sideways(page) <= 0
    page.get_by_role("button", name="Tasten").click()
    expect(page.locator("#key-list")).to_be_visible()
    assert not axe(page)


def test_letters_walk_through_rows_and_find_the_search(page: Page, stock: None) -> None:
    arrive(page, "/vehicles")
    rows = page.locator(".vehicle-name a")
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Suche", exact=True)).to_be_focused()
    page.keyboard.type("jk/?")
    expect(page.get_by_label("Suche", exact=True)).to_have_value("jk/?")
    expect(page.locator("#key-list")).to_be_hidden()


def test_letters_can_be_switched_off_for_good(page: Page, stock: None) -> None:
    arrive(page, "/vehicles")
    page.keyboard.press("?")
    page.get_by_label("Tasten ohne Strg benutzen").uncheck()
    page.get_by_role("button", name="Schließen").click()
    arrive(page, "/vehicles")
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(page.locator("#key-list")).to_be_hidden()
    expect(page.locator("body")).to_be_focused()
    page.keyboard.press("Control+k")
    page.get_by_role("button", name="Tasten").click()
    expect(page.get_by_label("Tasten ohne Strg benutzen")).not_to_be_checked()


def test_without_script_the_same_is_a_page(
    window: Callable[..., BrowserContext], house: House, stock: None
) -> None:
    page = window(house.alice, java_script_enabled=False).new_page()
    page.goto("/")
    page.get_by_role("link", name="Suchen").first.click()
    page.get_by_label("Suche", exact=True).fill("P200")
    page.get_by_role("button", name="Suchen").click()
    page.get_by_role("link", name=re.compile("P200")).first.click()
    expect(page.locator(".page-intro")).to_contain_text("P200")
