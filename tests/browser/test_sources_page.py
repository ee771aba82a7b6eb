"""A dealer sets a source up, confirms its server, fetches at once, and reads what came of it."""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal import delivery
from portal.models import StockPickup, StockSource
from tests.browser.house import House
from tests.browser.watch import axe, sideways
from tests.formats.stock_file import line
from tests.waiting import until

pytestmark = pytest.mark.browser


def has_rested(rows: Session, house: House) -> bool:
    """The file was seen once; that it rests before the second look is asked in tests/sources."""
    ours = select(StockSource.id).where(StockSource.dealer_id == house.dealer.id)
    seen = update(StockPickup).where(StockPickup.source_id.in_(ours), StockPickup.seen != {})
    touched = rows.execute(seen.values(not_before=func.now()).returning(StockPickup.id)).all()
    rows.commit()
    return bool(touched)


def test_a_source_is_tried_made_and_fetched_from(house: House, page: Page, rows: Session) -> None:
    place = house.market.target("sftp")
    content = "".join(line(B=number) for number in ("Q1", "Q2")).encode("iso-8859-15")
    put = delivery.deliver(place, io.BytesIO(content), house.market.egress_policy())
    assert isinstance(put, delivery.Delivered)
    page.goto("/settings/sources")
    page.get_by_role("link", name="Neue Quelle").click()
    page.get_by_label("Name", exact=True).fill("DMS")
    page.get_by_label("Den ganzen Bestand des Standorts").check()
    expect(page.get_by_label("Adresse der Datei")).to_be_hidden()
    page.get_by_label("Server", exact=True).fill(place.host)
    page.get_by_label("Port").fill(str(place.port))
    page.get_by_label("Benutzername").fill(place.username)
    page.get_by_label("Passwort").fill(place.password)
    page.get_by_label("Dateiname").fill(place.file_name)
    page.get_by_label("Abholen um").fill("05:00")
    page.get_by_role("button", name="Verbindung testen").click()
    page.get_by_label("Der Schlüssel stimmt.").check()
    page.get_by_role("button", name="Verbindung testen").click()
    expect(page.locator("#trial")).to_contain_text("Die Verbindung funktioniert.")
    assert axe(page) == []
    assert sideways(page) <= 0
    page.get_by_role("button", name="Speichern").click()
    page.get_by_role("button", name="Jetzt abholen").click()
    until(lambda: has_rested(rows, house))
    pickups = page.locator("#pickups")
    expect(pickups).to_contain_text("importiert", timeout=60_000)
    assert axe(page) == []
    pickups.get_by_role("link", name="Zum Bericht").click()
    expect(page.locator("main")).to_contain_text("bestand.csv")
    page.goto("/vehicles")
    for number in ("Q1", "Q2"):
        expect(page.locator(".vehicle-name", has_text=number)).to_be_visible()
