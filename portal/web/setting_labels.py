"""What the fields of the settings are called, on their pages and in the settings log."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

PRESETS: Mapping[str, LazyString] = {
    "release_new_vehicles": _("Neue Fahrzeuge automatisch freigeben"),
    "platform_prices": _("Eigener Preis je Plattform erlaubt"),
    "export_vin": _("Fahrgestellnummer (FIN) exportieren"),
    "export_trade_ins": _("Inzahlungnahmen exportieren"),
    "mild_hybrid_as": _("Mild-Hybride exportieren als"),
    "inform_on_lock": _("Über eine Sperre zu informieren"),
}
MILD_HYBRIDS: Mapping[str, LazyString] = {
    "combustion": _("Verbrenner (Benzin oder Diesel)"),
    "hybrid": _("Hybrid"),
}
ACTIVATION: Mapping[str, LazyString] = {
    "kinds": _("Automatisch freigegebene Fahrzeugarten"),
    "counts_for_warning": _("Zählt für die orange Warnung"),
}
LOCATION: Mapping[str, LazyString] = {
    "code": _("Kürzel"),
    "name": _("Name"),
    "street": _("Straße und Hausnummer"),
    "postal_code": _("Postleitzahl"),
    "city": _("Ort"),
    "phone": _("Telefon"),
}
LMS: Mapping[str, LazyString] = {"lms_forward_to": _("Weiterleitung von Kundenanfragen an")}
SETTING_LABELS = {**PRESETS, **ACTIVATION, **LOCATION, **LMS}
