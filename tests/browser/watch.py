"""What a browser complains about, what does not fit, what a screen reader would stumble over."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import BrowserContext, CDPSession, ConsoleMessage, Page, Request

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
SPARINGLY = "resultTypes: ['violations'], preload: false, selectors: false, elementRef: false"
"""What is not looked at need not be worked out: style sheets for one experimental rule, paths to elements."""
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that a theme can break; the rest of a page is the same in all of them."""
NOT_THERE = "no axe"
RUN_AXE = f"""!('axe' in window) ? "{NOT_THERE}" : axe.run(document, {{%s}}).then(found => JSON.stringify(
  found.violations.map(it => [it.id, it.impact, it.nodes.slice(0, 3).map(node =>
    node.html.slice(0, 200) + ' | ' + (node.any[0] || node.all[0] || node.none[0] || {{message: ''}}).message
  )])))"""
TELL_VIOLATIONS = """document.addEventListener('securitypolicyviolation', event =>
  console.error('CSP: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile))"""


class Watch:
    """Collects complaints of all pages of the contexts it follows."""

    def __init__(self, expected: list[str]) -> None:
        self.complaints: list[str] = []
        self._expected = expected

    def follow(self, context: BrowserContext) -> None:
        context.add_init_script(TELL_VIOLATIONS)
        context.on("page", self._follow_page)

    def _follow_page(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("requestfailed", self._miss)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")

    def _miss(self, request: Request) -> None:
        """A page that is left, or a search that is typed on, ends what it had asked for."""
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.method} {request.url}: {request.failure}")

    @property
    def unexpected(self) -> list[str]:
        return [text for text in self.complaints if not any(known in text for known in self._expected)]


def axe(page: Page, only: Sequence[str] = ()) -> list[Any]:
    """Findings of axe-core, all of them or those of some rules. Evaluated by the debugger, so the
    page's CSP stays as it is."""
    chosen = f"{SPARINGLY}, runOnly: {json.dumps(list(only))}" if only else SPARINGLY
    debugger = _debugger(page)
    asked = {"expression": RUN_AXE % chosen, "awaitPromise": True, "returnByValue": True}
    answer = debugger.send("Runtime.evaluate", asked)
    if answer["result"].get("value") == NOT_THERE:  # it is half a megabyte
        debugger.send("Runtime.evaluate", {"expression": AXE})
        answer = debugger.send("Runtime.evaluate", asked)
    assert answer["result"].get("type") == "string", answer
    return list(json.loads(answer["result"]["value"]))


_debuggers: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


def _debugger(page: Page) -> CDPSession:
    """One for all that is asked of a page."""
    if page not in _debuggers:
        _debuggers[page] = page.context.new_cdp_session(page)
    return _debuggers[page]


def sideways(page: Page) -> int:
    """Pixels by which the page is wider than the window."""
    page.wait_for_load_state("domcontentloaded")  # what a click leads to has no body yet
    return int(page.evaluate("document.scrollingElement.scrollWidth - innerWidth"))


def broken_words(page: Page) -> list[str]:
    """Words and numbers of a table that go on in the next line, though a column should hold them."""
    return list(page.locator("main td, main th").evaluate_all(BROKEN_WORDS))


def beside_their_card(page: Page) -> int:
    """Tables that are wider than the card around them."""
    return int(page.evaluate(BESIDE_THEIR_CARD))


BROKEN_WORDS = r"""cells => cells.filter(it => it.offsetParent).flatMap(cell => {
  const found = [], texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
  while (texts.nextNode())
    for (const word of texts.currentNode.data.matchAll(
      /(?<![\p{L}\d.\u00ad])[\p{L}\d.]{3,16}(?![\p{L}\d.\u00ad])/gu)) {
      const range = document.createRange()
      range.setStart(texts.currentNode, word.index)
      range.setEnd(texts.currentNode, word.index + word[0].length)
      const lines = [...range.getClientRects()].filter(it => it.width > 1).map(it => Math.round(it.top))
      if (new Set(lines).size > 1) found.push(word[0])
    }
  return found
})"""
BESIDE_THEIR_CARD = """[...document.querySelectorAll('main .card > table')].filter(it =>
  it.getBoundingClientRect().right > it.parentElement.getBoundingClientRect().right + 1).length"""


def reaching_over(page: Page) -> list[str]:
    """Texts of table cells that do not end in their own column."""
    return list(page.locator("main td, main th").evaluate_all(REACHING_OVER))


REACHING_OVER = """cells => cells
    .filter(one => one.offsetParent && getComputedStyle(one).overflow === "visible")
    .filter(one => one.scrollWidth > one.clientWidth + 1)
    .map(one => one.innerText.slice(0, 80))"""
