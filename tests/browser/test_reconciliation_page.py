"""The reconciliation in a real browser: from the activation to listings that kept their ids."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, TABLET
from tests.browser.house import LINKED, House, activate_with, counts
from tests.browser.watch import axe, beside_their_card, broken_words, sideways
from tests.sandbox.conftest import golf as ad

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Scene:
    """Ids of the ads that stand at the marketplace already."""

    by_number: str
    alike: str
    by_hand: str
    left: str
    deleted: str


@pytest.fixture
def scene(house: House) -> Scene:
    house.vehicle(offer_number="A1", vin="")
    house.vehicle(offer_number="A2", vin="", mileage=50_200)
    house.vehicle(offer_number="A3", vin="", make="BMW", model="320", mileage=9_000)
    house.vehicle(offer_number="A4", vin="", make="BMW", model="320", mileage=99_000)
    put = house.market.place
    return Scene(
        put(ad(internalNumber="A1", mileage=1)),
        put(ad(internalNumber="K2")),
        put(ad(internalNumber="K3", firstRegistration="201001")),
        put(ad(internalNumber="K4", firstRegistration="201101")),
        put(ad(internalNumber="K5", firstRegistration="201201")),
    )


def foot(page: Page) -> Locator:
    return page.locator(".form-foot")


def begin(page: Page) -> None:
    activate_with(page, LINKED, "Autohaus Muster GmbH")
    page.get_by_role("link", name="Bestand abgleichen").click()
    expect(foot(page)).to_contain_text("6 offen · 1 zugeordnet · 0 neu")


def tab(page: Page, name: str) -> None:
    page.get_by_role("link", name=re.compile(f"^{name}")).click()
    expect(page.locator(".nav-link.active")).to_contain_text(name)


def row(page: Page, text: str) -> Locator:
    return page.locator("tbody tr").filter(has_text=text)


def test_all_buttons_of_a_row_stand_in_its_card_on_a_tablet(page: Page, scene: Scene) -> None:
    begin(page)
    page.set_viewport_size(TABLET)
    for name in ("Nur hier", "Nur auf der Plattform"):
        tab(page, name)
        assert (beside_their_card(page), broken_words(page)) == (0, []), name


def decide_everything(page: Page, scene: Scene) -> None:
    page.get_by_role("button", name="Zuordnen").last.click()
    expect(foot(page)).to_contain_text("5 offen · 2 zugeordnet")
    tab(page, "Nur auf der Plattform")
    row(page, scene.by_hand).get_by_role("link", name="Fahrzeug suchen").click()
    row(page, "A3").get_by_role("button", name="Dieses zuordnen").click()
    expect(foot(page)).to_contain_text("3 offen · 3 zugeordnet")
    row(page, scene.deleted).get_by_role("button", name="Dort löschen").click()
    expect(foot(page)).to_contain_text("1 wird dort gelöscht")
    row(page, scene.left).get_by_role("button", name="Dort lassen").click()
    expect(foot(page)).to_contain_text("1 bleibt auf der Plattform")
    tab(page, "Nur hier")
    row(page, "A4").get_by_role("button", name="Neu einstellen").click()
    expect(foot(page)).to_contain_text("3 zugeordnet · 1 neu")


def finish(page: Page) -> None:
    page.get_by_role("link", name="Abgleich abschließen").click()
    expect(page.locator("main")).to_contain_text("3 Inserate werden übernommen")
    page.get_by_role("button", name="Abschließen: 1 neu, 1 löschen").click()


def kept_their_ids(house: House, scene: Scene) -> bool:
    online: dict[str, Any] = house.market.online()
    ids = {number: found["adId"] for number, found in online.items()}
    new = ids.pop("A4")
    assert new not in vars(scene).values()
    return ids == {"A1": scene.by_number, "A2": scene.alike, "A3": scene.by_hand, "K4": scene.left}


def test_from_the_activation_to_listings_that_kept_their_ids(page: Page, house: House, scene: Scene) -> None:
    begin(page)
    decide_everything(page, scene)
    finish(page)
    expect(page.locator("#progress")).to_contain_text(counts(4, 4))
    assert kept_their_ids(house, scene)


def test_it_works_without_script(window: Callable[..., BrowserContext], house: House, scene: Scene) -> None:
    """The forms and links alone; the worker's progress is looked at by loading the page again."""
    with_script = window(house.alice).new_page()
    begin(with_script)
    page = window(house.alice, java_script_enabled=False).new_page()
    page.goto(re.sub(r"\?.*", "", with_script.url))
    decide_everything(page, scene)
    finish(page)
    with_script.goto(page.url)
    expect(with_script.locator("#progress")).to_contain_text(counts(4, 4))
    assert kept_their_ids(house, scene)


def test_a_suggestion_that_was_confirmed_is_taken_apart_again(page: Page, scene: Scene) -> None:
    begin(page)
    page.get_by_role("button", name="Zuordnen").last.click()
    expect(foot(page)).to_contain_text("5 offen · 2 zugeordnet")
    assert axe(page) == []
    page.get_by_role("button", name="Rückgängig").click()
    expect(page.get_by_text("Die Zuordnung ist zurückgenommen.")).to_be_visible()
    expect(foot(page)).to_contain_text("6 offen · 1 zugeordnet")


def test_it_cannot_be_finished_while_something_is_open(page: Page, scene: Scene) -> None:
    begin(page)
    page.get_by_role("link", name="Abgleich abschließen").click()
    expect(page.get_by_text("6 Einträge sind noch offen.")).to_be_visible()


def test_what_is_picked_is_named_and_decided_together(page: Page, scene: Scene) -> None:
    begin(page)
    tab(page, "Nur auf der Plattform")
    page.get_by_label("Alle auf dieser Seite").check()
    page.get_by_role("button", name="3 dort lassen").click()
    expect(foot(page)).to_contain_text("3 bleiben auf der Plattform")
    tab(page, "Nur hier")
    page.get_by_label("Alle 2 offenen").check()
    page.get_by_role("button", name="2 neu einstellen").click()
    expect(foot(page)).to_contain_text("2 neu")


def test_the_search_finds_on_both_sides_while_typing(page: Page, scene: Scene) -> None:
    begin(page)
    tab(page, "Nur auf der Plattform")
    page.locator("#q").press_sequentially("k4")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("#q")).to_be_focused()
    assert "q=k4" in page.url
    page.locator("#q").fill("zeppelin")
    expect(page.locator("#reconciliation")).to_contain_text("Nichts gefunden")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_tab_fits_and_is_readable(page: Page, scene: Scene, size: Any) -> None:
    begin(page)
    url = re.sub(r"\?.*", "", page.url)
    page.set_viewport_size(size)
    for name in ("suggested", "matched", "here", "there"):
        page.goto(f"{url}?tab={name}")
        assert sideways(page) <= 0, name
        assert axe(page) == [], name
    page.get_by_role("link", name="Fahrzeug suchen").first.click()
    expect(page).to_have_url(re.compile("[?&]for="))
    assert sideways(page) <= 0
    assert axe(page) == []
