"""People in the browser: invited by mail, a second factor, an agent who visits and is seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count

import pyotp
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.models import Dealer, User
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.house import House
from tests.browser.test_every_page import crawl
from tests.browser.watch import axe, sideways
from tests.builders import Build
from tests.waiting import until

pytestmark = pytest.mark.browser
PASSWORD = "rote Ampel am Hafen"
REASON = "Ein Fahrzeug fehlt bei mobile.de" + ", und niemand weiß, warum" * 6
Window = Callable[..., BrowserContext]
_numbers = count(1)


@pytest.fixture
def sam(build_in_portal: Build) -> User:
    return build_in_portal.user(f"sam-{next(_numbers)}", None, rights=(), role="support")


@pytest.fixture
def build_in_portal(rows: Session) -> Build:
    return Build(rows)


def readable(page: Page) -> None:
    """Once the page is there: a click only begins the way to it."""
    page.wait_for_load_state()
    expect(page.get_by_role("main")).to_be_visible()
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        assert axe(page) == []
        assert sideways(page) <= 0, page.url
    page.set_viewport_size(DESKTOP)


def covers_nothing(page: Page) -> None:
    """The bar of a support session stands above the portal's name, however long dealer and reason are."""
    for size, brand in ((DESKTOP, ".sidebar .brand"), (PHONE, ".topbar .brand")):
        page.set_viewport_size(size)
        bar, name = page.locator(".support-bar").bounding_box(), page.locator(brand).bounding_box()
        assert bar
        assert name
        assert bar["y"] + bar["height"] <= name["y"]
    page.set_viewport_size(DESKTOP)


def link_of(house: House, recipient: str) -> str:
    """The link to set a password in the mail to this address."""
    found: list[str] = []

    def look() -> bool:
        texts = [mail["text"] for mail in house.market.mails() if recipient in str(mail)]
        found[:] = re.findall(r"https?://\S+/password/[\w.-]+", "\n".join(texts))
        return bool(found)

    until(look)
    return found[0]


def log_in(page: Page, login: str, password: str) -> None:
    page.goto("/login")
    page.fill("#login", login)
    page.fill("#password", password)
    page.get_by_role("button", name="Anmelden").click()


def test_an_invited_colleague_sets_a_password_and_sees_what_he_may(
    page: Page, house: House, window: Window
) -> None:
    login = f"dora-{next(_numbers)}"
    page.goto("/settings/users")
    readable(page)
    page.get_by_role("link", name="Nutzer einladen").click()
    readable(page)
    page.fill("#login", login)
    page.fill("#name", "Dora Neu")
    page.fill("#email", f"{login}@example.org")
    page.get_by_role("button", name="Einladen").click()
    expect(page.get_by_text("Dora Neu ist eingeladen.")).to_be_visible()
    hers = window().new_page()
    hers.goto(link_of(house, f"{login}@example.org"))
    readable(hers)
    hers.fill("#password", PASSWORD)
    hers.fill("#again", PASSWORD)
    hers.get_by_role("button", name="Passwort setzen").click()
    expect(hers.get_by_text("Ihr Passwort ist gesetzt.")).to_be_visible()
    log_in(hers, login, PASSWORD)
    expect(hers.get_by_role("heading", name="Übersicht")).to_be_visible()
    hers.goto("/settings/export")
    expect(hers.get_by_role("link", name="Nutzer", exact=True)).to_have_count(0)


def test_a_forgotten_password_is_set_anew_by_mail(
    page: Page, house: House, window: Window, rows: Session
) -> None:
    rows.execute(update(User).where(User.id == house.alice.id).values(email="forgotten@example.org"))
    rows.commit()
    stranger = window().new_page()
    stranger.goto("/login")
    stranger.get_by_role("link", name="Passwort vergessen?").click()
    readable(stranger)
    stranger.fill("#login", house.alice.login)
    stranger.get_by_role("button", name="Link anfordern").click()
    expect(stranger.get_by_text("ist jetzt eine Mail mit einem Link unterwegs")).to_be_visible()
    stranger.goto(link_of(house, "forgotten@example.org"))
    stranger.fill("#password", PASSWORD)
    stranger.fill("#again", PASSWORD)
    stranger.get_by_role("button", name="Passwort setzen").click()
    page.goto("/")
    expect(page.get_by_role("heading", name="Anmelden")).to_be_visible()


