"""What the lines of the audit log are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.audit_log import AuditFilter
from portal.models import AuditEvent

ABOUTS: Mapping[str, LazyString] = {
    "activation": _l("Apps"),
    "lock": _l("Sperren"),
    "run": _l("Läufe"),
    "reconciliation": _l("Bestandsabgleich"),
    "full_transfer": _l("Komplettübertragung"),
    "schedule": _l("Zeitplan"),
    "feed": _l("Abrufadresse"),
    "vehicle": _l("Fahrzeuge"),
    "settings": _l("Einstellungen"),
    "user": _l("Nutzer"),
    "api_key": _l("API-Schlüssel"),
    "support": _l("Support"),
}

WHATS: Mapping[str, LazyString] = {
    "activation.activated": _l("App aktiviert"),
    "activation.draft_saved": _l("Entwurf gespeichert"),
    "activation.changed": _l("App geändert"),
    "activation.deactivated": _l("App deaktiviert"),
    "activation.closed": _l("App deaktiviert, Inserate gelöscht"),
    "activation.discarded": _l("Entwurf verworfen"),
    "activation.resumed": _l("Übertragung wieder aufgenommen"),
    "activation.stopped": _l("Übertragung angehalten"),
    "lock.opened": _l("Sperre ausgelöst"),
    "lock.approved": _l("Sperre aufgehoben"),
    "lock.discarded": _l("Löschungen verworfen"),
    "lock.healed": _l("Sperre von selbst aufgehoben"),
    "settings.changed": _l("Einstellung geändert"),
    "user.invited": _l("Nutzer eingeladen"),
    "user.changed": _l("Nutzer geändert"),
    "user.activated": _l("Nutzer zugelassen"),
    "user.deactivated": _l("Nutzer gesperrt"),
    "user.password_set": _l("Passwort gesetzt"),
    "user.logged_out_everywhere": _l("Überall abgemeldet"),
    "user.second_factor_on": _l("Zweiter Faktor eingeschaltet"),
    "user.second_factor_off": _l("Zweiter Faktor abgeschaltet"),
    "user.recovery_codes_renewed": _l("Wiederherstellungscodes erneuert"),
    "api_key.created": _l("API-Schlüssel angelegt"),
    "api_key.revoked": _l("API-Schlüssel gesperrt"),
    "support.started": _l("Support-Sitzung begonnen"),
    "support.changes_on": _l("Support: Änderungen eingeschaltet"),
    "support.ended": _l("Support-Sitzung beendet"),
    "full_transfer.started": _l("Komplettübertragung gestartet"),
    "full_transfer.cancelled": _l("Komplettübertragung abgebrochen"),
    "vehicle.moved": _l("Fahrzeug an anderem Standort"),
    "vehicle.taken_back": _l("Freigabe zurückgenommen"),
    "reconciliation.finished": _l("Bestandsabgleich abgeschlossen"),
    "reconciliation.completed": _l("Bestandsabgleich von selbst abgeschlossen"),
    "run.requested": _l("Übertragung angefordert"),
    "schedule.paused": _l("Regelmäßige Übertragung pausiert"),
    "schedule.resumed": _l("Regelmäßige Übertragung fortgesetzt"),
    "feed.renewed": _l("Abrufadresse erneuert"),
    "vehicle.changed": _l("Fahrzeug geändert"),
    "vehicle.created": _l("Fahrzeug angelegt"),
    "vehicle.withdrawn": _l("Fahrzeug aus dem Bestand genommen"),
    "vehicle.published": _l("Veröffentlichung geändert"),
    "vehicle.imported": _l("Bestand importiert"),
    "vehicle.released": _l("Fahrzeuge freigegeben"),
    "vehicle.resent": _l("Erneut gesendet"),
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
        if isinstance(value, list) and len(value) == 2:
            yield f"{name}: {_spell(value[0])} → {_spell(value[1])}"
        else:
            yield f"{name}: {_spell(value)}"


def _spell(value: Any) -> str:
    if isinstance(value, bool):
        return _("ja") if value else _("nein")
    if isinstance(value, list | tuple):
        return ", ".join(_spell(part) for part in value) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_spell(part)}" for key, part in value.items()) or "–"
    return "–" if value in (None, "") else str(value)


def csv_header() -> list[str]:
    names = (
        _l("Zeit"),
        _l("Händler"),
        _l("Wer"),
        _l("Support"),
        _l("Was"),
        _l("Objekt"),
        _l("Angaben"),
        _l("Adresse"),
    )
    return [str(name) for name in names]


def csv_rows(events: Iterable[tuple[AuditEvent, str]]) -> list[list[object]]:
    """Written while the language of the request is known."""
    return [_csv_row(event, dealer) for event, dealer in events]


def _csv_row(event: AuditEvent, dealer: str) -> list[object]:
    return [
        event.at.isoformat(timespec="seconds"),
        dealer,
        event.actor,
        _("ja") if event.support_session_id else _("nein"),
        what_text(event.what),
        event.object_label,
        "; ".join(detail_lines(event.detail)),
        event.address,
    ]


TEMPLATE_GLOBALS = {"what_text": what_text, "detail_lines": detail_lines}
