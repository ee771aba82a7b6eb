"""The ten settings of an activation in the order of the form, and what a lock holds back."""

from __future__ import annotations

from portal.platforms.common import settings as shared
from portal.platforms.contract.fields import Option, SettingField
from portal.translations.message import say

OWN_VALUE = Option(
    "separate",
    say("Als eigener Wert"),
    say("mobile.de zeigt das Beispiel in einem eigenen Bereich des Inserats."),
)

FIELDS: tuple[SettingField, ...] = (
    shared.customer_number(
        say("Kd-Nr."),
        say("Ihre Kundennummer bei mobile.de. Sie steht auf jeder Rechnung und besteht nur aus Ziffern."),
        pattern=r"\s*[0-9][0-9\s]{0,20}",
        pattern_text=say("Kundennummer ungültig: Sie besteht nur aus Ziffern."),
    ),
    shared.LOCATION,
    SettingField(
        name="envkv_always",
        label=say("EnVKV-Werte immer übertragen"),
        type="flag",
        help=say(
            "Neuwagen, Vorführwagen und Fahrzeuge unter 1.000 km werden immer mit ihren EnVKV-Werten "
            "übertragen. Mit Ja gilt das auch für alle anderen Fahrzeuge, soweit die Werte vorhanden sind."
        ),
        default=False,
    ),
    shared.equipment_format(
        bullet="•",
        help=say(
            "So erscheint die Ausstattung in der Beschreibung. Die Suchmerkmale werden immer übertragen."
        ),
    ),
    shared.number_format("mobile.de"),
    *shared.examples(OWN_VALUE),
    SettingField(
        name="bookings",
        label=say("Zusatzbuchungen"),
        type="choice",
        help=say("Blickfänger, Top-Inserat und Seite-1-Inserat kosten bei mobile.de zusätzlich."),
        options=(
            Option(
                "none",
                say("Nicht übertragen"),
                say("Es wird nichts gebucht. Was bei mobile.de läuft, bleibt bestehen."),
            ),
            Option(
                "vehicle",
                say("Vom Fahrzeug übernehmen"),
                say("Gebucht wird, was am Fahrzeug angekreuzt ist."),
            ),
        ),
        default="none",
        required=True,
        change_warning=say("Zusatzbuchungen kosten Geld und werden mit der nächsten Übertragung gebucht."),
    ),
    shared.kinds(),
    shared.lock_scope(),
)
