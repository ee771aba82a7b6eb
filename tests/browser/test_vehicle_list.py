"""The list of vehicles: many at a glance, one row of filters, the rarer ones behind a button."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.house import House
from tests.browser.watch import axe, sideways

pytestmark = pytest.mark.browser
WHOLE_ROWS = """[...document.querySelectorAll('.vehicles tbody tr')]
  .filter(row => row.getBoundingClientRect().bottom <= innerHeight).length"""
TITLE = "1.5 TSI DSG Comfortline Kamera CarPlay"


def test_twelve_cars_are_seen_at_once_below_one_row_of_filters(page: Page, house: House) -> None:
    for _ in range(13):
        house.vehicle(model_description=TITLE)
    page.goto("/vehicles")
    expect(page.locator(".vehicles tbody tr")).to_have_count(13)
    assert page.evaluate(WHOLE_ROWS) >= 12
    bars = [page.locator(name).bounding_box() for name in ("#q", "#sort", "[data-filters]")]
    assert len({round(bar["y"] + bar["height"]) for bar in bars if bar}) == 1


def test_on_the_phone_a_car_takes_no_more_than_it_says(
    window: Callable[..., BrowserContext], house: House
) -> None:
    """Picture and title beside each other, the figures in a line below: four cars are seen at once."""
    for _ in range(5):
        house.vehicle(model_description=TITLE)
    page = window(house.alice, viewport=PHONE).new_page()
    page.goto("/vehicles")
    expect(page.locator(".vehicles tbody tr")).to_have_count(5)
    boxes = [row.bounding_box() for row in page.locator(".vehicles tbody tr").all()]
    assert max(box["height"] for box in boxes if box) <= 175
    assert axe(page) == []


def test_rarer_filters_stand_behind_a_button_that_counts_them(page: Page, house: House) -> None:
    used, new = house.vehicle(), house.vehicle(kind="new")
    page.goto("/vehicles")
    kind, button = page.get_by_label("Fahrzeugart"), page.get_by_role("button", name="Filter")
    expect(kind).to_be_hidden()
    button.click()
    assert axe(page) == []
    kind.select_option("new")
    expect(page.locator("#results")).not_to_contain_text(used.offer_number)
    expect(page.locator("#results")).to_contain_text(new.offer_number)
    button.click()
    expect(kind).to_be_hidden()
    page.reload()
    expect(button).to_contain_text("1")
    page.get_by_role("link", name="Filter zurücksetzen").click()
    expect(page.locator("#results")).to_contain_text(used.offer_number)


def test_without_script_all_filters_are_there(window: Callable[..., BrowserContext], house: House) -> None:
    used, new = house.vehicle(), house.vehicle(kind="new")
    page = window(house.alice, java_script_enabled=False).new_page()
    page.goto("/vehicles")
    page.get_by_label("Fahrzeugart").select_option("new")
    page.get_by_role("button", name="Suchen", exact=True).click()
    expect(page.locator("#results")).to_contain_text(new.offer_number)
    expect(page.locator("#results")).not_to_contain_text(used.offer_number)
    expect(page.locator("[data-filters]")).to_be_hidden()


@pytest.mark.parametrize("width", [1440, 1024])
def test_a_long_title_takes_two_lines_and_is_told_whole_by_the_pointer(
    page: Page, house: House, width: int
) -> None:
    house.vehicle(model_description=f"{TITLE} Standheizung Matrix Panorama Anhängerkupplung")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/vehicles")
    title = page.locator(".vehicle-name a")
    lines = title.evaluate("it => it.clientHeight / parseFloat(getComputedStyle(it).lineHeight)")
    assert round(lines) == 2
    expect(title).to_have_attribute("title", f"VW Golf {TITLE} Standheizung Matrix Panorama Anhängerkupplung")
    assert page.locator(".vehicles tbody tr").evaluate("it => it.clientHeight") < 70


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_nothing_is_wider_than_the_window(page: Page, house: House, width: int) -> None:
    house.vehicle(model_description=TITLE)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/vehicles?kind=used")
    page.get_by_role("button", name="Filter").click()
    assert sideways(page) <= 0
