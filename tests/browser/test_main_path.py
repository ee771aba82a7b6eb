"""The dealer's main job from the login to the listing that buyers see."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import Session

from tests.browser.conftest import picture
from tests.browser.house import LINKED, NOT_LINKED, UNKNOWN, House, counts
from tests.browser.watch import axe
from tests.builders import PASSWORD

pytestmark = pytest.mark.browser


def log_in(page: Page, house: House) -> None:
    page.goto("/")
    page.get_by_label("Benutzername").fill(house.alice.login)
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading", name="Übersicht")).to_be_visible()


def test_from_the_login_to_the_listing_that_buyers_see(
    window: Callable[..., BrowserContext], house: House, rows: Session
) -> None:
    for colour in ("navy", "maroon", "olive"):
        picture(rows, house.vehicle(), colour)
    page = window().new_page()
    log_in(page, house)
    page.get_by_role("link", name="AppStore").first.click()
    page.get_by_label("App suchen").press_sequentially("mobile")
    expect(page.get_by_text(re.compile(r"\d Apps gefunden"))).to_be_visible()
    page.locator('a[href="/appstore/mobile-de"]').first.click()
    expect(page.get_by_role("heading", level=1, name="mobile.de")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("link", name="Aktivieren").click()
    _type_customer_numbers(page)
    assert axe(page) == []
    page.get_by_text("Empfohlene Einstellungen").click()
    page.get_by_text("Eine Ausstattung je Zeile").click()
    expect(page.get_by_role("radio", name="Eine Ausstattung je Zeile")).to_be_checked()
    page.get_by_text("Empfohlene Einstellungen").click()
    expect(page.locator("#settings-in-short")).to_contain_text(
        "Format Ausstattungen: Eine Ausstattung je Zeile"
    )
    page.get_by_role("button", name="Speichern und aktivieren").click()
    expect(page.locator("#progress")).to_contain_text(counts(3, 3))
    _look_at_a_listing(page)


def _type_customer_numbers(page: Page) -> None:
    """Each result appears beside the field while nothing below it moves."""
    below = page.locator("#step-transfer")
    before = below.bounding_box()
    for number, answer in (
        (UNKNOWN, "Diese Nummer ist noch nicht für Sie freigeschaltet."),
        (NOT_LINKED, "Bitte tragen Sie im Händlerbereich von mobile.de"),
        (LINKED, "Gültig: Autohaus Muster GmbH"),
    ):
        page.locator("#customer_number").fill("")
        page.locator("#customer_number").press_sequentially(number, delay=20)
        expect(page.locator("#customer-check")).to_contain_text(answer)
        assert below.bounding_box() == before
        expect(page.locator("#customer_number")).to_be_focused()


def _look_at_a_listing(page: Page) -> None:
    # As long as it runs there is a bar above the tabs; when it goes they move up under the pointer.
    expect(page.locator("#progress[hx-get]")).to_have_count(0)
    page.get_by_role("link", name="Inserate", exact=True).click()
    page.wait_for_url("**/listings")
    with page.expect_popup() as opening:
        page.get_by_role("link", name="Inserat ansehen").first.click()
    listing = opening.value
    expect(listing.get_by_role("heading", level=1)).to_contain_text("Golf")
    expect(listing.locator(".price")).to_contain_text("12.990")
    shown = listing.locator(".pictures img").first
    expect(shown).to_be_visible()
    assert shown.evaluate("it => it.decode().then(() => it.naturalWidth)") > 0
