"""A dealer sets a drop folder up, gives their program the password, and reads what came of its file."""

from __future__ import annotations

import paramiko
import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import House
from tests.browser.watch import axe, sideways
from tests.formats.stock_file import line

pytestmark = pytest.mark.browser


def shown(page: Page, name: str) -> str:
    return page.locator(f"dt:has-text('{name}') + dd code").inner_text()


def test_a_drop_folder_is_set_up_and_a_program_drops_its_file(house: House, page: Page) -> None:
    page.goto("/settings/sources")
    page.get_by_role("link", name="Neuer Ablageordner").click()
    page.get_by_label("Name", exact=True).fill("DMS")
    page.get_by_label("Den ganzen Bestand des Standorts").check()
    assert axe(page) == []
    page.get_by_role("button", name="Anlegen").click()
    expect(page.locator("#pickups")).to_contain_text("Noch wurde nichts abgelegt.")
    fingerprint = shown(page, "Fingerabdruck des Servers")
    page.get_by_role("button", name="Neues Passwort erzeugen").click()
    password = page.get_by_role("status").locator("code").first.inner_text()
    assert axe(page) == []
    assert sideways(page) <= 0
    with paramiko.Transport((shown(page, "Server"), int(shown(page, "Port")))) as transport:
        transport.connect(username=shown(page, "Benutzername"), password=password)
        assert transport.get_remote_server_key().fingerprint == fingerprint.split()[1]
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        with client.open("bestand.csv.tmp", "wb") as file:
            file.write("".join(line(B=number) for number in ("Q1", "Q2")).encode("iso-8859-15"))
        client.rename("bestand.csv.tmp", "bestand.csv")
    pickups = page.locator("#pickups")
    expect(pickups).to_contain_text("importiert", timeout=60_000)
    expect(pickups).to_contain_text("2 neu")
    assert axe(page) == []
    pickups.get_by_role("link", name="Zum Bericht").click()
    expect(page.locator("main")).to_contain_text("bestand.csv")
    page.goto("/vehicles")
    for number in ("Q1", "Q2"):
        expect(page.locator(".vehicle-name", has_text=number)).to_be_visible()
