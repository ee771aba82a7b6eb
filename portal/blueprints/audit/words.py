"""What the lines of the audit log are called."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

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
    "customer_number": _("Kundennummern"),
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
    "customer_number.requested": _("Kundennummer angefragt"),
    "customer_number.bound": _("Kundennummer freigeschaltet"),
    "customer_number.refused": _("Kundennummer abgelehnt"),
    "customer_number.released": _("Kundennummer entzogen"),
    "full_transfer.started": _("Komplettübertragung gestartet"),
    "full_transfer.cancelled": _("Komplettübertragung abgebrochen"),
    "vehicle.moved": _("Fahrzeug an anderem Standort"),
    "vehicle.taken_back": _("Freigabe zurückgenommen"),
    "reconciliation.finished": _("Bestandsabgleich abgeschlossen"),
    "reconciliation.completed": _("Bestandsabgleich von selbst abgeschlossen"),
    "run.requested": _("Übertragung angefordert"),
    "run.check_requested": _("Bestandsprüfung angefordert"),
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
    "vehicle.published_anew": _("Inserat neu eingestellt"),
    "vehicle.pictures_added": _("Bilder hinzugefügt"),
    "vehicle.picture_changed": _("Bild geändert"),
    "vehicle.ingested": _("Fahrzeuge über die API geändert"),
}


def what_text(what: str) -> str:
    return str(WHATS.get(what, what))
