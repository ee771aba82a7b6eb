"""The export history: its state is its address, with script and without."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from portal.models import Activation, Transfer
from portal.models.exports import TransferState
from tests.browser.house import House
from tests.browser.watch import reaching_over

pytestmark = pytest.mark.browser
REJECTED, HINTED, GOOD = 22, 4, 12
TOO_MUCH = "Kilometerstand: 9999999 liegt außerhalb dessen, was mobile.de annimmt."


@pytest.fixture
def path(house: House) -> str:
    """A history with so many rows that those which are not ok need a second page."""
    activation = house.build.activation(house.dealer)
    car = house.vehicle(offer_number="GOLF-1")
    other = house.vehicle(offer_number="GOLF-2")
    now = datetime.now(UTC)
    says = {"code": "value-out-of-range", "text": TOO_MUCH, "field": "mileage", "who": "dealer"}
    for state, number, said in (
        (TransferState.REJECTED, REJECTED, [says]),
        (TransferState.WARNING, HINTED, []),
        (TransferState.OK, GOOD, []),
    ):
        for _ in range(number):
            house.build.session.add(
                Transfer(
                    vehicle_id=(other if said else car).id,
                    activation_id=activation.id,
                    location_id=car.location_id,
                    state=state,
                    action="update",
                    feedback=said,
                    url="" if said else "https://www.example.com/listing",
                    finished_at=now,
                )
            )
    house.build.session.commit()
    return f"/apps/{activation.id}"


def told(page: Page, matched: int, total: int = REJECTED + HINTED + GOOD) -> None:
    expect(page.locator("#history [role=status]")).to_contain_text(f"{matched} von {total} Übertragungen")


def rows(page: Page) -> int:
    return page.locator("#history .history-row").count()


def test_the_first_look_shows_what_is_not_ok(page: Page, path: str) -> None:
    page.goto(path)
    told(page, REJECTED + HINTED)
    assert rows(page) == 20
    expect(page.get_by_label("Zeitraum")).to_have_value("24")
    expect(page.get_by_label("Ergebnis")).to_have_value("not_ok")
    expect(page.locator("#history")).not_to_contain_text("bestätigt")


@pytest.mark.parametrize("width", [1440, 1024, 768])
def test_no_cell_reaches_into_the_next_one(page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{path}?result=ok")
    expect(page.get_by_role("link", name="Inserat ansehen").first).to_be_visible()
    assert reaching_over(page) == []


def test_a_filter_is_in_the_address_and_back_leads_back(page: Page, path: str) -> None:
    page.goto(path)
    page.get_by_label("Ergebnis").select_option("all")
    told(page, REJECTED + HINTED + GOOD)
    page.get_by_label("Suche", exact=True).press_sequentially("GOLF-1")
    told(page, HINTED + GOOD)
    page.wait_for_url("**search=GOLF-1*")
    assert "result=all" in page.url
    page.reload()
    told(page, HINTED + GOOD)
    expect(page.get_by_label("Suche", exact=True)).to_have_value("GOLF-1")
    second = page.context.new_page()
    second.goto(page.url)
    told(second, HINTED + GOOD)
    page.go_back()
    page.wait_for_url(lambda url: "search" not in url)
    told(page, REJECTED + HINTED + GOOD)
    expect(page.get_by_label("Suche", exact=True)).to_have_value("")
    expect(page.get_by_label("Ergebnis")).to_have_value("all")


def test_a_row_opens_and_closes_in_its_place(page: Page, path: str) -> None:
    page.goto(f"{path}?result=rejected")
    button = page.locator(".history-open a").first
    button.click()
    expect(page.locator("#history")).to_contain_text("Vorgangsnummer")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(button).to_be_focused()
    assert page.url.endswith("result=rejected")
    button.click()
    expect(page.get_by_text("Vorgangsnummer")).to_have_count(0)


def test_older_rows_follow_on_a_page_of_their_own(page: Page, path: str) -> None:
    page.goto(path)
    first = page.locator("#history .history-row").first.inner_text()
    page.get_by_role("link", name="Ältere").click()
    expect(page.locator("#history .history-row")).to_have_count(REJECTED + HINTED - 20)
    page.reload()
    assert rows(page) == REJECTED + HINTED - 20
    page.get_by_role("link", name="Neuere").click()
    expect(page.locator("#history .history-row")).to_have_count(20)
    assert page.locator("#history .history-row").first.inner_text() == first


def test_the_csv_holds_exactly_what_is_filtered(page: Page, path: str, tmp_path: Path) -> None:
    page.goto(f"{path}?result=rejected")
    with page.expect_download() as loading:
        page.get_by_role("link", name="CSV herunterladen").click()
    file = tmp_path / loading.value.suggested_filename
    loading.value.save_as(file)
    assert file.suffix == ".csv"
    with file.open(encoding="utf-8-sig", newline="") as content:
        table = list(csv.DictReader(content, delimiter=";"))
    assert len(table) == REJECTED
    assert {line["Antwort"] for line in table} == {TOO_MUCH}


def test_everything_works_without_script(
    window: Callable[..., BrowserContext], house: House, path: str
) -> None:
    page = window(house.alice, java_script_enabled=False).new_page()
    page.goto(path)
    page.get_by_label("Ergebnis").select_option("rejected")
    page.get_by_role("button", name="Anzeigen").click()
    told(page, REJECTED)
    page.get_by_role("link", name="Ältere").click()
    expect(page.locator("#history .history-row")).to_have_count(REJECTED - 20)
    page.locator(".history-open a").first.click()
    expect(page.get_by_text("Vorgangsnummer")).to_be_visible()
    expect(page.get_by_text(TOO_MUCH)).to_be_visible()
    page.get_by_role("link", name="Zur Exporthistorie").click()
    told(page, REJECTED + HINTED)


def test_an_empty_page_says_what_the_filter_hides(page: Page, house: House) -> None:
    activation, car = house.build.activation(house.dealer), house.vehicle()
    for _ in range(3):
        house.build.transfer(car, activation, state=TransferState.OK, action="update")
    page.goto(f"/apps/{activation.id}")
    hidden = page.get_by_text("In den letzten 24 Stunden kam jede Übertragung an (3).")
    expect(hidden).to_be_visible()
    page.get_by_role("link", name="Alle anzeigen").click()
    told(page, 3, 3)


def test_new_rows_are_told_and_push_nothing_away(page: Page, house: House, path: str) -> None:
    page.goto(f"{path}?result=rejected")
    first = page.locator("#history .history-row").first
    shown = first.get_attribute("id") or first.inner_text()
    activation = house.build.session.get(Activation, path.rsplit("/", 1)[-1])
    assert activation
    for _ in range(3):
        house.build.transfer(
            house.vehicle(), activation, state=TransferState.REJECTED, action="update", feedback=[]
        )
    page.locator("#history").dispatch_event("live")
    chip = page.get_by_role("link", name="3 neue Übertragungen")
    expect(chip).to_be_visible()
    assert (first.get_attribute("id") or first.inner_text()) == shown
    assert rows(page) == 20
    chip.click()
    expect(chip).to_have_count(0)
    expect(page.locator("#history [role=status]").first).to_contain_text(f"{REJECTED + 3} von")
    assert (first.get_attribute("id") or first.inner_text()) != shown


def test_relative_times_go_on_in_the_words_of_the_server(page: Page, path: str) -> None:
    """Looked at again when the page comes back to the front, and twice a minute."""
    page.goto(f"{path}?result=rejected")
    time = page.locator(".history-row time[data-ago]").first
    expect(time).to_have_text("gerade eben")
    for passed, said in ((30, "gerade eben"), (330, "vor 5 Minuten"), (3 * 3_600, "vor 3 Stunden")):
        time.evaluate("(it, s) => { it.dateTime = new Date(Date.now() - s * 1000).toISOString() }", passed)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(time).to_have_text(said)