def test_a_second_factor_is_set_up_and_asked_for(
    page: Page, house: House, window: Window, rows: Session, expected: list[str]
) -> None:
    expected.append("status of 422")
    page.goto("/account")
    readable(page)
    page.get_by_role("link", name="Einrichten").click()
    readable(page)
    secret = page.locator("code").inner_text().replace(" ", "")
    page.fill("#code", "000000")
    page.get_by_role("button", name="Einschalten").click()
    expect(page.get_by_text("Dieser Code stimmt nicht.").first).to_be_visible()
    page.fill("#code", pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Einschalten").click()
    expect(page.get_by_role("heading", name="Wiederherstellungscodes")).to_be_visible()
    readable(page)
    recovery = page.locator("code").first.inner_text()
    other = window().new_page()
    log_in(other, house.alice.login, "correct horse battery")
    expect(other.get_by_role("heading", name="Code eingeben")).to_be_visible()
    readable(other)
    other.fill("#code", recovery)
    other.get_by_role("button", name="Anmelden").click()
    expect(other.get_by_role("heading", name="Übersicht")).to_be_visible()


def test_an_agent_visits_reads_acts_and_is_seen(
    page: Page, house: House, window: Window, sam: User, expected: list[str]
) -> None:
    expected.append("status of 403")
    house.vehicle(offer_number="A4711")
    agent = window(sam).new_page()
    agent.goto("/support")
    readable(agent)
    agent.fill("#q", house.dealer.key)
    agent.get_by_role("button", name="Suchen").click()
    expect(agent.locator("#dealers .list-group-item")).to_have_count(1)
    agent.get_by_role("link", name="Sitzung beginnen").click()
    readable(agent)
    agent.fill("#reason", REASON)
    agent.get_by_role("button", name="Sitzung beginnen").click()
    bar = agent.get_by_label("Support-Sitzung", exact=True)
    expect(bar).to_contain_text("nur Lesen")
    readable(agent)
    covers_nothing(agent)
    agent.goto("/vehicles")
    expect(agent.get_by_text("A4711").first).to_be_visible()
    agent.goto("/settings/export")
    agent.get_by_role("button", name="Speichern").click()
    expect(agent.get_by_text("Diese Support-Sitzung ist nur zum Lesen.")).to_be_visible()
    readable(agent)
    agent.get_by_role("main").get_by_role("link", name="Änderungen einschalten").click()
    agent.get_by_label("Ich habe die Änderungen mit dem Händler besprochen").check()
    agent.get_by_role("button", name="Änderungen einschalten").click()
    expect(bar).to_contain_text("Änderungen sind eingeschaltet")
    agent.goto("/settings/export")
    agent.get_by_text("Fahrgestellnummer").first.click()
    agent.get_by_role("button", name="Speichern").click()
    expect(agent.get_by_text("Gespeichert.")).to_be_visible()
    page.goto("/settings/access")
    expect(page.get_by_text(REASON)).to_be_visible()
    expect(page.get_by_text("1 Änderung")).to_be_visible()
    readable(page)
    page.get_by_role("button", name="Sitzung beenden").click()
    expect(page.get_by_text("Die Support-Sitzung ist beendet.")).to_be_visible()
    agent.goto("/vehicles")
    expect(agent.get_by_role("heading", name="Dafür fehlt Ihnen das Recht")).to_be_visible()


def test_every_page_of_the_support_area_is_readable_in_both_languages(
    house: House, window: Window, sam: User, rows: Session
) -> None:
    assert rows.scalars(select(Dealer.id)).first()
    for language in ("de", "en"):
        rows.execute(update(User).where(User.id == sam.id).values(language=language))
        rows.commit()
        agent = window(sam).new_page()
        kinds = crawl(agent, lambda _address, agent=agent: readable(agent), start="/support")
        assert len(kinds) >= 3
