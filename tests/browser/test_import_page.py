"""A stock comes from a file, as dealers' programs write them: not all of it right."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.files import messy, upload

pytestmark = pytest.mark.browser


def test_a_messy_file_brings_what_is_right_and_names_the_rest(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "bestand.csv"
    file.write_bytes(messy().encode("cp1252"))
    upload(page, file)
    expect(page.get_by_text("Die Datei ist importiert.")).to_be_visible()
    expect(page.locator(".counts")).to_contain_text("3 neu im Bestand")
    expect(page.locator(".counts")).to_contain_text("2 Zeilen abgelehnt")
    expect(page.locator("tr", has_text="zwölf Tausend")).to_contain_text("IMP-2")
    with page.expect_download() as loading:
        page.get_by_role("link", name="Alle als CSV").click()
    content = Path(loading.value.path()).read_text("utf-8-sig")
    assert len(content.splitlines()) == 3
    assert "IMP-2" in content
    page.get_by_role("link", name="Zum Bestand").click()
    for number in ("IMP-1", "IMP-3", "IMP-5"):
        expect(page.locator(".vehicle-name", has_text=number)).to_be_visible()
    expect(page.locator(".vehicle-name")).to_have_count(3)


def test_what_is_no_csv_changes_nothing_and_says_so(page: Page, expected: list[str], tmp_path: Path) -> None:
    expected.append("status of 422")
    file = tmp_path / "bestand.csv"
    file.write_bytes(b"%PDF-1.7 a printed list \x00\x00")
    upload(page, file)
    expect(page.locator("#file-error")).to_contain_text("CSV")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.goto("/vehicles")
    expect(page.get_by_text("Noch kein Fahrzeug im Bestand")).to_be_visible()
