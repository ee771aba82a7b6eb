"""What the lines of the audit log are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import url_for
from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from portal.audit.log import AuditFilter
from portal.blueprints.support.detail_words import detail_name, detail_value
from portal.models import AuditEvent
from portal.web.wording import translated

ABOUTS: Mapping[str, LazyString] = {
    "activation": _("Apps"),
    "lock": _("Sperre"),
    "run": _("Läufe"),
    "reconciliation": _("Bestandsabgleich"),
    "full_transfer": _("Komplettübertragung"),
    "schedule": _("Zeitplan"),
    "feed": _("Abrufadresse"),
    "vehicle": _("Fahrzeuge"),
    "settings": _("Einstellungen"),
    "user": _("Nutzer"),
    "api_key": _("API-Schlüssel"),
    "support": _("Support"),
}

WHATS: Mapping[str, LazyString] = {
    "activation.activated": _("App aktiviert"),
    "activation.draft_saved": _("Entwurf gespeichert"),
    "activation.changed": _("App geändert"),
    "activation.deactivated": _("App deaktiviert"),
    "activation.closed": _("App deaktiviert, Inserate gelöscht"),
    "activation.discarded": _("Entwurf verworfen"),
    "activation.resumed": _("Übertragung wieder aufgenommen"),
    "activation.stopped": _("Übertragung angehalten"),
    "lock.opened": _("Sperre ausgelöst"),
    "lock.approved": _("Sperre aufgehoben"),
    "lock.discarded": _("Löschungen verworfen"),
    "lock.healed": _("Sperre von selbst aufgehoben"),
    "settings.changed": _("Einstellung geändert"),
    "user.invited": _("Nutzer eingeladen"),
    "user.changed": _("Nutzer geändert"),
    "user.activated": _("Nutzer zugelassen"),
    "user.deactivated": _("Nutzer gesperrt"),
    "user.password_set": _("Passwort gesetzt"),
    "user.logged_out_everywhere": _("Überall abgemeldet"),
    "user.second_factor_on": _("Zweiter Faktor eingeschaltet"),
    "user.second_factor_off": _("Zweiter Faktor abgeschaltet"),
    "user.recovery_codes_renewed": _("Wiederherstellungscodes erneuert"),
    "api_key.created": _("API-Schlüssel angelegt"),
    "api_key.revoked": _("API-Schlüssel gesperrt"),
    "support.started": _("Support-Sitzung begonnen"),
    "support.changes_on": _("Support: Änderungen eingeschaltet"),
    "support.ended": _("Support-Sitzung beendet"),
    "full_transfer.started": _("Komplettübertragung gestartet"),
    "full_transfer.cancelled": _("Komplettübertragung abgebrochen"),
    "vehicle.moved": _("Fahrzeug an anderem Standort"),
    "vehicle.taken_back": _("Freigabe zurückgenommen"),
    "reconciliation.finished": _("Bestandsabgleich abgeschlossen"),
    "reconciliation.completed": _("Bestandsabgleich von selbst abgeschlossen"),
    "run.requested": _("Übertragung angefordert"),
    "schedule.paused": _("Regelmäßige Übertragung pausiert"),
    "schedule.resumed": _("Regelmäßige Übertragung fortgesetzt"),
    "feed.renewed": _("Abrufadresse erneuert"),
    "vehicle.changed": _("Fahrzeug geändert"),
    "vehicle.created": _("Fahrzeug angelegt"),
    "vehicle.withdrawn": _("Fahrzeug aus dem Bestand genommen"),
    "vehicle.published": _("Veröffentlichung geändert"),
    "vehicle.imported": _("Bestand importiert"),
    "vehicle.released": _("Fahrzeuge freigegeben"),
    "vehicle.resent": _("Erneut gesendet"),
}


def address(endpoint: str, wanted: AuditFilter) -> str:
    """A page of this filter."""
    arguments: dict[str, Any] = dict(wanted.as_args())
    return url_for(endpoint, **arguments)


def what_text(what: str) -> str:
    return str(WHATS.get(what, what))


def detail_lines(detail: Mapping[str, Any]) -> Iterator[str]:
    """`Name: old → new` for a change, `name: value` for a fact."""
    for name, value in detail.items():
        label = detail_name(name)
        if isinstance(value, list) and len(value) == 2:
            old, new = (detail_value(name, _spell(part)) for part in value)
            yield f"{label}: {old} → {new}"
        else:
            yield f"{label}: {detail_value(name, _spell(value))}"


def _spell(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("ja") if value else gettext("nein")
    if isinstance(value, list | tuple):
        return ", ".join(_spell(part) for part in value) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_spell(part)}" for key, part in value.items()) or "–"
    return "–" if value in (None, "") else str(value)


def csv_header() -> list[str]:
    names = (
        _("Zeit"),
        _("Händler"),
        _("Wer"),
        _("Support"),
        _("Was"),
        _("Objekt"),
        _("Angaben"),
        _("Adresse"),
    )
    return [str(name) for name in names]


def csv_rows(events: Iterable[tuple[AuditEvent, str]]) -> list[list[object]]:
    """Written while the language of the request is known."""
    return [_csv_row(event, dealer) for event, dealer in events]


def _csv_row(event: AuditEvent, dealer: str) -> list[object]:
    return [
        event.at.isoformat(timespec="seconds"),
        dealer,
        translated(event.actor),
        gettext("ja") if event.support_session_id else gettext("nein"),
        what_text(event.what),
        event.object_label,
        "; ".join(detail_lines(event.detail)),
        event.address,
    ]


TEMPLATE_GLOBALS = {"what_text": what_text, "detail_lines": detail_lines}
