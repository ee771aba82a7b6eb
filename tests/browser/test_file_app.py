"""A file app in a real browser: try the connection, activate, run, look at the numbers, take the file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.vehicle_facts.data import Prices
from tests.browser.house import LINKED, House

pytestmark = pytest.mark.browser
FORM = "/appstore/mobile-de-csv/activate"


def fill_in(page: Page, house: House, password: str) -> None:
    target = house.market.target("sftp")
    page.goto(FORM)
    page.fill("#customer_number", LINKED)
    page.select_option("#transport", "sftp")
    page.fill("#host", "127.0.0.1")
    page.fill("#port", str(target.port))
    page.fill("#user", target.username)
    page.fill("#password", password)


def try_out(page: Page) -> None:
    page.get_by_role("button", name="Verbindung testen").click()


def activated(page: Page, house: House) -> None:
    """mobile.de CSV by SFTP, with the server's key confirmed."""
    fill_in(page, house, house.market.target("sftp").password)
    page.get_by_text("Empfohlene Einstellungen").click()
    page.locator("input[name=pictures][value=none]").check(force=True)
    page.locator("#kinds-used").check()
    try_out(page)
    page.get_by_label("Der Schlüssel stimmt").check()
    try_out(page)
    expect(page.locator("#trial")).to_contain_text("Die Verbindung funktioniert.")
    page.get_by_role("button", name="Speichern und aktivieren").click()
    page.wait_for_url("**/apps/*")


def test_the_trial_names_the_step_that_fails(page: Page, house: House) -> None:
    fill_in(page, house, "falsch")
    try_out(page)
    expect(page.locator("#trial")).to_contain_text("SHA256:")
    page.get_by_label("Der Schlüssel stimmt").check()
    try_out(page)
    failed = page.locator("#trial li", has_text="gescheitert")
    expect(failed).to_have_count(1)
    expect(failed).to_contain_text("Anmeldung")
    expect(page.locator("#host")).to_have_value("127.0.0.1")


def test_from_the_activation_to_the_file(page: Page, house: House, tmp_path: Path) -> None:
    vehicles = [house.vehicle() for _ in range(3)]
    incomplete = house.vehicle(prices=Prices())
    activated(page, house)
    runs = page.locator("#runs tbody tr")
    expect(runs).to_have_count(1)
    expect(runs.first).to_contain_text("teilweise")
    stock = house.market.file_stock()
    assert set(stock) == {vehicle.offer_number for vehicle in vehicles}

    with page.expect_download() as download:
        runs.first.locator("a[download]").click()
    file = tmp_path / "stock.csv"
    download.value.save_as(file)
    rows = list(csv.reader(file.read_text("iso-8859-15").splitlines(), delimiter=";"))
    assert {row[1] for row in rows} == set(stock)

    runs.first.get_by_role("link", name="1 nicht in der Datei").click()
    expect(page.locator("#run-vehicles")).to_contain_text(incomplete.offer_number)
    expect(page.locator("#run-vehicles")).to_contain_text("Preis")
    page.get_by_role("link", name="Alle Durchgänge").click()

    page.get_by_role("button", name="Jetzt übertragen").click()
    expect(runs).to_have_count(2)
    expect(runs.first).to_contain_text("teilweise")
    page.get_by_role("button", name="Pausieren").click()
    expect(page.get_by_text("Der Zeitplan ruht", exact=True)).to_be_visible()


def test_a_stored_password_never_comes_back_and_stays(page: Page, house: House) -> None:
    house.vehicle()
    activated(page, house)
    page.locator(".page-tabs").get_by_role("link", name="Einstellungen").click()
    password = page.locator("#password")
    expect(password).to_have_value("")
    expect(password).to_have_attribute("placeholder", "unverändert")
    assert house.market.target("sftp").password not in page.content()
    page.get_by_role("button", name="Speichern", exact=True).click()
    try_out(page)
    expect(page.locator("#trial")).to_contain_text("Die Verbindung funktioniert.")
