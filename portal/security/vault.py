"""Secrets at rest: sealed with keys from the environment and bound to the row they belong to."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from config import Settings

ROW, CONTENT = "row", "content"


class Sealed(Exception):
    """A secret cannot be read: its key is missing, or it was copied from another row."""


class Vault:
    """Seals with the first key, opens with any of them: that is what rotation needs."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, row: UUID, content: Mapping[str, Any]) -> str:
        """`content` is JSON; nothing is sealed as an empty text."""
        if not content:
            return ""
        return self._fernet.encrypt(json.dumps({ROW: str(row), CONTENT: dict(content)}).encode()).decode()

    def open(self, row: UUID, sealed: str) -> dict[str, Any]:
        """Raises Sealed."""
        if not sealed:
            return {}
        try:
            opened = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken:
            raise Sealed("No key in SECRETS_KEYS opens this secret.") from None
        if opened[ROW] != str(row):
            raise Sealed("This secret belongs to another row.")
        content: dict[str, Any] = opened[CONTENT]
        return content

    def rotate(self, sealed: str) -> str:
        """The same secret under the first key."""
        return self._fernet.rotate(sealed.encode()).decode() if sealed else ""


def vault_of(settings: Settings) -> Vault:
    """Without SECRETS_KEYS (development only, production refuses to start) a key follows from SECRET_KEY."""
    derived = base64.urlsafe_b64encode(hashlib.sha256(settings.secret_key.encode()).digest()).decode()
    return Vault(settings.secrets_keys or (derived,))
