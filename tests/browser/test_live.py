"""What changes in one window shows in the others without a reload."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.house import House, save

TWO_SECONDS = 2_000
HEARS = "html[data-hears]"


def hears(page: Page) -> None:
    expect(page.locator(HEARS)).to_be_attached()


def test_a_price_changed_in_one_window_arrives_in_the_others(
    window: Callable[..., BrowserContext], house: House
) -> None:
    vehicle = house.vehicle()
    context = window(house.alice)
    mine, vehicles, detail = (context.new_page() for _ in range(3))
    vehicles.goto("/vehicles")
    detail.goto(f"/vehicles/{vehicle.id}/history")
    mine.goto(f"/vehicles/{vehicle.id}")
    hears(vehicles)
    hears(detail)
    mine.get_by_label("Verkaufspreis").fill("17777")
    save(mine)
    expect(detail.locator("#facts")).to_contain_text("17.777", timeout=TWO_SECONDS)
    expect(vehicles.locator("#results")).to_contain_text("17.777", timeout=TWO_SECONDS)


def test_whoever_logs_out_in_one_window_is_led_to_the_login_in_the_others(
    page: Page, expected: list[str]
) -> None:
    expected.append("status of 401")
    page.goto("/")
    hears(page)
    other = page.context.new_page()
    other.goto("/account")
    other.locator(".user-menu summary").first.click()
    other.get_by_role("button", name="Abmelden").first.click()
    expect(page).to_have_url(re.compile("/login"))
