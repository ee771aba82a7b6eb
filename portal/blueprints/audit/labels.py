"""What the lines of the audit log and their details are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from portal.exports.full_transfer.control import REASON_TEXTS
from portal.messages import Message, Wording
from portal.models.webhooks import DisabledWhy
from portal.people.accounts import RIGHT_TEXTS
from portal.platforms import APPS
from portal.vehicle_facts.attributes import Registry
from portal.vehicle_facts.registry import REGISTRY
from portal.web import support_session
from portal.web.setting_labels import SETTING_LABELS
from portal.web.states import STOP_CAUSES
from portal.web.templating import MEASURES, measured, moment, number
from portal.web.wording import translated

ABOUTS: Mapping[str, LazyString] = {
    "activation": _("Apps"),
    "lock": _("Sperre"),
    "run": _("Durchgänge"),
    "reconciliation": _("Bestandsabgleich"),
    "full_transfer": _("Komplettübertragung"),
    "schedule": _("Zeitplan"),
    "feed": _("Abrufadresse"),
    "vehicle": _("Fahrzeuge"),
    "settings": _("Einstellungen"),
    "user": _("Nutzer"),
    "api_key": _("API-Schlüssel"),
    "webhook": _("Webhooks"),
    "source": _("Bestandsquellen"),
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
    "activation.tested": _("Verbindung getestet"),
    "activation.resumed": _("Übertragung wieder aufgenommen"),
    "activation.stopped": _("Übertragung angehalten"),
    "activation.stopped_by_hand": _("Übertragung pausiert"),
    "lock.opened": _("Sperre ausgelöst"),
    "lock.approved": _("Sperre aufgehoben"),
    "lock.discarded": _("Zurückgehaltenes verworfen"),
    "lock.healed": _("Sperre von selbst aufgehoben"),
    "settings.changed": _("Einstellung geändert"),
    "user.invited": _("Nutzer eingeladen"),
    "user.changed": _("Nutzer geändert"),
    "user.activated": _("Nutzer zugelassen"),
    "user.deactivated": _("Nutzer gesperrt"),
    "user.deleted": _("Nutzer gelöscht"),
    "user.data_exported": _("Persönliche Daten heruntergeladen"),
    "user.password_set": _("Passwort gesetzt"),
    "user.login_ended": _("Eine Anmeldung beendet"),
    "user.other_logins_ended": _("Alle anderen Anmeldungen beendet"),
    "user.logged_out_everywhere": _("Überall abgemeldet"),
    "user.second_factor_on": _("Zweiter Faktor eingeschaltet"),
    "user.second_factor_off": _("Zweiter Faktor abgeschaltet"),
    "user.recovery_codes_renewed": _("Wiederherstellungscodes erneuert"),
    "api_key.created": _("API-Schlüssel angelegt"),
    "api_key.revoked": _("API-Schlüssel gesperrt"),
    "webhook.created": _("Webhook angelegt"),
    "webhook.changed": _("Webhook geändert"),
    "webhook.rotated": _("Geheimnis eines Webhooks erneuert"),
    "webhook.enabled": _("Webhook eingeschaltet"),
    "webhook.disabled": _("Webhook abgeschaltet"),
    "webhook.removed": _("Webhook gelöscht"),
    "source.created": _("Bestandsquelle angelegt"),
    "source.changed": _("Bestandsquelle geändert"),
    "source.tested": _("Verbindung zu einer Bestandsquelle getestet"),
    "source.asked": _("Abruf einer Bestandsquelle angefordert"),
    "source.removed": _("Bestandsquelle gelöscht"),
    "source.password_made": _("Passwort eines Ablageordners erzeugt"),
    "source.keys_changed": _("Schlüssel eines Ablageordners geändert"),
    "support.started": _("Support-Sitzung begonnen"),
    "support.changes_on": _("Support: Änderungen eingeschaltet"),
    "support.log_read": _("Protokoll aller Händler angesehen"),
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
    "reconciliation.reopened": _("Bestandsabgleich wieder geöffnet: auf der Plattform kamen Inserate dazu"),
    "run.requested": _("Übertragung angefordert"),
    "run.check_requested": _("Bestandsprüfung angefordert"),
    "run.trial_requested": _("Testübertragung angefordert"),
    "schedule.paused": _("Regelmäßige Übertragung pausiert"),
    "schedule.resumed": _("Regelmäßige Übertragung fortgesetzt"),
    "feed.renewed": _("Abrufadresse erneuert"),
    "vehicle.changed": _("Fahrzeug geändert"),
    "vehicle.created": _("Fahrzeug angelegt"),
    "vehicle.withdrawn": _("Fahrzeug aus dem Bestand genommen"),
    "vehicle.published": _("Veröffentlichung geändert"),
    "vehicle.imported": _("Bestand importiert"),
    "vehicle.layout_made": _("Importprofil angelegt"),
    "vehicle.layout_changed": _("Importprofil geändert"),
    "vehicle.layout_deleted": _("Importprofil gelöscht"),
    "vehicle.model_assigned": _("Modell zugeordnet"),
    "vehicle.model_forgotten": _("Modellzuordnung zurückgenommen"),
    "vehicle.texts_repaired": _("Zerstörte Umlaute repariert"),
    "vehicle.released": _("Fahrzeuge freigegeben"),
    "vehicle.resent": _("Erneut gesendet"),
    "vehicle.published_anew": _("Inserat neu eingestellt"),
    "vehicle.pictures_added": _("Bilder hinzugefügt"),
    "vehicle.picture_changed": _("Bild geändert"),
    "vehicle.ingested": _("Fahrzeuge über die API geändert"),
}


def what_text(what: str) -> str:
    return str(WHATS.get(what, what))


# What the details of a line are called: fields of vehicles, of apps, of settings, numbers of a lock.


DETAILS: Mapping[str, LazyString] = {
    "rule": _("Grund der Sperre"),
    "deletions": _("Löschungen"),
    "creations": _("Neuanlagen"),
    "by_mail": _("über den Link in der Mail"),
    "cause": _("Ursache"),
    "text": _("Meldung"),
    "stopped_at": _("angehalten seit"),
    "until": _("bis"),
    "receiver": _("Empfänger der Datei"),
    "source": _("Bestandsquelle"),
    "url": _("Adresse"),
    "events": _("Ereignisse"),
    "worked": _("gelungen"),
    "reason": _("Grund"),
    "vehicles": _("Fahrzeuge"),
    "online": _("online"),
    "location": _("Standort"),
    "app": _("App"),
    "columns": _("Spalten"),
    "taken": _("neu"),
    "created": _("neu"),
    "layout": _("Aufbau der Datei geändert"),
    "pictures": _("Bilder"),
    "picture": _("Was"),
    "changed": _("geändert"),
    "withdrawn": _("aus dem Bestand genommen"),
    "rejected": _("abgelehnt"),
    "remarked": _("mit Bemerkung übernommen"),
    "adopted": _("zugeordnet"),
    "new": _("neu eingestellt"),
    "blocked": _("nicht gesendet, Angaben fehlen"),
    "withheld": _("nicht veröffentlicht"),
    "came": _("dazugekommen"),
    "kept": _("auf der Plattform belassen"),
    "deleted": _("dort gelöscht"),
    "refused": _("dort nicht gelöscht"),
    "rights": _("Rechte"),
    "location_ids": _("Standorte"),
    "email": _("Mailadresse"),
    "lms_address": _("Adresse für Kundenanfragen"),
    "require_second_factor": _("zweiter Faktor verlangt"),
    "support_allowed": _("Support darf nachsehen"),
    "support_may_act": _("Support darf handeln"),
    "support_mail": _("Mail bei Support-Sitzungen"),
}
RULES: Mapping[str, LazyString] = {
    "deletions": _("Löschungen"),
    "creations": _("Neuanlagen"),
    "emptied": _("leerer Bestand"),
    "truncated": _("abgeschnittener Import"),
}
PICTURES: Mapping[str, LazyString] = {
    "up": _("nach vorn"),
    "down": _("nach hinten"),
    "remove": _("entfernt"),
    "publish": _("veröffentlicht"),
    "hide": _("nicht veröffentlicht"),
    "restore": _("wiederhergestellt"),
}
ENDINGS: Mapping[str, LazyString] = {
    DisabledWhy.BY_HAND: _("von Hand"),
    DisabledWhy.GONE: _("der Empfänger hat sich abgemeldet"),
    DisabledWhy.FAILING: _("der Empfänger nahm tagelang nichts an"),
}
"""Of a webhook."""
VALUES = {"rule": RULES, "picture": PICTURES, "cause": {**STOP_CAUSES, **ENDINGS}}
WHY: Mapping[str, Wording] = {str(reason): text for reason, text in REASON_TEXTS.items()}
"""Of a full transfer."""
MOMENTS, SAID = ("stopped_at", "until"), ("text", "reason")
"""Written by the engine: in ISO form, and as messages."""
LISTS = ("rights", "events")
"""Facts that are lists."""
ADDRESS, MASK = re.compile(r"[^\s„“,;:<>()]+@[^\s„“,;:<>()]+"), "•••@•••"


def readable(text: str) -> str:
    """For agents without the mail addresses of the dealer's people."""
    return ADDRESS.sub(MASK, text) if support_session.is_agent() else text


