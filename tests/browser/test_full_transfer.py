"""Full transfer and stock check in a real browser: confirmed, followed to the end, set right."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.models import Listing
from tests.browser.house import House, activate
from tests.browser.watch import axe

pytestmark = pytest.mark.browser


def ask_for_it(page: Page, path: str) -> None:
    page.goto(path)
    page.locator("#app-head").get_by_text("Weiteres").click()
    page.get_by_role("link", name="Komplettübertragung").click()
    expect(page.get_by_role("heading", name="Komplettübertragung an mobile.de")).to_be_visible()
    page.get_by_label("Auf der Plattform fehlen Fahrzeuge", exact=False).check()


def test_from_the_button_over_the_numbers_to_the_end(page: Page, house: House) -> None:
    for _ in range(3):
        house.vehicle()
    path = activate(page, 3)
    ask_for_it(page, path)
    expect(page.locator(".counts")).to_contain_text(re.compile(r"3\s+aktualisiert"))
    assert axe(page) == []
    page.get_by_role("button", name="3 Fahrzeuge übertragen").click()
    expect(page.locator("#run")).to_contain_text("erledigt")
    expect(page.locator("#run")).to_contain_text(re.compile(r"3\s+angenommen"))
    expect(page.locator("#run progress")).to_have_count(0)
    assert axe(page) == []
    page.get_by_role("link", name="angenommen", exact=True).click()
    expect(page.locator("#history")).to_contain_text("Nur die Komplettübertragung vom")
    expect(page.locator("#history .history-row")).to_have_count(3)
    assert len(house.market.requests("update")) == 3
    page.goto(path)
    page.locator("#app-head").get_by_text("Weiteres").click()
    page.get_by_role("link", name="Komplettübertragung").click()
    expect(page.get_by_role("main")).to_contain_text("einmal in 24 Stunden möglich")


def test_partial_success_leads_to_what_did_not_arrive(page: Page, house: House) -> None:
    cars = [house.vehicle() for _ in range(2)]
    path = activate(page, 2)
    house.market.fault("reject", "update", internalNumber=cars[0].offer_number)
    ask_for_it(page, path)
    page.get_by_role("button", name="2 Fahrzeuge übertragen").click()
    expect(page.locator("#run")).to_contain_text("teilweise")
    page.locator("#run").get_by_role("link", name="abgelehnt").click()
    expect(page.locator("#history .history-row")).to_have_count(1)
    expect(page.locator("#history .history-row")).to_contain_text(cars[0].offer_number)


def test_called_off_nothing_more_is_sent(page: Page, house: House) -> None:
    for _ in range(3):
        house.vehicle()
    path = activate(page, 3)
    house.market.fault("rate-limit", "update", retryAfter=600)
    ask_for_it(page, path)
    page.get_by_role("button", name="3 Fahrzeuge übertragen").click()
    run = page.locator("#run")
    expect(run.locator("progress")).to_be_visible()
    expect(run).to_contain_text(re.compile(r"3\s+warten auf den nächsten Versuch"))
    assert axe(page) == []
    house.market.heal()
    page.get_by_role("button", name="Komplettübertragung abbrechen").click()
    expect(run).to_contain_text("Beendet am")
    expect(run).to_contain_text(re.compile(r"3\s+nicht mehr gesendet"))
    assert {row["status"] for row in house.market.requests("update")} == {429}


def test_a_check_finds_what_was_changed_there_and_sets_it_right(
    page: Page, house: House, rows: Session
) -> None:
    cars = [house.vehicle() for _ in range(3)]
    path = activate(page, 3)
    online = house.market.online()
    house.market.change(online[cars[0].offer_number]["adId"], mileage=99_000)
    house.market.remove(online[cars[1].offer_number]["adId"])
    page.goto(path)
    page.locator("#app-head").get_by_text("Weiteres").click()
    page.get_by_role("button", name="Bestand prüfen").click()
    run = page.locator("#run")
    expect(run).to_contain_text("erledigt")
    expect(run).to_contain_text(re.compile(r"Kilometerstand: gesendet 64.500 km, dort 99.000 km"))
    assert axe(page) == []
    page.get_by_role("button", name=f"Erneut senden: {cars[0].offer_number}").click()
    expect(page.get_by_text(f"Fahrzeug {cars[0].offer_number} wird erneut gesendet.")).to_be_visible()
    # Had the check been a moment ago, it might have had half a list: another one would have to say the same.
    ours = Listing.vehicle_id == cars[1].id
    rows.execute(update(Listing).where(ours).values(vanished_at=Listing.vanished_at - timedelta(hours=1)))
    rows.commit()
    page.get_by_role("button", name=f"Neu einstellen (Kosten möglich): {cars[1].offer_number}").click()
    expect(page.locator("#progress")).to_contain_text(re.compile(r"3\s+von 3 online"))
    page.goto(f"{path}/listings")
    expect(page.locator("label[for=check-confirmed]")).to_contain_text("3")
    assert house.market.online()[cars[0].offer_number]["mileage"] == 64_500
    assert len(house.market.generations()) == 4
