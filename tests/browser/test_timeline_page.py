"""A vehicle's time line: it fits, it is readable for everybody, and an edit appears in it by itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.house import House, activate, save, saved
from tests.browser.test_live import hears
from tests.browser.watch import axe, sideways

pytestmark = pytest.mark.browser


def test_what_changed_last_on_a_car_is_told_with_who_and_what_became_of_it(page: Page, house: House) -> None:
    car = house.vehicle()
    activate(page, 1)
    timeline = page.context.new_page()
    timeline.goto(f"/vehicles/{car.id}/history")
    hears(timeline)
    page.goto(f"/vehicles/{car.id}")
    page.get_by_label("Verkaufspreis").fill("17.777")
    save(page)
    saved(page)
    expect(timeline.locator("#timeline")).to_contain_text("→ 17.777 €")
    expect(timeline.locator("#timeline")).to_contain_text(house.alice.name)
    expect(timeline.locator("#timeline li").filter(has_text="mobile.de: Änderung")).to_contain_text("ok")
    for size in (DESKTOP, PHONE):
        timeline.set_viewport_size(size)  # type: ignore[arg-type]
        assert axe(timeline) == []
        assert sideways(timeline) <= 0
    timeline.get_by_role("link", name="Übertragungen", exact=True).click()
    expect(timeline.locator("#timeline li")).to_have_count(2)
