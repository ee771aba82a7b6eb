"""The frame in a real browser: menus, buttons, polling, lost logins, contrast of nothing but ours."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route
from werkzeug.serving import make_server

from tests.builders import PASSWORD, Build

pytestmark = pytest.mark.browser
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
EXPECTED = ("status of 401", "status of 404", "status of 422")
FORM = """
<form id="form" hx-post="/slow" hx-target="#out">
  <button class="btn" type="submit" name="x" value="1">Eins</button>
</form>
<div id="out"></div>
"""
POLL = '<div hx-get="/poll" hx-trigger="every 50ms"></div>'


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(chromium: Browser, address: str, build: Build, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Alice's browser after the login; anything the console complains about fails the test."""
    build.alice(build.dealer())
    context = chromium.new_context(
        base_url=address, viewport=getattr(request, "param", DESKTOP), locale="de-DE"
    )
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/login")
    page.fill("#login", "alice")
    page.fill("#password", PASSWORD)
    page.click("main [type=submit]")
    page.goto("/help")
    yield page
    context.close()
    assert not [text for text in complaints if not any(known in text for known in EXPECTED)]


def add(page: Page, html: str) -> None:
    page.evaluate(
        "html => { const box = document.createElement('div'); box.innerHTML = html;"
        " document.querySelector('main').append(box); htmx.process(box); }",
        html,
    )


@pytest.mark.parametrize("page", [DESKTOP, PHONE], indirect=True)
def test_nothing_scrolls_sideways_in_light_and_dark(page: Page) -> None:
    for path in ("/help", "/nowhere"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_on_the_phone_the_menu_opens_and_closes(page: Page) -> None:
    link = page.locator(".topbar .menu-link", has_text="Fahrzeuge")
    assert not link.is_visible()
    page.get_by_label("Menü", exact=True).click()
    assert link.is_visible()
    page.keyboard.press("Escape")
    assert not link.is_visible()


def test_the_user_menu_is_keyboard_work(page: Page) -> None:
    summary = page.locator(".sidebar .user-menu summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector('html[data-bs-theme="dark"]')
    page.locator(".sidebar .user-menu summary").click()
    page.locator("main").click()
    assert page.locator(".user-menu[open]").count() == 0


def test_the_keyboard_reaches_the_content_first(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_a_button_that_works_cannot_be_pressed_twice_and_keeps_the_focus(page: Page) -> None:
    sent: list[str | None] = []

    def slow(route: Route) -> None:
        sent.append(route.request.headers.get("x-csrftoken"))
        page.wait_for_timeout(200)
        route.fulfill(body="<p>da</p>", content_type="text/html")

    page.route("**/slow", slow)
    add(page, FORM)
    button = page.locator("#form button")
    button.click(no_wait_after=True)
    assert button.is_disabled()
    page.evaluate("document.querySelector('#form button').click()")
    page.wait_for_selector("#out p")
    page.wait_for_selector("#form button:enabled")
    assert page.evaluate("document.activeElement.textContent") == "Eins"
    assert len(sent) == 1
    assert sent[0]


def test_nothing_polls_while_nobody_looks(page: Page) -> None:
    polls: list[str] = []

    def answer(route: Route) -> None:
        polls.append(route.request.url)
        route.fulfill(status=204)

    page.route("**/poll", answer)
    add(page, POLL)
    page.wait_for_timeout(300)
    assert polls
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    page.wait_for_timeout(100)
    seen = len(polls)
    page.wait_for_timeout(300)
    assert len(polls) == seen


def test_a_lost_login_leads_the_whole_page_to_the_login(page: Page) -> None:
    add(page, '<a id="more" hx-get="/help" hx-target="main">mehr</a>')
    page.context.clear_cookies()
    page.click("#more")
    page.wait_for_selector("#password")
    assert page.url.endswith("/login?next=/help")


def test_an_error_gets_the_focus(page: Page) -> None:
    page.context.clear_cookies()
    page.goto("/login")
    page.fill("#login", "alice")
    page.fill("#password", "wrong")
    page.click("main [type=submit]")
    page.wait_for_selector("[data-error-summary]")
    assert "stimmt nicht" in page.evaluate("document.activeElement.textContent")
