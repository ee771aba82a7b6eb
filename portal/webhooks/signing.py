"""Signatures by Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from standardwebhooks import Webhook

from portal.models.webhooks import WebhookEndpoint
from portal.security.vault import Sealed, Vault

PREFIX = "whsec_"
SECRET_BYTES = 32
"""The specification asks for 24 to 64."""
BOTH_FOR = timedelta(hours=24)
"""After a rotation the secret before signs as well: receivers change theirs when it suits them."""
NOW, BEFORE = "now", "before"


def make_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def seal(vault: Vault, endpoint: WebhookEndpoint, secret: str, before: str = "") -> None:
    """The endpoint must have its id."""
    kept: dict[str, Any] = {NOW: secret} | ({BEFORE: before} if before else {})
    endpoint.secrets = vault.seal(endpoint.id, kept)


def secrets_in_force(vault: Vault, endpoint: WebhookEndpoint) -> tuple[str, ...]:
    """The newest first. Raises Sealed."""
    kept = vault.open(endpoint.id, endpoint.secrets)
    if NOW not in kept:
        raise Sealed("This webhook has no secret.")
    both = endpoint.rotated_at is not None and endpoint.rotated_at > datetime.now(UTC) - BOTH_FOR
    return tuple(kept[name] for name in (NOW, *([BEFORE] if both else [])) if name in kept)


def signed_headers(message_id: str, moment: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """`moment` is that of the attempt: receivers refuse what is older than some minutes."""
    signatures = [Webhook(secret).sign(message_id, moment, body.decode()) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