def detail_lines(detail: Mapping[str, Any]) -> Iterator[str]:
    """`Name: old → new` for a change, `name: value` for a fact."""
    for name, value in detail.items():
        label = detail_name(name)
        is_pair = isinstance(value, list) and len(value) == 2
        of_lists = is_pair and all(isinstance(side, list) for side in value)
        # A list of rights or extras whose order alone differs is no change for people.
        if of_lists and sorted(map(str, value[0])) == sorted(map(str, value[1])):
            continue
        if name in SAID:
            # A message, somebody's words, or the reason that was chosen for a full transfer.
            said = WHY.get(value, value) if isinstance(value, str) else value
            yield readable(f"{label}: {translated(said) or '–'}")
        elif of_lists or (is_pair and name not in LISTS):
            old, new = (detail_value(name, _spell(part, name)) for part in value)
            yield readable(f"{label}: {old} → {new}")
        else:
            yield readable(f"{label}: {detail_value(name, _spell(value, name))}")


def detail_name(name: str, registry: Registry = REGISTRY) -> str:
    """As pages call it; what is not known stands as it is."""
    if name in registry and name not in DETAILS and name not in SETTING_LABELS:
        return gettext(registry[name].label)
    label = DETAILS.get(name) or SETTING_LABELS.get(name) or _settings().get(name, name)
    return translated(label) if isinstance(label, str | Message) else str(label)


