"""What the overview costs on the line: the first time, and when the browser has seen it before.

Counted as if compressed, which is the work of the web server in front of the portal.
"""

from __future__ import annotations

import gzip

import pytest
from playwright.sync_api import Page

from tests.browser.house import House, activate

pytestmark = pytest.mark.browser
FIRST_VIEW, NEXT_VIEW = 200_000, 30_000
LOADED = """[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .filter(it => it.transferSize > 0).map(it => it.name)"""


def loaded(page: Page) -> dict[str, int]:
    """Address → compressed bytes of what this view took from the server; the cache costs nothing."""
    page.wait_for_load_state("networkidle")
    return {url: len(gzip.compress(page.request.get(url).body())) for url in page.evaluate(LOADED)}


def test_the_overview_is_light_and_lighter_the_next_time(page: Page, house: House) -> None:
    house.vehicle()
    page.goto("/")
    first = loaded(page)
    assert any("tabler" in url for url in first)
    assert sum(first.values()) <= FIRST_VIEW, first
    activate(page, 1)
    page.goto("/")
    again = loaded(page)
    assert again
    assert sum(again.values()) <= NEXT_VIEW, again
