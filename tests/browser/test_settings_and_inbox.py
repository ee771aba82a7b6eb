"""Settings with real effect, and the way from a problem to the mail, the bell and the inbox."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import Session

from portal.models import Activation
from portal.notifications.problems import ProblemKind, close_problem, open_problem
from tests.browser.conftest import PHONE
from tests.browser.house import House, activate
from tests.waiting import until

pytestmark = pytest.mark.browser

Window = Callable[..., BrowserContext]


@pytest.fixture
def alices_mail(house: House, rows: Session) -> str:
    house.alice.email = f"{house.alice.login}@example.org"
    rows.commit()
    return house.alice.email


@pytest.fixture
def activation(house: House) -> Activation:
    found: Activation = house.build.activation(house.dealer)
    return found


def stopped(rows: Session, activation: Activation) -> None:
    open_problem(rows, activation, ProblemKind.STOPPED)
    rows.commit()


def mails_to(house: House, address: str) -> list[str]:
    found = house.market.mails()
    return [mail["subject"] for mail in found if address in mail["to"]][::-1]


def settings(page: Page, area: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="Einstellungen").first.click()
    page.get_by_role("navigation", name="Bereiche der Einstellungen").get_by_role("link", name=area).click()


def test_a_setting_changes_what_is_online(page: Page, house: House) -> None:
    vehicle = house.vehicle()
    activate(page, 1)
    assert "vin" in house.market.online()[vehicle.offer_number]
    settings(page, "Export")
    page.get_by_label("Fahrgestellnummer (FIN) exportieren").uncheck()
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_text("Gespeichert.", exact=True)).to_be_visible()
    until(lambda: "vin" not in house.market.online()[vehicle.offer_number])


def test_two_tabs(page: Page, house: House) -> None:
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto("/settings/export")
    other.get_by_label("Inzahlungnahmen exportieren").uncheck()
    other.get_by_role("button", name="Speichern").click()
    expect(other.get_by_text("Gespeichert.", exact=True)).to_be_visible()
    page.get_by_label("Hybrid", exact=True).check()
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_text("Inzahlungnahmen exportieren: jetzt nein, bei Ihnen ja")).to_be_visible()
    expect(page.get_by_label("Hybrid", exact=True)).to_be_checked()


@pytest.fixture
def expected() -> list[str]:
    return ["status of 422"]


def test_from_a_problem_to_mail_bell_and_inbox_and_back(
    page: Page, house: House, rows: Session, activation: Activation, alices_mail: str
) -> None:
    stopped(rows, activation)
    until(lambda: mails_to(house, alices_mail) == ["mobile.de ist angehalten"])
    page.goto("/")
    page.get_by_role("link", name="Benachrichtigungen, 1 ungelesen").first.click()
    page.get_by_role("button", name="Ansehen: mobile.de ist angehalten").click()
    expect(page).to_have_url(f"{page.url.split('/apps')[0]}/apps/{activation.id}")
    expect(page.get_by_role("link", name="Benachrichtigungen", exact=True)).to_have_count(1)
    close_problem(rows, activation.id, ProblemKind.STOPPED, "healed")
    rows.commit()
    until(lambda: mails_to(house, alices_mail)[1:] == ["Gelöst: mobile.de ist nicht mehr angehalten"])
    page.goto("/notifications")
    expect(page.get_by_text("Gelöst: mobile.de ist nicht mehr angehalten")).to_be_visible()


def test_the_test_mail_arrives(page: Page, house: House, alices_mail: str) -> None:
    settings(page, "Benachrichtigungen")
    page.get_by_role("button", name="Testmail senden").click()
    expect(
        page.get_by_text(f"Der Mailserver hat die Mail an {alices_mail} angenommen: 250 OK")
    ).to_be_visible()
    assert mails_to(house, alices_mail) == ["Testmail von Export-Portal"]


def test_without_scripts(house: House, window: Window) -> None:
    page = window(house.alice, java_script_enabled=False).new_page()
    settings(page, "Benachrichtigungen")
    page.get_by_role("group", name="Sperre").get_by_label("einmal täglich").check()
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("group", name="Sperre").get_by_label("einmal täglich")).to_be_checked()
    settings(page, "Standorte")
    page.get_by_role("link", name="Standort hinzufügen").click()
    page.get_by_label("Kürzel").fill("HB")
    page.get_by_label("Name").fill("Bremen")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("link", name="Ändern Bremen")).to_be_visible()


@pytest.mark.parametrize(
    "path",
    [
        "/notifications",
        "/settings/export",
        "/settings/export/{activation}",
        "/settings/locations",
        "/settings/locations/new",
        "/settings/lms",
        "/settings/notifications",
    ],
)
def test_on_the_phone_nothing_scrolls_sideways(
    house: House, rows: Session, activation: Activation, window: Window, path: str
) -> None:
    house.dealer.lms_address = f"autohaus-mit-einem-recht-langen-namen-{house.dealer.key}@dein.auto"
    rows.commit()
    page = window(house.alice, viewport=PHONE).new_page()
    page.goto(path.format(activation=activation.id))
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
