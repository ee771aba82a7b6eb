"""A dealer sets up a webhook, tries it, and sees what the receiver answered; the running scheduler sends."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.webhooks.conftest import receiving

pytestmark = pytest.mark.browser


@pytest.mark.usefixtures("house")
def test_a_webhook_is_made_tried_and_looked_at(page: Page) -> None:
    with receiving() as receiver:
        receiver.statuses = [500, 204]
        page.goto("/settings/webhooks")
        page.get_by_label("Wofür ist der Webhook?").fill("DMS")
        page.get_by_label("Adresse des Empfängers").fill(receiver.url)
        page.get_by_role("button", name="Webhook anlegen").click()
        secret = page.locator(".copy code").inner_text()
        page.get_by_role("button", name="Testereignis senden").click()
        messages = page.locator("#messages")
        expect(messages).to_contain_text("Status 500")
        messages.get_by_role("button", name="Noch einmal senden").click()
        expect(messages).to_contain_text("zugestellt")
        assert [told["type"] for told in receiver.told(secret)] == ["webhook.test"] * 2
        page.get_by_role("button", name="Abschalten").click()
        expect(page.get_by_text("Von Hand abgeschaltet.")).to_be_visible()
