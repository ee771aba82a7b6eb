"""How webhooks and their messages are worded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from portal.models import WebhookEndpoint
from portal.models.webhooks import DisabledWhy, MessageState
from portal.webhooks.messages import EVENTS

MESSAGE_STATES: Mapping[str, tuple[LazyString, str, str]] = {
    MessageState.WAITING: (_("wartet"), "grey", "clock"),
    MessageState.DELIVERED: (_("zugestellt"), "green", "check"),
    MessageState.GIVEN_UP: (_("nicht zugestellt"), "red", "x"),
}
"""Word, colour and icon."""
DISABLED: Mapping[str, LazyString] = {
    DisabledWhy.BY_HAND: _("Von Hand abgeschaltet."),
    DisabledWhy.GONE: _(
        "Abgeschaltet: Der Empfänger hat geantwortet, dass es ihn nicht mehr gibt (Status 410)."
    ),
    DisabledWhy.FAILING: _("Abgeschaltet: Der Empfänger hat drei Tage lang nichts angenommen."),
}


def event_label(event: str) -> str:
    return gettext(EVENTS[event]) if event in EVENTS else gettext("Test")


def standing(endpoint: WebhookEndpoint) -> tuple[str, str, str]:
    """Word, colour and icon of a webhook as it stands."""
    if endpoint.disabled_at:
        return gettext("abgeschaltet"), "grey", "player-pause"
    if not endpoint.in_force:
        return gettext("ruht"), "orange", "alert-triangle"
    if endpoint.failures:
        return gettext("nimmt nichts an"), "orange", "alert-triangle"
    return gettext("eingeschaltet"), "green", "check"


TEMPLATE_GLOBALS: dict[str, Any] = {
    "webhook_event": event_label,
    "webhook_standing": standing,
    "webhook_message_states": MESSAGE_STATES,
    "webhook_disabled": DISABLED,
}
