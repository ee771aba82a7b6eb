"""The words of the history, of its rows and of file runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from portal.exports.history.filters import HELD
from portal.exports.history.rows import HistoryRow
from portal.models.exports import TransferState, Trigger
from portal.platforms import APPS
from portal.platforms.contract import Action, Actor
from portal.web.apps import app_name
from portal.web.states import StateText
from portal.web.wording import translated

PERIODS = {24: _("24 Stunden"), 48: _("48 Stunden"), 72: _("3 Tage"), 120: _("5 Tage")}
IN_THE_LAST = {
    24: _("In den letzten 24 Stunden"),
    48: _("In den letzten 48 Stunden"),
    72: _("In den letzten 3 Tagen"),
    120: _("In den letzten 5 Tagen"),
}
RESULTS = {
    "not_ok": _("nicht ok"),
    "all": _("alle"),
    "ok": _("ok"),
    "warning": _("mit Hinweis"),
    "rejected": _("abgelehnt"),
    "failed": _("fehlgeschlagen"),
    "waiting": _("wartet oder läuft"),
    "held": _("zurückgehalten"),
}
ACTIONS = {Action.CREATE: _("Neuanlage"), Action.UPDATE: _("Änderung"), Action.DELETE: _("Löschung")}
TRIGGERS = {
    Trigger.CHANGE: _("Änderung am Fahrzeug"),
    Trigger.SCHEDULE: _("Zeitplan"),
    Trigger.BY_HAND: _("von Hand"),
    Trigger.SUPPORT: _("Support"),
}
ACTORS = {Actor.DEALER: _("Händler"), Actor.PLATFORM: _("Plattform"), Actor.OPERATOR: _("Betreiber")}
OUTCOMES = {
    "unknown": _("Ausgang unbekannt"),
    "accepted": _("angenommen"),
    "rejected": _("abgelehnt"),
    "gone": _("dort nicht vorhanden"),
    "retry": _("nicht zugestellt"),
    "stop": _("Übertragung angehalten"),
}

WHAT_TO_DO = {
    Actor.DEALER: _(
        "Händler: Bitte ändern Sie die Angabe am Fahrzeug. Nach dem Speichern wird es von selbst gesendet."
    ),
    Actor.PLATFORM: _("Plattform: Dort muss die Störung behoben werden. Senden Sie danach erneut."),
    Actor.OPERATOR: _("Betreiber: Bitte nennen Sie dem Support die Vorgangsnummer."),
}
WHILE_HELD = _("Prüfen Sie die Sperre der App. Ist sie aufgehoben, wird es von selbst gesendet.")
WHILE_STOPPED = _(
    "Beheben Sie, weshalb die App angehalten ist; es steht oben bei der App. "
    "Danach wird es von selbst gesendet."
)
WHILE_OPEN = _("Nichts: Es wird von selbst weiter versucht.")
WHEN_ONLINE = _("Das Inserat ist übertragen. Prüfen Sie die Angabe, wenn der Hinweis zutrifft.")


def what_to_do(state: str, who: str, stopped: bool = False) -> LazyString:
    """Who must act, and how, so that a feedback goes away. `stopped`: the app is, and says why."""
    if state == HELD:
        return WHILE_HELD
    if state == TransferState.WAITING and stopped:
        return WHILE_STOPPED
    if state in (TransferState.WAITING, TransferState.SENDING, TransferState.PENDING) and who != Actor.DEALER:
        return WHILE_OPEN
    if state in (TransferState.OK, TransferState.WARNING):
        return WHEN_ONLINE
    return WHAT_TO_DO.get(Actor(who) if who in set(Actor) else Actor.DEALER, WHILE_OPEN)


def kept_until(row: HistoryRow) -> datetime | None:
    """Final rows are deleted so many days after they arose."""
    days = current_app.extensions["settings"].history_days
    return row.created_at + timedelta(days=days) if row.finished_at else None


def booking_names(slug: str, codes: Iterable[str]) -> list[str]:
    """Paid extras as the platform calls them; a code it no longer has stands for itself."""
    known = (
        {booking.code: translated(booking.label) for booking in APPS[slug].bookings} if slug in APPS else {}
    )
    return [known.get(code, code) for code in codes]


def field_url(vehicle_id: Any, field: str) -> str:
    """Where the field that caused a feedback can be changed."""
    return url_for("vehicles.edit", vehicle_id=vehicle_id, _anchor=f"field-{field}")


TEMPLATE_GLOBALS = {
    "history_periods": PERIODS,
    "history_in_the_last": IN_THE_LAST,
    "history_results": RESULTS,
    "transfer_actions": ACTIONS,
    "transfer_triggers": TRIGGERS,
    "transfer_outcomes": OUTCOMES,
    "actors": ACTORS,
    "app_name": app_name,
    "booking_names": booking_names,
    "field_url": field_url,
    "what_to_do": what_to_do,
    "kept_until": kept_until,
}


# The words of file runs.


FILE_RESULTS: dict[str, StateText] = {
    "accepted": StateText(
        _("in der Datei"),
        _("Das Fahrzeug steht in der Datei, und niemand hat es beanstandet."),
        "green",
        "check",
    ),
    "hinted": StateText(
        _("mit Hinweis"),
        _("Das Fahrzeug steht in der Datei, es gibt einen Hinweis dazu."),
        "yellow",
        "info-circle",
    ),
    "rejected": StateText(_("abgelehnt"), _("Die Plattform hat das Fahrzeug nicht übernommen."), "red", "x"),
    "left_out": StateText(
        _("nicht in der Datei"),
        _("Das Fahrzeug wurde weggelassen, der Grund steht dabei."),
        "orange",
        "alert-triangle",
    ),
    "filtered": StateText(
        _("vom Filter ausgenommen"), _("Das Fahrzeug passt nicht zum Filter dieses Exports."), "grey", "ban"
    ),
}
"""How a vehicle fared in a run, in the order in which they are shown."""

FILE_GLOBALS = {"run_results": FILE_RESULTS}
