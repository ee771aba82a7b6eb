"""What tests read of messages: the words of a language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from config import Settings
from portal.catalogue import in_language
from portal.messages import Wording, from_json
from portal.models import Mail
from portal.notifications.emails import opened

GERMAN = re.compile(
    r"[äöüÄÖÜß]|\b(?:der|die|das|den|dem|des|ein|eine|einen|ist|sind|hat|nicht|kein|keine|keinen|und|oder|"
    r"mit|ohne|von|vom|für|zu|zum|zur|im|bei|nach|auf|aus|fehlt|wird|werden|Bitte|Sie|Ihr|Ihre|steht|noch|"
    r"nur|nennt|gibt|sobald|bis|wurde|wurden|kann|können|Alle|alle|Keine|Kein|Eine|Ein|Der|Das|Diese|Dieses|meldet)\b"
)
"""What looks like German: tests look for it where nothing German should stand."""


def german(said: Wording | Mapping[str, Any]) -> str:
    """A message, somebody's words, or either of them as the database keeps it."""
    return in_language(from_json(said) if isinstance(said, Mapping) else said, "de")


def letter(mail: Mail) -> str:
    """The text of a mail that waits; its bodies lie sealed."""
    return opened(mail, Settings()).plain


def undo_of(page: str) -> dict[str, str]:
    """The form of the message that offers to take something back."""
    found = re.search(r'name="undo" value="([^"]+)"', page)
    assert found, "no message that can be taken back"
    return {"undo": found[1]}
