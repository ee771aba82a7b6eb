"""What the rights are called and allow, in the order of the form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal.models.accounts import RIGHTS


@dataclass(frozen=True)
class RightText:
    right: str
    label: str
    help: str


RIGHT_TEXTS = (
    RightText("view", "Ansehen", "Alle Seiten lesen. Ohne dieses Recht ist keine Seite offen."),
    RightText("activate_apps", "Apps aktivieren", "Apps aktivieren, einstellen und deaktivieren."),
    RightText("unlock", "Sperren aufheben", "Nach einer Bestandsabweichung die Übertragung aktivieren."),
    RightText("full_transfer", "Komplettübertragung", "Den ganzen Bestand erneut senden."),
    RightText(
        "edit_vehicles", "Fahrzeuge bearbeiten", "Fahrzeuge anlegen, ändern, freigeben und importieren."
    ),
    RightText("settings", "Einstellungen", "Einstellungen des Hauses, Standorte und API-Schlüssel."),
    RightText("manage_users", "Nutzer verwalten", "Nutzer einladen, ihre Rechte ändern und sie sperren."),
)


def beyond(mine: Iterable[str], given: Iterable[str]) -> list[RightText]:
    """Those that whoever has `mine` may neither give nor hold others to. Looking is everybody's."""
    foreign = set(given) - set(mine) - {"view"}
    return [text for text in RIGHT_TEXTS if text.right in foreign]


def known_rights(given: Iterable[str]) -> list[str]:
    """The rights among them in their order. Whoever may do anything may look."""
    chosen = set(given) & set(RIGHTS)
    return [right for right in RIGHTS if right in chosen or (right == "view" and chosen)]
