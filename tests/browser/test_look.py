"""How pages fit: wide tables on narrow screens, the theme of the system, paper, light pictures."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import Session

from tests.browser.conftest import picture
from tests.browser.house import House, activate
from tests.browser.watch import COLOURS, axe, sideways

pytestmark = pytest.mark.browser
WIDTHS = (1440, 1366, 1280, 1024)
SCROLLS = """[...document.querySelectorAll('main .table-responsive, main .table-responsive-lg, main .card')]
  .filter(it => it.scrollWidth > it.clientWidth + 1).map(it => it.className + ' ' + it.scrollWidth)"""
"""Parts that scroll by themselves, and cards out of which a table sticks."""


def test_nothing_scrolls_sideways_from_1024_pixels_on(page: Page, house: House, rows: Session) -> None:
    long = {"model_description": "Variant 2.0 TDI DSG Highline 4Motion Panorama Standheizung AHK Kamera"}
    for number in range(3):
        house.vehicle(offer_number=f"EINLANGERNAME-{number:06d}", **long)
    house.vehicle(make="")
    path = activate(page, 3, 4)
    page.wait_for_load_state("networkidle")
    for address in ("/vehicles", f"{path}?result=all", f"{path}/listings"):
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert sideways(page) <= 0, (address, width)
            assert page.evaluate(SCROLLS) == [], (address, width)


def test_ten_cars_of_the_list_fit_on_a_screen(page: Page, house: House) -> None:
    for _ in range(12):
        house.vehicle()
    page.goto("/vehicles")
    heights = page.locator(".vehicles tbody tr").evaluate_all("all => all.map(it => it.offsetHeight)")
    assert max(heights) <= 60
    tenth = page.locator(".vehicles tbody tr").nth(9).bounding_box()
    assert tenth
    assert tenth["y"] + tenth["height"] <= 900 * 1.15


def test_the_theme_follows_the_system(house: House, window: Callable[..., BrowserContext]) -> None:
    for user, first in ((house.alice, "/"), (None, "/login")):
        page = window(user, color_scheme="dark").new_page()
        page.goto(first)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        assert axe(page, COLOURS) == []
        page.emulate_media(color_scheme="light")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_on_paper_stands_the_page_and_not_the_menu(page: Page, house: House) -> None:
    house.vehicle()
    page.goto("/vehicles")
    page.emulate_media(media="print")
    expect(page.locator(".sidebar")).to_be_hidden()
    expect(page.locator(".filter-bar")).to_be_hidden()
    expect(page.locator(".vehicle-name").first).to_be_visible()
    left = page.locator("main").evaluate("it => parseFloat(getComputedStyle(it).marginLeft)")
    assert left == 0


def test_the_first_picture_is_there_at_once_and_those_of_lists_weigh_little(
    page: Page, house: House, rows: Session
) -> None:
    vehicle = house.vehicle()
    picture(rows, vehicle, "navy")
    page.goto(f"/vehicles/{vehicle.id}")
    assert page.locator(".vehicle-head img").get_attribute("loading") is None
    page.goto("/vehicles")
    small = page.locator(".vehicles img").get_attribute("src")
    assert small
    sizes = page.locator(".vehicles img").evaluate(
        "it => it.decode().then(() => [it.naturalWidth, it.width])"
    )
    assert sizes == [144, 56]
