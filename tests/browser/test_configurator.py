"""The export configurator in a real browser: put together, seen while typing, saved, activated."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.house import House
from tests.browser.watch import axe, sideways

pytestmark = pytest.mark.browser
NEW = "/configurator/new"


def labels(page: Page) -> Locator:
    return page.locator("input[name=label]")


def heads(page: Page) -> Locator:
    return page.locator("#preview th")


def add(page: Page, label: str) -> None:
    count = labels(page).count()
    page.get_by_label("Weitere Spalte").select_option(label=label)
    page.get_by_role("button", name="Spalte hinzufügen").click()
    expect(labels(page)).to_have_count(count + 1)


def only_three_columns(page: Page) -> None:
    while (count := labels(page).count()) > 3:
        page.get_by_role("button", name=re.compile("entfernen$")).last.click()
        expect(labels(page)).to_have_count(count - 1)


def test_the_file_is_seen_while_it_is_put_together(page: Page, house: House) -> None:
    for number in range(12):
        house.vehicle(offer_number=f"K{number:02}", mileage=10_000 + number)
    page.goto("/appstore/configurator")
    page.get_by_role("link", name="Export bauen").click()
    expect(page.locator("#preview tbody tr")).to_have_count(10)
    assert axe(page) == []
    page.get_by_label("Name", exact=True).fill("Liste für die Bank")
    page.get_by_label("Überschrift der Spalte 1", exact=True).fill("Stock-Nr")
    expect(heads(page).first).to_have_text("Stock-Nr")
    add(page, "Text oder Vorlage")
    page.get_by_label(re.compile("^Text der Spalte")).fill("{make} mit {mileage} km")
    expect(page.locator("#preview tbody tr").first.locator("td").last).to_have_text("VW mit 10000 km")
    page.get_by_role("button", name="Text nach oben").click()
    expect(labels(page).last).not_to_have_value("Text")
    page.locator("#format").select_option("json")
    expect(page.locator("#preview pre")).to_contain_text('"Stock-Nr":"K00"')
    expect(page.get_by_label("Trennzeichen")).to_be_hidden()
    page.locator("#format").select_option("csv")
    expect(page.get_by_label("Trennzeichen")).to_be_visible()
    page.locator("#price_to").fill("1000")
    expect(page.locator("#preview")).to_contain_text("Kein Fahrzeug")


def test_a_mistake_is_named_and_the_rest_stays(page: Page, house: House, expected: list[str]) -> None:
    expected.append("status of 422")
    house.vehicle()
    page.goto(NEW)
    page.get_by_label("Name", exact=True).fill("Fehlerhaft")
    add(page, "Text oder Vorlage")
    page.get_by_label(re.compile("^Text der Spalte")).fill("{make.__class__}")
    page.get_by_role("button", name="Speichern", exact=True).last.click()
    expect(page.get_by_role("alert")).to_contain_text("Geschweifte Klammern")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Fehlerhaft")
    assert axe(page) == []


def test_from_the_definition_to_a_running_export(page: Page, house: House) -> None:
    house.vehicle(offer_number="R1")
    page.goto(NEW)
    page.get_by_label("Name", exact=True).fill("Feed für die Website")
    page.get_by_role("button", name="Speichern", exact=True).last.click()
    expect(page.get_by_text("Der Export ist gespeichert.")).to_be_visible()
    expect(page.get_by_text("Aufbau der Datei")).to_be_visible()
    page.get_by_label("Übertragungsweg").select_option("sftp")
    expect(page.get_by_label("Server")).to_be_visible()
    page.get_by_label("Übertragungsweg").select_option("pull")
    expect(page.get_by_label("Server")).to_be_hidden()
    assert axe(page) == []
    page.get_by_role("button", name="Jetzt aktivieren").click()
    expect(page.locator("#app-head")).to_contain_text("aktiv")
    expect(page.locator("#app-head")).to_contain_text("„Feed für die Website“")


def test_everything_works_without_script(window: Callable[..., BrowserContext], house: House) -> None:
    house.vehicle(offer_number="S1")
    page = window(house.alice, java_script_enabled=False).new_page()
    page.goto(NEW)
    only_three_columns(page)
    page.get_by_label("Name", exact=True).fill("Ohne Skript")
    page.get_by_role("button", name=re.compile("nach unten$")).first.click()
    expect(labels(page).nth(1)).to_have_value("Fahrzeugnummer")
    expect(heads(page).nth(1)).to_have_text("Fahrzeugnummer")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Ohne Skript")
    page.get_by_role("button", name="Speichern", exact=True).last.click()
    expect(page.get_by_text("Der Export ist gespeichert.")).to_be_visible()


def test_it_fits_a_phone(window: Callable[..., BrowserContext], house: House) -> None:
    house.vehicle()
    page = window(house.alice, viewport=PHONE).new_page()
    page.goto(NEW)
    expect(page.locator("#preview tbody tr")).to_have_count(1)
    assert sideways(page) <= 0
