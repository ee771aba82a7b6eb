"""Double clicks, two tabs, the back button, lost rights: nothing is done twice, nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import func, select

from portal.models import Activation
from portal.vehicle_facts.data import Energy, Equipment, Leasing, Prices
from tests.browser.house import LINKED, House, activate, answer, counts, save, saved
from tests.builders import golf
from tests.waiting import until

pytestmark = pytest.mark.browser

ODD: dict[str, Any] = {
    "description": "\n„Erste“ <b>Zeile</b> & 'mehr'\n\nDritte\\n",
    "equipment": Equipment(features=frozenset({"abs", "old-code"}), standard=("Radio", 'Räder 17"')),
    "prices": Prices(selling=Decimal("12990.50"), vat_rate=Decimal(7), on_request=True),
    "energy": Energy(co2=0, co2_class="A"),
    "leasing": Leasing(monthly_rate=Decimal(150), duration=36, mileage_per_year=10_000, target="both"),
    "stock_date": date(2026, 1, 31),
}
"""Facts that a form could bend."""


def test_a_double_click_makes_one_activation(page: Page, house: House) -> None:
    house.vehicle()
    page.goto("/appstore/mobile-de/activate")
    page.fill("#customer_number", LINKED)
    expect(page.locator("#customer-check")).to_contain_text("Gültig")
    page.get_by_role("button", name="Speichern und aktivieren").dblclick()
    expect(page.locator("#progress")).to_contain_text(counts(1, 1))
    mine = select(func.count()).where(Activation.dealer_id == house.dealer.id)
    assert house.build.session.scalar(mine) == 1
    assert len(house.market.generations()) == 1


def two_tabs(page: Page, house: House) -> tuple[Page, Page]:
    """The form of one vehicle in both; the first has saved a new price."""
    car = house.vehicle()
    page.goto(f"/vehicles/{car.id}")
    second = page.context.new_page()
    second.goto(f"/vehicles/{car.id}")
    page.get_by_label("Verkaufspreis").fill("11.000")
    save(page)
    saved(page)
    return page, second


def test_two_tabs_with_different_fields_keep_both(page: Page, house: House) -> None:
    first, second = two_tabs(page, house)
    second.get_by_label("Kilometerstand").fill("70.000")
    save(second)
    saved(second)
    expect(second.get_by_text("bleibt erhalten: Verkaufspreis brutto")).to_be_visible()
    first.reload()
    for tab in (first, second):
        expect(tab.get_by_label("Verkaufspreis")).to_have_value(re.compile(r"11\.?000"))
        expect(tab.get_by_label("Kilometerstand")).to_have_value(re.compile(r"70\.?000"))


def test_two_tabs_with_the_same_field_ask_which_one_counts(
    page: Page, house: House, expected: list[str]
) -> None:
    expected.append("status of 422")
    first, second = two_tabs(page, house)
    second.get_by_label("Verkaufspreis").fill("10.500")
    second.get_by_label("Kilometerstand").fill("70.000")
    save(second)
    expect(second.get_by_text("Dieses Fahrzeug wurde inzwischen geändert")).to_be_visible()
    expect(second.locator(".conflict tbody tr")).to_have_count(1)
    expect(second.locator(".conflict tbody")).to_contain_text(re.compile(r"11\.?000.*10\.?500", re.DOTALL))
    first.reload()
    expect(first.get_by_label("Verkaufspreis")).to_have_value(re.compile(r"11\.?000"))
    save(second)
    saved(second)
    expect(second.get_by_label("Verkaufspreis")).to_have_value(re.compile(r"10\.?500"))
    expect(second.get_by_label("Kilometerstand")).to_have_value(re.compile(r"70\.?000"))


@pytest.mark.parametrize("scripts", [True, False])
def test_a_tab_in_which_nothing_was_typed_changes_nothing(
    window: Callable[..., BrowserContext], house: House, scripts: bool
) -> None:
    car = house.vehicle(**ODD)
    context = window(house.alice, java_script_enabled=scripts)
    first, second = context.new_page(), context.new_page()
    for tab in (first, second):
        tab.goto(f"/vehicles/{car.id}")
    first.get_by_label("Kilometerstand").fill("70.000")
    save(first)
    saved(first)
    save(second)
    expect(second.get_by_text("Es war nichts zu ändern")).to_be_visible()
    expect(second.get_by_text("bleibt erhalten: Kilometerstand", exact=False)).to_be_visible()
    house.build.session.refresh(car)
    assert car.facts() == golf(offer_number=car.offer_number, **ODD, mileage=70_000)


def test_back_after_the_logout_shows_nothing(page: Page, house: House, expected: list[str]) -> None:
    """What happened to the vehicle just before may be told to a page whose login is gone meanwhile."""
    expected.append("status of 401")
    car = house.vehicle(model_description="Geheime Ausstattung")
    page.goto(f"/vehicles/{car.id}")
    page.locator(".sidebar .user-menu summary").click()
    page.get_by_role("button", name="Abmelden").first.click()
    expect(page.get_by_label("Passwort")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Passwort")).to_be_visible()
    assert "Geheime" not in page.content()


def test_a_lost_login_before_a_decision_is_said_and_leads_back(
    page: Page, house: House, expected: list[str]
) -> None:
    """The form of the page belongs to a login that is gone: nothing is done, one click leads to the next."""
    expected.append("status of 422")
    house.vehicle()
    page.goto("/appstore/mobile-de/activate")
    page.fill("#customer_number", LINKED)
    expect(page.locator("#customer-check")).to_contain_text("Gültig")
    page.context.clear_cookies()
    page.get_by_role("button", name="Vorschau").click()
    page.get_by_role("link", name="Seite neu laden").click()
    expect(page.get_by_label("Passwort")).to_be_visible()


def test_a_wrong_password_is_said_and_the_name_kept(
    window: Callable[..., BrowserContext], house: House, expected: list[str]
) -> None:
    expected.append("status of 422")
    page = window().new_page()
    page.goto("/login")
    page.get_by_label("Benutzername").fill(house.alice.login)
    page.get_by_label("Passwort").fill("falsch")
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("alert")).to_contain_text("Benutzername oder Passwort stimmt nicht.")
    expect(page.get_by_label("Benutzername")).to_have_value(house.alice.login)


def test_a_stopped_activation_names_its_cause_and_goes_on_after_the_check(page: Page, house: House) -> None:
    car = house.vehicle()
    path = activate(page, 1)
    house.market.change_password("changed")
    page.goto(f"/vehicles/{car.id}")
    page.get_by_label("Verkaufspreis").fill("9.990")
    save(page)
    saved(page)
    until(lambda: any(row["status"] == 401 for row in house.market.requests("update")))
    until(lambda: "Angehalten seit" in answer(page, path))
    page.goto(path)
    expect(page.get_by_text("Das kann nur der Betreiber dieses Portals beheben")).to_be_visible()
    page.get_by_role("button", name="Erneut prüfen").click()
    expect(page.get_by_role("button", name="Erneut prüfen")).to_be_visible()
    house.market.change_password("portal-sandbox")
    page.get_by_role("button", name="Erneut prüfen").click()
    expect(page.get_by_text("Angehalten seit")).to_have_count(0)
    price = house.market.online
    until(lambda: float(price()[car.offer_number]["price"]["consumerPriceGross"]) == 9990)
