"""A dealer sets a drop folder up, her program leaves a file there, and she says what its columns mean."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import DropAccess, StockSource
from tests.browser.house import House
from tests.browser.stack import Stack
from tests.browser.watch import axe, sideways
from tests.drop_folders.conftest import Access, sftp_client
from tests.formats.foreign_layouts.files import A3, GOLF, HEADER, text_file, zipped

pytestmark = pytest.mark.browser


def set_up(page: Page) -> str:
    """The password, which is shown this once."""
    page.goto("/settings/sources")
    page.get_by_role("link", name="Neuer Ablageordner").click()
    page.get_by_label("Name", exact=True).fill("DMS")
    page.get_by_label("Den ganzen Bestand des Standorts").check()
    page.get_by_role("button", name="Anlegen").click()
    expect(page.locator("#pickups")).to_contain_text("Noch wurde nichts abgelegt.")
    page.get_by_role("button", name="Neues Passwort erzeugen").click()
    return page.locator(".alert-success code").inner_text()


def test_a_file_that_is_dropped_waits_for_its_columns_and_becomes_the_stock(
    page: Page, rows: Session, house: House, stack: Stack
) -> None:
    password = set_up(page)
    assert axe(page) == []
    assert sideways(page) <= 0
    source = rows.scalars(select(StockSource).where(StockSource.dealer_id == house.dealer.id)).one()
    login = rows.get_one(DropAccess, source.id).login
    expect(page.locator("#content")).to_contain_text(login)
    way_in = Access(source, login, password)
    content = zipped(text_file(HEADER, GOLF, A3))
    with sftp_client(stack.drop_port, way_in) as client:
        with client.open("nacht.zip.part", "wb") as file:
            file.write(content)
        client.rename("nacht.zip.part", "nacht.zip")
    pickups = page.locator("#pickups")
    expect(pickups).to_contain_text("nacht.zip")
    assert axe(page) == []
    pickups.get_by_role("link", name="Spalten zuordnen").click()
    expect(page.get_by_label("Bedeutung der Spalte Marke")).to_have_value("make")
    page.get_by_label("Name des Importprofils").fill("DMS bei Nacht")
    page.get_by_role("button", name="Speichern und importieren").click()
    expect(page.get_by_text("Die Datei ist importiert, das Importprofil gespeichert.")).to_be_visible()
    page.goto("/vehicles")
    for number in (GOLF[0], A3[0]):
        expect(page.locator(".vehicle-name", has_text=number)).to_be_visible()
    with sftp_client(stack.drop_port, way_in) as client, client.open("nacht.csv", "wb") as file:
        file.write(text_file(HEADER, A3))
    page.goto(f"/settings/drop-folders/{source.id}")
    expect(pickups.get_by_text("importiert").first).to_be_visible()
    page.goto("/vehicles")
    expect(page.locator(".vehicle-name", has_text=A3[0])).to_be_visible()
    expect(page.locator(".vehicle-name", has_text=GOLF[0])).to_have_count(0)
