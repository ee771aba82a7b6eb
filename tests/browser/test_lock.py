"""From a stock that breaks away to the transfer that somebody let through: lock, mail, link, unlock."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import Session

from portal.models import User
from tests.browser.conftest import PHONE
from tests.browser.house import House, activate, answer
from tests.browser.stack import Stack
from tests.browser.watch import axe, sideways
from tests.waiting import until

pytestmark = pytest.mark.browser
ONLINE, GONE = 60, 8
PANEL = 'id="lock"'
Window = Callable[..., BrowserContext]


@pytest.fixture
def path(house: House, page: Page, rows: Session) -> str:
    """Sixty vehicles online, and Alice can be reached by mail."""
    rows.get_one(User, house.alice.id).email = "alice@example.org"
    rows.commit()
    for _ in range(ONLINE):
        house.vehicle()
    return activate(page, ONLINE)


def take_back(page: Page, number: int) -> None:
    """Take back the release of vehicles that are online, as one does with a wrong filter."""
    page.goto("/vehicles?state=online")
    boxes = page.locator("[name=vehicle]")
    for index in range(number):
        boxes.nth(index).check()
    page.locator("button[formaction$=take-back]").click()
    page.get_by_role("button", name=f"Freigabe von {number} Fahrzeugen zurücknehmen").click()
    expect(page.get_by_text(f"Freigabe von {number} Fahrzeugen zurückgenommen.")).to_be_visible()


def locked(page: Page, path: str) -> None:
    """Wait until the brake has looked at what was taken back."""
    until(lambda: PANEL in answer(page, path))
    page.goto(path)
    expect(page.locator("#lock")).to_have_count(1)


def link_in_mail(stack: Stack) -> str:
    """The address in the newest mail about a lock."""
    found: list[str] = []

    def look() -> bool:
        mails = httpx.get(f"{stack.sandbox_url}/control/mails").json()["mails"]
        found[:] = re.findall(r"https?://\S+/unlock/[\w.-]+", "\n".join(mail["text"] for mail in mails))
        return bool(found)

    until(look)
    return found[0]


def test_a_lock_is_mailed_looked_at_and_lifted_by_its_link(
    page: Page, house: House, path: str, window: Window, stack: Stack
) -> None:
    take_back(page, GONE)
    locked(page, path)
    panel = page.locator("#lock")
    expect(panel).to_contain_text("8 Löschungen standen an, mehr als die üblichen 6 bei 60 Inseraten.")
    expect(panel.locator("tbody tr")).to_have_count(GONE)
    assert len(house.market.online()) == ONLINE
    stranger = window().new_page()
    stranger.goto(link_in_mail(stack))
    expect(stranger.get_by_role("heading", name="mobile.de ist gesperrt")).to_be_visible()
    assert axe(stranger) == []
    assert len(house.market.online()) == ONLINE
    stranger.get_by_role("button", name="8 Inserate löschen und weiter übertragen").click()
    expect(stranger.get_by_text("Die Übertragung ist aktiviert. 8 Inserate werden gelöscht.")).to_be_visible()
    until(lambda: len(house.market.online()) == ONLINE - GONE)
    page.goto(path)
    expect(page.locator("#lock")).to_have_count(0)
    expect(page.locator("#progress")).to_contain_text(
        re.compile(rf"{ONLINE - GONE}\s+von {ONLINE - GONE} online")
    )


def test_a_deviation_that_heals_lifts_the_lock_by_itself(page: Page, house: House, path: str) -> None:
    take_back(page, GONE)
    locked(page, path)
    page.goto("/vehicles?online=no")
    page.locator("[name=scope][value=page]").first.check()
    page.locator(".bulk-bar .btn-primary").click()
    expect(page.get_by_text(f"{GONE} Fahrzeuge freigegeben.")).to_be_visible()
    until(lambda: PANEL not in answer(page, path))
    page.goto(path)
    expect(page.locator("#lock")).to_have_count(0)
    generations = house.market.generations()
    assert len(generations) == ONLINE
    assert len(house.market.online()) == ONLINE


def test_discarding_keeps_the_listings_and_lets_a_price_through(page: Page, house: House, path: str) -> None:
    take_back(page, GONE)
    locked(page, path)
    page.get_by_role("button", name="Löschungen verwerfen").click()
    expect(page.get_by_text("Verworfen. Bei 8 Fahrzeugen bleibt")).to_be_visible()
    expect(page.locator("#lock")).to_have_count(0)
    page.goto("/vehicles?state=online")
    page.locator(".vehicle-name a").first.click()
    page.get_by_label("Verkaufspreis").fill("11111")
    page.get_by_role("button", name="Speichern", exact=True).click()
    expect(page.locator("#standing")).to_contain_text("übertragen")
    assert len(house.market.online()) == ONLINE


def test_the_panel_fits_and_can_be_read_by_everybody(page: Page, path: str) -> None:
    take_back(page, 30)
    locked(page, path)
    for address in (path, f"{path}/lock", f"{path}/listings", "/", "/apps", "/problems"):
        page.goto(address)
        for size in ({"width": 1440, "height": 900}, PHONE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            assert axe(page) == [], address
            assert sideways(page) <= 0, address
