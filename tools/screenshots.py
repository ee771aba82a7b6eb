"""Pictures of a lively demo, wide and narrow: `python -m tools.screenshots FOLDER`.

Starts a portal of its own, activates mobile.de for one of the demo dealers and lets the marketplace
refuse and delay something, so that there is something to see. FOLDER/docs is what docs/screenshots holds.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM, DESKTOP, PHONE
from tests.browser.house import activate_with, save
from tests.browser.stack import Stack, running
from tests.conftest import open_folder
from tests.marketplace import Marketplace
from tests.programs import end_with_this_process

NUMBER = "4711002"
WIDTHS = {"desktop": DESKTOP, "phone": PHONE}
REFUSALS = {
    "duplicate-ad": "Duplicate ad.",
    "modeldescription-contains-phone": "The model description contains a phone number.",
}
"""Key of an error of mobile.de and what it says."""
DECISIONS = {"suggested": "same", "here": "create", "there": "keep"}
"""Tab of the reconciliation → what is decided there for everything."""
TALLEST = 1800
Steps = Callable[[Page], None]


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "var/screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    end_with_this_process()
    with running(open_folder(), demo=True) as stack, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with_history(browser, stack, folder)
        for name, size in WIDTHS.items():
            shoot(_window(browser, stack, size), folder, name)
        browser.close()


def _window(browser: Browser, stack: Stack, size: Any, login: str = "bernd") -> Page:
    context = browser.new_context(base_url=stack.url, viewport=size, locale="de-DE")
    context.set_default_timeout(30_000)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    log_in(page, login)
    return page


def log_in(page: Page, login: str = "bernd") -> None:
    page.goto("/login")
    page.fill("#login", login)
    page.fill("#password", "demo")
    page.click("main [type=submit]")
    page.wait_for_url(re.compile(r"//[^/]+/$"))


def reconcile(page: Page, folder: Path) -> None:
    """The dealer has listings there already: a picture of each part, then everything is decided."""
    page.get_by_role("link", name="Bestand abgleichen").click()
    url = re.sub(r"\?.*", "", page.url)
    for tab, decision in DECISIONS.items():
        for name, size in WIDTHS.items():
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.goto(f"{url}?tab={tab}")
            page.screenshot(path=folder / f"reconciliation-{tab}-{name}.png")
            if tab == "suggested":
                _for_docs(page, folder / "docs", "reconciliation", 900, name)
        page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
        page.locator("[name=scope]").check()
        page.locator(f".card-header [formaction*='/{decision}?']").click()
        expect(page.locator("#reconciliation [role=status]").first).not_to_be_empty()
    page.get_by_role("link", name="Abgleich abschließen").click()
    page.locator("main [type=submit]").click()


def with_history(browser: Browser, stack: Stack, folder: Path) -> None:
    """Activate, let some be refused, change some vehicles."""
    market = Marketplace(stack.sandbox_url)
    for key, message in REFUSALS.items():
        market.fault(
            "reject", "create", seller=NUMBER, probability=0.012, error={"key": key, "message": message}
        )
    page = _window(browser, stack, DESKTOP)
    activate_with(page, NUMBER, "Autohaus Sonnenschein")
    reconcile(page, folder)
    expect(page.locator("#progress progress")).to_have_count(0, timeout=180_000)
    market.heal()
    for index in (4, 8, 12):
        page.goto("/vehicles?state=online")
        page.locator(".vehicle-name a").nth(index).click()
        price = page.get_by_label("Verkaufspreis")
        price.fill(str(int(price.input_value()) - 500))
        save(page)
        expect(page.locator("#standing")).to_contain_text("übertragen")
    market.close()
    page.context.close()


def _vehicle(state: str, tab: str = "", index: int = 0) -> Steps:
    def go(page: Page) -> None:
        page.goto(f"/vehicles?state={state}")
        page.locator(".vehicle-name a").nth(index).click()
        if tab:
            page.get_by_role("link", name=tab, exact=True).click()

    return go


def _app(part: str = "", click: str = "") -> Steps:
    def go(page: Page) -> None:
        page.goto("/apps")
        page.get_by_role("link", name="Details").first.click()
        page.goto(re.sub(r"\?.*", "", page.url) + part)
        if click:
            page.locator(click).first.click()
            page.wait_for_timeout(500)

    return go


def _page(path: str) -> Steps:
    return lambda page: page.goto(path) and None


def _form(page: Page) -> None:
    page.goto("/appstore/mobile-de/activate")
    page.fill("#customer_number", NUMBER)
    expect(page.locator("#customer-check")).to_contain_text("Gültig")
    page.wait_for_timeout(1500)


VIEWS: dict[str, Steps] = {
    "overview": _page("/"),
    "vehicles": _page("/vehicles"),
    "vehicles-problem": _page("/vehicles?state=problem"),
    "vehicle": _vehicle("online", "", 4),
    "vehicle-not-online": _vehicle("error"),
    "vehicle-publication": _vehicle("online", "Veröffentlichung", 4),
    "vehicle-history": _vehicle("online", "Verlauf", 4),
    "store": _page("/appstore"),
    "store-details": _page("/appstore/mobile-de"),
    "activation": _form,
    "apps": _page("/apps"),
    "history": _app("?result=all"),
    "history-open": _app("?result=rejected", ".history-open a"),
    "listings": _app("/listings"),
    "settings": _app("/settings"),
    "deactivate": _app("/deactivate"),
    "problems": _page("/problems"),
    "import": _page("/vehicles/import"),
    "new-vehicle": _page("/vehicles/new"),
    "help": _page("/help"),
}

IN_DOCS = {
    "overview": ("overview", 560),
    "vehicles": ("vehicles", 900),
    "vehicle-not-online": ("vehicle", 810),
    "vehicle-history": ("timeline", 900),
    "store": ("store", 900),
    "activation": ("activation", 900),
    "history-open": ("history", 900),
    "listings": ("listings", 900),
    "problems": ("problems", 900),
}
"""View → name of its pictures in docs/screenshots, height of the wide window."""


def _upper_part(page: Page) -> Any:
    """A long form is not worth its pixels."""
    width, height = page.evaluate("[innerWidth, document.scrollingElement.scrollHeight]")
    return {"x": 0, "y": 0, "width": width, "height": min(height, TALLEST)}


def _for_docs(page: Page, folder: Path, name: str, height: int, suffix: str) -> None:
    """One window full."""
    folder.mkdir(exist_ok=True)
    size = WIDTHS[suffix]
    wide = suffix == "desktop"
    page.set_viewport_size({**size, "height": height} if wide else size)  # type: ignore[typeddict-item]
    picture = _in_few_colours(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
    picture.save(folder / f"{name}{'' if wide else '-phone'}.png", optimize=True)
    page.set_viewport_size(size)  # type: ignore[arg-type]


def _in_few_colours(picture: Image.Image) -> Image.Image:
    """256 of them: the most frequent as they are, and some near all others, or the red of a badge is lost."""
    counted = sorted(picture.getcolors(picture.width * picture.height) or (), reverse=True)
    frequent = [part for _count, colour in counted[:128] for part in colour]  # type: ignore[union-attr]
    covering = picture.quantize(128, method=Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*frequent, *covering[: 768 - len(frequent)]])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def shoot(page: Page, folder: Path, suffix: str) -> None:
    for name, go in VIEWS.items():
        go(page)
        page.wait_for_load_state("networkidle")
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=folder / f"{name}-{suffix}.png", full_page=True, clip=_upper_part(page))
        if name in IN_DOCS:
            _for_docs(page, folder / "docs", *IN_DOCS[name], suffix)
    page.context.clear_cookies()
    page.goto("/login")
    page.screenshot(path=folder / f"login-{suffix}.png")


if __name__ == "__main__":
    main()
