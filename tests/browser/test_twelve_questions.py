"""What dealers ask every day: each answered at most two clicks from the overview, with at most one search."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy.orm import Session

from portal.models import Activation, AuditEvent, CostEvent, SupportSession, Vehicle
from portal.models.exports import ActivationState, ListingState, TransferState
from tests.browser.house import House, save, saved
from tests.builders import fresh

pytestmark = pytest.mark.browser
MOST_CLICKS, MOST_SEARCHES = 2, 1


@dataclass
class Way:
    """From the overview on, with every step counted."""

    page: Page
    clicks: int = 0
    searches: int = 0

    def click(self, what: Locator) -> None:
        self.clicks += 1
        assert self.clicks <= MOST_CLICKS, f"a dealer would have given up before {what}"
        what.click()
        self.page.wait_for_load_state()

    def link(self, name: str | re.Pattern[str]) -> None:
        self.click(self.page.get_by_role("link", name=name).first)

    def menu(self, name: str) -> None:
        self.click(self.page.get_by_label("Hauptmenü").get_by_role("link", name=name).first)

    def tab(self, name: str) -> None:
        self.click(self.page.locator("main").get_by_role("link", name=name, exact=True))

    def search(self, text: str) -> None:
        self.searches += 1
        assert self.searches <= MOST_SEARCHES
        self.page.get_by_label("Suche", exact=True).fill(text)
        expect(self.page).to_have_url(re.compile(text))

    def expect(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator("main")).to_contain_text(text)


@pytest.fixture
def way(window: Callable[..., BrowserContext], day: Day) -> Way:
    page = window(day.house.alice).new_page()
    page.goto("/")
    return Way(page)


@dataclass(frozen=True)
class Day:
    house: House
    car: Vehicle
    """Online; its price was changed, and the change refused."""
    blocked: Vehicle
    app: Activation


@pytest.fixture
def day(house: House, rows: Session) -> Day:
    """A day at a dealer's: one app of each kind, and something of everything has happened. Nothing is due."""
    now, build, dealer = datetime.now(UTC), house.build, house.dealer
    later = now + timedelta(hours=6)
    app = build.activation(dealer, customer_number="77101", next_check_at=later, last_success_at=now)
    build.activation(
        dealer, app="mobile-de-csv", customer_number="77103", next_run_at=later, next_check_at=None
    )
    car, waiting, blocked = (house.vehicle() for _ in range(3))
    refusal = {
        "code": "price",
        "text": "Der Preis liegt weit unter dem Markt.",
        "field": "prices.selling",
        "who": "dealer",
    }
    missing = {"code": "co2-class", "text": "CO₂-Klasse fehlt.", "field": "co2_class", "who": "dealer"}
    build.release(car, app)
    build.release(waiting, app)
    build.release(blocked, app, problems=[missing])
    build.not_taken(car, app, refusal, state=ListingState.ONLINE, listing_id="123456")
    build.transfer(waiting, app, action="create", not_before=later)
    bob = build.user(f"bob-{car.offer_number}", dealer)
    rows.add(
        AuditEvent(
            dealer_id=dealer.id,
            activation_id=app.id,
            object_id=app.id,
            what="lock.approved",
            user_id=bob.id,
            actor=bob.name,
        )
    )
    paid = build.transfer(car, app, state=TransferState.OK, action="create", finished_at=now)
    rows.add(
        CostEvent(
            activation_id=app.id,
            vehicle_id=car.id,
            transfer_id=paid.id,
            offer_number=car.offer_number,
            kind="created",
            booking="",
            at=now,
        )
    )
    sam = build.user(f"sam-{car.offer_number}", None, rights=(), role="support")
    rows.add(
        SupportSession(
            agent_id=sam.id,
            dealer_id=dealer.id,
            reason="Rückfrage zu einer Ablehnung",
            expires_at=later,
        )
    )
    rows.commit()
    return Day(house, car, blocked, app)


def test_why_is_it_not_online(way: Way, day: Day) -> None:
    way.menu("Fahrzeuge")
    way.search(day.blocked.offer_number)
    way.click(way.page.locator(".vehicle-name a"))
    expect(way.page.locator("#standing")).to_contain_text("Warum ist dieses Fahrzeug nicht online?")
    expect(way.page.locator("#standing")).to_contain_text("CO₂-Klasse fehlt.")


def test_what_failed_today(way: Way, day: Day) -> None:
    way.link("Übertragungen")
    expect(way.page.locator("#history")).to_contain_text(day.car.offer_number)
    expect(way.page.locator("#history")).to_contain_text("abgelehnt")


def test_what_will_be_sent_next(way: Way, day: Day) -> None:
    way.link("Übertragungen")
    way.tab("Vorschau")
    expect(way.page.locator("#preview")).to_contain_text(re.compile(r"\d+\s+neu"))


def test_what_did_it_cost(way: Way, day: Day) -> None:
    way.link("Übertragungen")
    way.tab("Kosten")
    expect(way.page.locator("#cost-lines")).to_contain_text(day.car.offer_number)


def test_who_unlocked(way: Way) -> None:
    way.link("Übertragungen")
    way.tab("Zugriffe")
    way.expect("Sperre aufgehoben")
    way.expect("Bob-")


def test_is_it_fresh(way: Way) -> None:
    expect(way.page.locator(".app-moments").first).to_contain_text(
        re.compile(r"Zuletzt bestätigt\s+(gerade eben|vor \d+ Minute)")
    )


def test_who_was_in_my_account(way: Way) -> None:
    way.menu("Einstellungen")
    way.tab("Zugriffe")
    way.expect("Sam-")
    way.expect("Rückfrage zu einer Ablehnung")


def test_which_cars_lack_values(way: Way, day: Day) -> None:
    way.menu("Handlungsbedarf")
    way.expect("CO₂-Klasse fehlt.")
    cause = way.page.locator(".problem").filter(has_text="CO₂-Klasse fehlt.")
    way.click(cause.get_by_role("link", name="Fahrzeuge zeigen"))
    expect(way.page.locator("#results")).to_contain_text(day.blocked.offer_number)


def test_what_did_the_platform_say(way: Way) -> None:
    way.link("Übertragungen")
    expect(way.page.locator("#history")).to_contain_text("Der Preis liegt weit unter dem Markt.")
    way.click(way.page.locator(".history-open a").first)
    way.expect("Vorgangsnummer")


def test_when_is_the_next_run(way: Way) -> None:
    file_app = way.page.locator(".app-row").filter(has_text="77103")
    expect(file_app.locator(".app-moments")).to_contain_text(re.compile(r"Nächste Datei\s+.*\d\d:\d\d"))


def test_what_changed_last_on_this_car(way: Way, day: Day) -> None:
    other = way.page.context.new_page()
    other.goto(f"/vehicles/{day.car.id}")
    other.get_by_label("Kilometerstand").fill("65000")
    save(other)
    saved(other)
    way.menu("Fahrzeuge")
    way.search(day.car.offer_number)
    way.click(way.page.locator(".vehicle-name a"))
    facts = way.page.locator("#facts")
    expect(facts).to_contain_text("Kilometerstand: 64.500 km → 65.000 km")
    expect(facts).to_contain_text(re.compile(r"gerade eben · Alice"))


def test_stop_it_now(way: Way, day: Day, rows: Session) -> None:
    way.link("Übertragungen")
    way.click(way.page.get_by_role("button", name="Pausieren"))
    way.expect("Pausiert seit")
    app = fresh(rows, Activation, day.app.id)
    assert app.state == ActivationState.STOPPED
