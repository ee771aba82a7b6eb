"""One running portal and one browser for the session, a fresh window and a fresh dealer for each test."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Response,
    ViewportSize,
    expect,
    sync_playwright,
)
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from portal.models import Activation, CustomerNumber, User, Vehicle
from portal.models.exports import ActivationState
from portal.vehicles.images import add_image
from tests.browser.house import House
from tests.browser.stack import Stack, running
from tests.browser.watch import Watch
from tests.builders import Build
from tests.conftest import open_folder
from tests.marketplace import Marketplace
from tests.programs import ONE_BROWSER

DESKTOP, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
TABLET = ViewportSize(width=1024, height=900)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--lang=de-DE",
    "--disable-component-update",
    "--disable-sync",
    "--js-flags=--no-opt --no-maglev",  # no page lives long enough for what optimizing its scripts costs
)
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
"""The shell is Chromium without windows, of which no test sees one; it takes half of the processor time."""
_numbers = count(1)

expect.set_options(timeout=60_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(ONE_BROWSER)


@pytest.fixture(scope="session", autouse=True)
def _arriving() -> Iterator[None]:
    """An address that is typed while the page before still goes somewhere by itself is now and then
    given up by Chromium in favour of that; whoever types it again arrives, and so does a test."""
    goto = Page.goto

    def goto_again(page: Page, url: str, **options: Any) -> Response | None:
        try:
            return goto(page, url, **options)
        except Error as gave_up:
            if "net::ERR_ABORTED" not in gave_up.message:
                raise
            page.wait_for_load_state()
            return goto(page, url, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Page, "goto", goto_again)
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with running(open_folder()) as stack:
        yield stack


@pytest.fixture(scope="session")
def _market(stack: Stack) -> Iterator[Marketplace]:
    marketplace = Marketplace(stack.sandbox_url)
    yield marketplace
    marketplace.close()


@pytest.fixture
def market(_market: Marketplace) -> Marketplace:
    """The running sandbox, empty and without faults."""
    _market.reset()
    return _market


@pytest.fixture
def rows(stack: Stack) -> Iterator[Session]:
    """The portal's database."""
    with stack.session() as session:
        yield session


@pytest.fixture
def house(rows: Session, stack: Stack, market: Marketplace) -> Iterator[House]:
    """Alice's dealer, without vehicles. Nothing of it is sent any more when the test is over."""
    rows.execute(delete(CustomerNumber))  # the operator has vouched for this test's dealer now
    build = Build(rows)
    dealer = build.dealer()
    alice = build.user(f"alice-{next(_numbers)}", dealer)
    yield House(build, dealer, alice, market)
    rows.rollback()
    ended = update(Activation).where(Activation.dealer_id == dealer.id)
    rows.execute(ended.values(state=ActivationState.DEACTIVATED))
    rows.commit()


@pytest.fixture
def expected() -> list[str]:
    """Complaints that belong to the test, as `status of 422`."""
    return []


@pytest.fixture
def window(chromium: Browser, stack: Stack, expected: list[str]) -> Iterator[Callable[..., BrowserContext]]:
    """`window(user, viewport=PHONE)`: a browser in which this user is logged in. What its console
    says, what it could not load and what the CSP forbade fails the test."""
    opened: list[BrowserContext] = []
    watch = Watch(expected)

    def open_window(user: User | None = None, **options: object) -> BrowserContext:
        settings = {"viewport": DESKTOP, "locale": "de-DE"} | options
        context = chromium.new_context(base_url=stack.url, **settings)  # type: ignore[arg-type]
        context.set_default_timeout(60_000)
        if user:
            context.add_cookies([stack.cookie(user.id)])  # type: ignore[list-item]
        watch.follow(context)
        opened.append(context)
        return context

    yield open_window
    for context in opened:
        for page in context.pages:
            with contextlib.suppress(Error):  # closed while it goes somewhere, one can hang for good
                page.goto("about:blank")
        context.close()
    assert not watch.unexpected


@pytest.fixture
def page(window: Callable[..., BrowserContext], house: House) -> Page:
    """Alice's browser, logged in."""
    return window(house.alice).new_page()


def jpeg(colour: str, size: tuple[int, int] = (800, 600)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG")
    return file.getvalue()


def picture(rows: Session, vehicle: Vehicle, colour: str) -> None:
    add_image(rows, vehicle, jpeg(colour))
    rows.commit()
