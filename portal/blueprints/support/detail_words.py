"""What the details of the audit log are called: fields of vehicles, of settings, numbers of a lock."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from portal.blueprints.vehicles.form_cards import CARDS
from portal.people.rights import RIGHT_TEXTS
from portal.platforms import APPS
from portal.web.wording import translated

DETAILS: Mapping[str, LazyString] = {
    "rule": _("Grund der Sperre"),
    "deletions": _("Löschungen"),
    "creations": _("Neuanlagen"),
    "by_mail": _("über den Link in der Mail"),
    "cause": _("Ursache"),
    "stopped_at": _("angehalten seit"),
    "reason": _("Grund"),
    "vehicles": _("Fahrzeuge"),
    "online": _("online"),
    "location": _("Standort"),
    "app": _("App"),
    "taken": _("neu"),
    "changed": _("geändert"),
    "withdrawn": _("aus dem Bestand genommen"),
    "rejected": _("abgelehnt"),
    "adopted": _("zugeordnet"),
    "new": _("neu eingestellt"),
    "withheld": _("nicht veröffentlicht"),
    "kept": _("auf der Plattform belassen"),
    "deleted": _("dort gelöscht"),
    "refused": _("dort nicht gelöscht"),
    "rights": _("Rechte"),
    "location_ids": _("Standorte"),
    "email": _("Mailadresse"),
    "require_second_factor": _("zweiter Faktor verlangt"),
    "support_allowed": _("Support darf nachsehen"),
    "support_may_act": _("Support darf handeln"),
    "support_mail": _("Mail bei Support-Sitzungen"),
}
VALUES: Mapping[str, LazyString] = {
    "deletions": _("Löschungen"),
    "creations": _("Neuanlagen"),
    "emptied": _("leerer Bestand"),
    "truncated": _("abgeschnittener Import"),
}
"""Of the rule of a lock."""


def detail_name(name: str) -> str:
    """As pages call it; what is not known stands as it is."""
    if name in DETAILS:
        return str(DETAILS[name])
    declared = _declared().get(name, name)
    return translated(declared) if isinstance(declared, str) else str(declared)


def detail_value(name: str, text: str) -> str:
    """Codes in words: the rule of a lock, rights."""
    if name == "rule":
        return str(VALUES.get(text, text))
    if name == "rights":
        rights = {one.right: one.label for one in RIGHT_TEXTS}
        return ", ".join(translated(rights.get(part, part)) for part in text.split(", "))
    return text


@lru_cache(maxsize=1)
def _declared() -> dict[str, str | LazyString]:
    """Labels of the settings, of the vehicle form and (German) of the apps' settings, by their names."""
    from portal.blueprints.settings.labels import FIELDS  # its room shows these words and imports them

    apps = {field.name: field.label for app in APPS.values() for field in app.fields}
    return {**apps, **{field.name: field.label for card in CARDS for field in card.fields}, **FIELDS}
