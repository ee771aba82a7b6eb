"""Every page that a dealer can reach: no complaints, nothing beside the window, readable for everybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.models import Activation, Listing, User, Vehicle
from portal.models.exports import ListingState
from tests.browser.conftest import DESKTOP, PHONE, TABLET
from tests.browser.files import messy, upload
from tests.browser.house import House, activate, save, saved
from tests.browser.watch import AXE, axe, beside_their_card, broken_words, reaching_over, sideways

pytestmark = pytest.mark.browser
ENGLISH = re.compile(
    r"\b(settings|save|delete|loading|search|vehicle|vehicles|password|logout|submit|cancel|error|next|"
    r"previous|history|overview|warning|success|failed|rejected|waiting|not found|please|none|null)\b",
    re.IGNORECASE,
)
"""Words that would stand on a German page if somebody had forgotten to translate it."""
LINKS = """[...document.querySelectorAll('a[href]')]
  .filter(it => it.origin === location.origin && !it.hasAttribute('download') && it.target !== '_blank')
  .map(it => it.pathname + it.search)"""
REPEATED_IDS = """[...document.querySelectorAll('[id]')].map(it => it.id)
  .filter((id, place, all) => all.indexOf(id) !== place)"""
"""Scripts, labels and links would find the first of them only."""
FILES = re.compile(r"\.csv(\?|$)")


def shape(address: str) -> str:
    """Pages of one kind look alike: ids become stars, of the query only the names count."""
    path, _, query = address.partition("?")
    names = sorted(part.split("=")[0] for part in query.split("&") if part)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "*", path) + "?" + "&".join(names)


def crawl(
    page: Page, look: Callable[[str], None], start: str = "/", others: tuple[str, ...] = ()
) -> set[str]:
    """Visit one page of each kind, from `start` on, and `others` as well; returns the kinds."""
    page.add_init_script(AXE)  # each page has it without its being sent there
    seen, open_ones = {shape(start)}, [*others, start]
    visited: set[str] = set()
    while open_ones:
        address = open_ones.pop(0)
        if address in visited:
            continue
        visited.add(address)
        answer = page.goto(address)
        assert answer, address
        assert answer.status == 200, address
        look(address)
        for link in page.evaluate(LINKS):
            if shape(link) not in seen and not FILES.search(link):
                seen.add(shape(link))
                open_ones.append(link)
    return seen


def both_sizes(page: Page) -> list[ViewportSize]:
    """That of the window first, so that a page is laid out but once more."""
    return sorted((DESKTOP, PHONE), key=lambda size: size != page.viewport_size)


@pytest.fixture
def dealer(house: House, page: Page, tmp_path: Path) -> House:
    """A dealer with vehicles online, refused, incomplete and hinted at, with figures and an import behind."""
    for _ in range(3):
        house.vehicle()
    house.vehicle(make="")
    refused = house.vehicle()
    error = {"key": "value-out-of-range", "path": "ad.vehicle.mileage", "value": "1", "message": "Too low."}
    house.market.fault("reject", "create", internalNumber=refused.offer_number, error=error)
    activate(page, 3, of=5)
    ours = select(Listing).join(Activation).where(Activation.dealer_id == house.dealer.id)
    for listing in house.build.session.scalars(ours):
        house.build.figures(listing)
    file = tmp_path / "bestand.csv"
    file.write_bytes(messy().encode("cp1252"))
    upload(page, file)
    expect(page.get_by_text("Die Datei ist importiert.")).to_be_visible()
    return house


@pytest.fixture
def outdated(page: Page, dealer: House, rows: Session) -> tuple[str, ...]:
    """The list and the pages of a vehicle that is online as it was before its last change was refused."""
    online = select(Vehicle).join(Listing).where(Vehicle.dealer_id == dealer.dealer.id)
    car = rows.scalars(online.where(Listing.state == ListingState.ONLINE).limit(1)).one()
    error = {"key": "duplicate-ad", "message": "Duplicate ad."}
    dealer.market.fault("reject", "update", internalNumber=car.offer_number, error=error)
    page.goto(f"/vehicles/{car.id}")
    page.get_by_label("Kilometerstand").fill("71.000")
    save(page)
    saved(page)
    expect(page.locator("#standing")).to_contain_text("Online mit altem Stand")
    return "/vehicles?state=outdated", f"/vehicles/{car.id}", f"/vehicles/{car.id}/publication"


def test_every_page_fits_and_is_readable_in_german(page: Page, outdated: tuple[str, ...]) -> None:
    faults: list[Any] = []

    def look(address: str) -> None:
        words, twice = page.evaluate(f"[document.body.innerText, {REPEATED_IDS}]")
        faults.extend((address, word) for word in ENGLISH.findall(words))
        faults.extend((address, "twice", name) for name in twice)
        for size in both_sizes(page):
            page.set_viewport_size(size)
            faults.extend((address, size["width"], finding) for finding in axe(page))
            if (beside := sideways(page)) > 0:
                faults.append((address, size["width"], f"{beside} px too wide"))
            if size == DESKTOP:
                faults.extend((address, "into the next column", text) for text in reaching_over(page))
        page.set_viewport_size(TABLET)
        faults.extend((address, "broken", word) for word in broken_words(page))
        faults.extend((address, "beside its card") for _ in range(beside_their_card(page)))

    seen = crawl(page, look, others=outdated)
    assert len(seen) > 25, seen
    assert not faults, "\n".join(map(str, faults))


def test_every_page_fits_and_is_readable_in_english_and_in_the_dark(
    page: Page, dealer: House, outdated: tuple[str, ...], rows: Session
) -> None:
    """Both at once: texts have the same colours in both languages, and the same words by day and by night."""
    rows.execute(update(User).where(User.id == dealer.alice.id).values(language="en", theme="dark"))
    rows.commit()
    faults: list[Any] = []

    def look(address: str) -> None:
        shown = page.evaluate("(({lang, dataset}) => [lang, dataset.bsTheme])(document.documentElement)")
        assert shown == ["en", "dark"]
        for size in both_sizes(page):
            page.set_viewport_size(size)
            if size == DESKTOP:
                faults.extend((address, finding) for finding in axe(page))
            if (beside := sideways(page)) > 0:
                faults.append((address, size["width"], f"{beside} px too wide"))

    crawl(page, look, others=outdated)
    assert not faults, "\n".join(map(str, faults))
