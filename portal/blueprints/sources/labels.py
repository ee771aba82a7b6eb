"""How sources and their pick-ups are worded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from portal.models import StockPickup, StockSource
from portal.models.sources import PickupState, Trouble
from portal.sources.settings import DROP_FOLDER, LABELS, file_name_of, receiver_of
from portal.web.wording import translated

STATES: Mapping[str, tuple[LazyString, str, str]] = {
    PickupState.OPEN: (_("läuft"), "blue", "clock"),
    PickupState.TAKEN: (_("importiert"), "green", "check"),
    PickupState.UNCHANGED: (_("unverändert"), "grey", "circle-check"),
    PickupState.MISSING: (_("keine Datei"), "grey", "clock"),
    PickupState.UNMAPPED: (_("Spalten zuordnen"), "orange", "alert-triangle"),
    PickupState.REFUSED: (_("nicht lesbar"), "red", "x"),
    PickupState.FAILED: (_("nicht abgeholt"), "red", "x"),
}
"""Word, colour and icon."""


def progress(pickup: StockPickup) -> str:
    """Of an open one: what it waits for."""
    if pickup.reason:
        return translated(pickup.reason)
    if pickup.seen:
        return gettext("Die Datei ist da. Ist sie gleich noch dieselbe, ist sie vollständig.")
    return gettext("Der Server wird gefragt.")


def standing(source: StockSource) -> tuple[str, str, str]:
    """Word, colour and icon of a source as it stands."""
    match source.trouble:
        case Trouble.FAILING:
            return gettext("gestört"), "red", "alert-triangle"
        case Trouble.AWAY:
            return gettext("bleibt aus"), "orange", "alert-triangle"
    if source.taken_at is None:
        if source.settings.get("transport") == DROP_FOLDER:
            return gettext("noch nichts angekommen"), "grey", "clock"
        return gettext("noch nichts abgeholt"), "grey", "clock"
    return gettext("in Ordnung"), "green", "check"


def place(source: StockSource) -> str:
    """Way, server and file."""
    settings = source.settings
    if settings.get("transport") == DROP_FOLDER:
        return gettext("Ablageordner: Ihr Programm legt die Datei beim Portal ab (SFTP)")
    way = LABELS.get(settings.get("transport", ""), "")
    return f"{translated(way)}: {receiver_of(settings)} · {file_name_of(settings)}"


def rhythm(source: StockSource, pickup: StockPickup) -> str:
    """Why it was taken just then."""
    if source.settings.get("transport") == DROP_FOLDER:
        return gettext("abgelegt")
    return gettext("von Hand") if pickup.by_hand else gettext("nach Zeitplan")


TEMPLATE_GLOBALS: dict[str, Any] = {
    "pickup_rhythm": rhythm,
    "pickup_states": STATES,
    "pickup_progress": progress,
    "source_standing": standing,
    "source_place": place,
}
