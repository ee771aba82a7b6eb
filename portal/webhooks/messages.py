"""What is told, and the body that a receiver gets. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC
from uuid import UUID

from portal.catalogue import in_language
from portal.messages import N_, from_json
from portal.models.webhooks import WebhookMessage

EVENTS: Mapping[str, str] = {
    "listing.online": N_("Ein Inserat ist online"),
    "listing.gone": N_("Ein Inserat ist nicht mehr online"),
    "listing.refused": N_("Eine Plattform hat ein Fahrzeug abgelehnt"),
    "problem.opened": N_("Ein Problem einer Schnittstelle ist aufgetreten"),
    "problem.solved": N_("Ein Problem einer Schnittstelle ist behoben"),
    "lock.closed": N_("Eine Sperre hält Übertragungen zurück"),
    "lock.opened": N_("Eine Sperre ist aufgehoben"),
    "run.ended": N_("Ein Lauf über den Bestand ist beendet"),
}
"""What a webhook can be told of. What happened stands in `data`; the names stay as they are."""
TEST = "webhook.test"


def message_name(key: UUID) -> str:
    """How a receiver knows it again, whatever attempt."""
    return f"msg_{key}"


def body_of(message: WebhookMessage) -> bytes:
    """The same bytes in every attempt. Texts are German: what platforms say mostly is."""
    data = dict(message.data)
    if "message" in data:
        data["message"] = in_language(from_json(data["message"]))
    if "reasons" in data:
        data["reasons"] = [
            {
                "code": str(found.get("code") or ""),
                "field": str(found.get("field") or ""),
                "text": in_language(from_json(found.get("text"))),
            }
            for found in data["reasons"]
        ]
    told = {
        "type": message.event,
        "timestamp": message.created_at.astimezone(UTC).isoformat(),
        "data": data,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