def detail_value(name: str, text: str) -> str:
    """Codes in words: the rule of a lock, the cause of a stop, rights, what was done to a picture, what was
    chosen for an app; moments as they are written here."""
    if name in VALUES:
        return str(VALUES[name].get(text, text))
    if name in MOMENTS:
        return moment(text)
    if name == "rights":
        rights: dict[str, Wording] = {one.right: one.label for one in RIGHT_TEXTS}
        return ", ".join(translated(rights.get(part, part)) for part in text.split(", "))
    chosen = _options().get((name, text))
    return translated(chosen) if chosen else text


def _spell(value: Any, name: str = "") -> str:
    """Amounts and kilometres with their unit where the name says what they are."""
    if isinstance(value, bool):
        return gettext("ja") if value else gettext("nein")
    if isinstance(value, list | tuple):
        return ", ".join(_spell(part) for part in value) or "–"
    if isinstance(value, int) and name not in MEASURES and "year" not in name:
        return number(value)
    if isinstance(value, dict):
        return ", ".join(f"{detail_name(key)} {_spell(part)}" for key, part in value.items()) or "–"
    return "–" if value in (None, "") else measured(str(value), name)


@lru_cache(maxsize=1)
def _settings() -> dict[str, Wording]:
    """Labels of the apps' settings, by their names."""
    return {field.name: field.label for app in APPS.values() for field in app.fields}


@lru_cache(maxsize=1)
def _options() -> dict[tuple[str, str], Wording]:
    """What can be chosen for apps, by the setting and its value."""
    return {
        (field.name, str(option.value)): option.label
        for app in APPS.values()
        for field in app.fields
        for option in field.options
    }
