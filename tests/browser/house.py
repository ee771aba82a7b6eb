"""Alice's dealer in the running portal, and the ways through the pages that many tests begin with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

from portal.models import Dealer, User, Vehicle
from portal.platforms import APPS
from tests.builders import Build
from tests.marketplace import Marketplace
from tests.waiting import until

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
    """Activate mobile.de for the linked customer number and wait for the listings; returns the path of the
    export history, which is shown then. The form is sent without showing it: filling it in and watching the
    progress have tests of their own (test_activation.py, test_main_path.py)."""
    form = "/appstore/mobile-de/activate"
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', answer(page, form))
    assert token
    answers: dict[str, str | float | bool] = {"csrf_token": token[1], "customer_number": LINKED}
    for field in APPS["mobile-de"].fields:
        if field.type == "choice":
            answers[field.name] = field.default
        if field.type == "kinds":
            answers |= {f"{field.name}-{kind}": "1" for kind in field.default}
    activated = page.request.post(form, form=answers)
    assert activated.ok, activated.text()
    path = re.sub(r"^https?://[^/]+|\?.*$", "", activated.url)
    arrived = counts(online, online if of is None else of)

    def is_over() -> bool:
        progress = answer(page, f"{path}/progress")
        return "hx-trigger" not in progress and bool(arrived.search(re.sub("<[^>]*>", "", progress)))

    until(is_over)
    page.goto(path)
    expect(page.locator("#progress")).to_contain_text(arrived)
    return path


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
