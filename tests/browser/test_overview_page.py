"""The overview as a cockpit: it fits, it is readable for everybody, and it follows what happens."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import Session

from portal.models import ActivationDay, AuditEvent
from portal.models.exports import ActivationState, AppKind
from tests.browser.house import House, activate, save
from tests.browser.test_live import TWO_SECONDS, hears
from tests.browser.watch import axe, sideways

pytestmark = pytest.mark.browser
WIDTHS = (1440, 1024, 390)


@pytest.fixture
def lively(house: House, rows: Session) -> None:
    """Three apps: one runs, one is stopped, one sends files; nothing is really sent."""
    now = datetime.now(UTC)
    cars = [house.vehicle() for _ in range(8)]
    build, dealer = house.build, house.dealer
    due = now + timedelta(days=1)
    running = build.activation(dealer, customer_number="77001", next_check_at=due, last_success_at=now)
    build.activation(
        dealer,
        app="autoscout24",
        customer_number="77002",
        state=ActivationState.STOPPED,
        stop_cause="not_linked",
        stopped_at=now,
        next_check_at=None,
    )
    build.activation(
        dealer,
        app="mobile-de-csv",
        kind=AppKind.FILE,
        customer_number="77003",
        next_run_at=due,
        next_check_at=None,
    )
    for number, car in enumerate(cars):
        problems = [{"code": "price", "text": "Preis fehlt.", "field": "prices"}] if number > 5 else []
        build.release(car, running, problems=problems)
        if number < 5:
            build.listing(car, running)
    today = now.date()
    rows.add_all(
        ActivationDay(
            activation_id=running.id, day=today - timedelta(days=back), sent=back * 7 % 60, rejected=back % 4
        )
        for back in range(2, 30)
    )
    rows.add(
        AuditEvent(
            dealer_id=dealer.id,
            activation_id=running.id,
            what="lock.approved",
            user_id=house.alice.id,
            actor="Alice",
        )
    )
    rows.commit()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_and_is_readable_for_everybody(
    window: Callable[..., BrowserContext], house: House, lively: None, theme: str
) -> None:
    page = window(house.alice, color_scheme=theme).new_page()
    faults = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
        faults.extend((width, finding) for finding in axe(page))
        faults.extend([(width, "too wide")] if sideways(page) > 0 else [])
    assert not faults


def test_each_app_has_one_row_one_state_and_one_button(page: Page, lively: None) -> None:
    page.goto("/")
    apps = page.locator(".app-row")
    expect(apps).to_have_count(3)
    for number in range(3):
        expect(apps.nth(number).locator("a.btn")).to_have_count(1)
        expect(apps.nth(number).locator(".state")).to_have_count(1)
    expect(apps.first).to_contain_text("Ursache ansehen")
    expect(page.locator(".alert-danger")).to_have_count(1)
    expect(page.locator(".alert-warning")).to_contain_text("2 Fahrzeuge")
    expect(page.locator(".day").first).to_contain_text("Sperre aufgehoben")


def test_it_says_the_same_without_script(
    window: Callable[..., BrowserContext], house: House, lively: None
) -> None:
    page = window(house.alice, java_script_enabled=False).new_page()
    page.goto("/")
    expect(page.locator(".app-row")).to_have_count(3)
    page.get_by_role("link", name="Dateien").click()
    expect(page).to_have_url(re.compile("/apps/"))


def test_it_follows_what_is_sent(page: Page, house: House) -> None:
    """Without a reload: a vehicle more is online, and the day says so."""
    house.vehicle()
    activate(page, 1)
    other = page.context.new_page()
    other.goto("/")
    hears(other)
    expect(other.locator(".app-online")).to_have_text("1")
    car = house.vehicle()
    page.goto(f"/vehicles/{car.id}/publication")
    page.get_by_label("Für diese Plattform freigeben").check()
    save(page)
    expect(other.locator(".app-online")).to_have_text("2", timeout=10 * TWO_SECONDS)
