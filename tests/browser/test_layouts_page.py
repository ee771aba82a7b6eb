"""A file in another layout: what its columns mean is said once; the next one is taken by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.files import upload
from tests.browser.watch import axe, sideways

pytestmark = pytest.mark.browser
HEADER = "Lagernr;Hersteller;Typ;Preis EUR;Laufleistung;Kraftstoff\n"
FIRST = f"{HEADER}K1;VW;Golf;12.990,00;64.500;Benzin\nK2;BMW;320;15.500,00;80.100;Sprit mager\n"
SECOND = f"{HEADER}K1;VW;Golf;11.990,00;64.500;Benzin\nK3;Audi;A4;18.200,00;30.000;Benzin\n"


@pytest.mark.usefixtures("house")
def test_columns_are_named_once_and_known_from_then_on(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "bestand.csv"
    file.write_text(FIRST)
    upload(page, file)
    expect(page.get_by_text("So werden die ersten Fahrzeuge verstanden")).to_be_visible()
    expect(page.get_by_label("Bedeutung der Spalte Hersteller")).to_have_value("make")
    expect(page.locator("#layout")).to_contain_text("12.990 €")
    page.get_by_label("Bedeutung der Spalte Lagernr").select_option("offer_number")
    page.get_by_role("button", name="Vorschau erneuern").click()
    expect(page.locator("#layout").get_by_role("cell", name="K1").first).to_be_visible()
    page.get_by_label("„Sprit mager“ (1-mal) heißt").select_option("diesel")
    assert axe(page) == []
    assert sideways(page) <= 0
    page.get_by_label("Name des Importprofils").fill("Autohaus-Programm")
    page.get_by_role("button", name="Speichern und importieren").click()
    expect(page.get_by_text("Die Datei ist importiert, das Importprofil gespeichert.")).to_be_visible()
    file.write_text(SECOND)
    upload(page, file)
    expect(page.get_by_text("Die Datei ist importiert.")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Autohaus-Programm")
    page.goto("/vehicles")
    for number in ("K1", "K2", "K3"):
        expect(page.locator(".vehicle-name", has_text=number)).to_be_visible()
    expect(page.locator("#results")).to_contain_text("11.990 €")
