"""Alice's dealer in the running portal, and the ways through the pages that many tests begin with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

from portal.models import Dealer, User, Vehicle
from tests.builders import Build
from tests.marketplace import Marketplace

LINKED, NOT_LINKED, UNKNOWN = "4711001", "4711004", "998877"


@dataclass(frozen=True)
class House:
    build: Build
    dealer: Dealer
    alice: User
    market: Marketplace

    def vehicle(self, **facts: Any) -> Vehicle:
        return self.build.vehicle(self.dealer, **facts)


def activate(page: Page, online: int, of: int | None = None) -> str:
    """Activate mobile.de for the linked customer number and wait for the listings; returns the path
    of the export history."""
    activate_with(page, LINKED, "Autohaus Muster GmbH")
    expect(page.locator("#progress")).to_contain_text(counts(online, online if of is None else of))
    expect(page.locator("#progress progress")).to_have_count(0)
    page.wait_for_load_state()  # leaving a page that still loads can end the way to the next one
    return re.sub(r"^https?://[^/]+|\?.*$", "", page.url)


def activate_with(page: Page, number: str, company: str) -> None:
    page.goto("/appstore/mobile-de/activate")
    page.fill("#customer_number", number)
    expect(page.locator("#customer-check")).to_contain_text(company)
    page.get_by_role("button", name="Speichern und aktivieren").click()


def counts(online: int, of: int) -> re.Pattern[str]:
    return re.compile(rf"{online}\s+von {of} online")


def save(page: Page) -> None:
    page.get_by_role("button", name="Speichern", exact=True).click()


def saved(page: Page) -> None:
    expect(page.get_by_text("Die Änderungen sind gespeichert.")).to_be_visible()


def answer(page: Page, path: str) -> str:
    """What the page would be, without showing it: for those who ask again and again."""
    return page.request.get(path).text()
