"""The settings of an activation in the order of the form."""

from __future__ import annotations

from portal.platforms.common import settings as shared
from portal.platforms.contract.fields import Option, SettingField

OWN_VALUE = Option(
    "separate", "Als eigener Wert", "AutoScout24 zeigt das Beispiel in einem eigenen Bereich des Inserats."
)


def _mobile_export_problem(value: str) -> str:
    return "" if value else "Bitte sagen Sie, ob AutoScout24 Ihre Fahrzeuge zu mobile.de weitergibt."


FIELDS: tuple[SettingField, ...] = (
    shared.customer_number(
        "Kd-Nr.",
        "Ihre Kundennummer (Customer ID) bei AutoScout24. Sie besteht nur aus Ziffern.",
    ),
    shared.LOCATION,
    SettingField(
        name="mobile_export",
        label="Export von AutoScout24 zu mobile.de",
        type="choice",
        help="AutoScout24 kann Inserate selbst zu mobile.de weitergeben. Übertragen Sie auch von hier zu "
        "mobile.de, dann stünde jedes Fahrzeug dort zweimal, und beide Inserate kosten.",
        options=(
            Option("", "Bitte wählen"),
            Option("none", "AutoScout24 gibt nichts weiter"),
            Option(
                "kept",
                "Nur ausgewählte Fahrzeuge, keines von hier",
                "Der Export ist auf Auswahl gestellt: Von hier wird kein Fahrzeug dafür gekennzeichnet.",
            ),
            Option(
                "selected",
                "Nur ausgewählte Fahrzeuge, und zwar alle von hier",
                "Jedes Fahrzeug wird für den Export zu mobile.de gekennzeichnet.",
            ),
            Option("all", "Alle Fahrzeuge", "AutoScout24 gibt alles weiter, was dort steht."),
        ),
        default="",
        required=True,
        step="access",
        check=_mobile_export_problem,
        change_warning="Fahrzeuge, die AutoScout24 zu mobile.de weitergibt, können dort doppelt stehen.",
    ),
    SettingField(
        name="envkv_always",
        label="EnVKV-Werte immer übertragen",
        type="flag",
        help="Neuwagen, Vorführwagen und Fahrzeuge unter 1.000 km werden immer mit ihren EnVKV-Werten "
        "übertragen. Mit Ja gilt das auch für alle anderen Fahrzeuge, soweit die Werte vorhanden sind.",
        default=False,
    ),
    shared.equipment_format(
        bullet="•",
        help="So erscheint die Ausstattung in der Beschreibung. Die Suchmerkmale werden immer übertragen.",
    ),
    shared.number_format("AutoScout24"),
    *shared.examples(OWN_VALUE),
    SettingField(
        name="bookings",
        label="Zusatzbuchungen",
        type="choice",
        help="Plus-Inserat, Premium-Inserat und Boost kosten bei AutoScout24 zusätzlich.",
        options=(
            Option(
                "none",
                "Nicht übertragen",
                "Es wird nichts gebucht. Was bei AutoScout24 läuft, bleibt bestehen.",
            ),
            Option("vehicle", "Vom Fahrzeug übernehmen", "Gebucht wird, was am Fahrzeug angekreuzt ist."),
        ),
        default="none",
        required=True,
        change_warning="Zusatzbuchungen kosten Geld und werden mit der nächsten Übertragung gebucht.",
    ),
    shared.kinds(),
    shared.lock_scope(),
)
