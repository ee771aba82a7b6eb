"""The portal without a mouse."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from portal.models.exports import TransferState
from tests.browser.house import House, saved
from tests.builders import PASSWORD

pytestmark = pytest.mark.browser
MOST_STEPS = 150


def tab_to(page: Page, goal: Locator) -> None:
    for _ in range(MOST_STEPS):
        if goal.evaluate("it => it === document.activeElement"):
            assert goal.evaluate("it => it.matches(':focus-visible')")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {goal}")


def test_login_history_and_saving_need_no_mouse(window: Callable[..., BrowserContext], house: House) -> None:
    car, activation = house.vehicle(), house.build.activation(house.dealer)
    house.build.transfer(car, activation, state=TransferState.REJECTED, action="create")
    page = window().new_page()
    page.goto(f"/apps/{activation.id}")
    tab_to(page, page.get_by_label("Benutzername"))
    page.keyboard.type(house.alice.login)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#history")).to_be_visible()
    tab_to(page, page.locator(".history-open a").first)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Vorgangsnummer")).to_be_visible()
    expect(page.locator(".history-open a").first).to_be_focused()
    page.goto(f"/vehicles/{car.id}")
    tab_to(page, page.get_by_label("Kilometerstand"))
    page.keyboard.press("Control+A")
    page.keyboard.type("65000")
    page.keyboard.press("Enter")
    saved(page)
    expect(page.get_by_label("Kilometerstand")).to_have_value(re.compile(r"65\.?000"))
