"""The settings of an activation in the order of the form."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.common import settings as shared
from portal.platforms.contract.fields import Option, SettingField

OWN_VALUE = Option(
    "separate",
    say("Als eigener Wert"),
    say("AutoScout24 zeigt das Beispiel in einem eigenen Bereich des Inserats."),
)


FIELDS: tuple[SettingField, ...] = (
    shared.customer_number(
        say("Kd-Nr."),
        say("Ihre Kundennummer (Customer ID) bei AutoScout24. Sie besteht nur aus Ziffern."),
    ),
    shared.LOCATION,
    SettingField(
        name="mobile_export",
        label=say("Export von AutoScout24 zu mobile.de"),
        type="choice",
        help=say(
            "AutoScout24 kann Inserate selbst zu mobile.de weitergeben. Übertragen Sie auch von hier zu "
            "mobile.de, dann stünde jedes Fahrzeug dort zweimal, und beide Inserate kosten."
        ),
        options=(
            Option("", say("Bitte wählen")),
            Option("none", say("AutoScout24 gibt nichts weiter")),
            Option(
                "kept",
                say("Nur ausgewählte Fahrzeuge, keines von hier"),
                say("Der Export ist auf Auswahl gestellt: Von hier wird kein Fahrzeug dafür gekennzeichnet."),
            ),
            Option(
                "selected",
                say("Nur ausgewählte Fahrzeuge, und zwar alle von hier"),
                say("Jedes Fahrzeug wird für den Export zu mobile.de gekennzeichnet."),
            ),
            Option("all", say("Alle Fahrzeuge"), say("AutoScout24 gibt alles weiter, was dort steht.")),
        ),
        default="",
        required=True,
        step="access",
        check=lambda value: (
            "" if value else say("Bitte sagen Sie, ob AutoScout24 Ihre Fahrzeuge zu mobile.de weitergibt.")
        ),
        change_warning=say("Fahrzeuge, die AutoScout24 zu mobile.de weitergibt, können dort doppelt stehen."),
    ),
    shared.ENVKV_ALWAYS,
    shared.equipment_format(
        bullet="•",
        help=shared.BESIDE_CRITERIA,
    ),
    shared.number_format("AutoScout24"),
    *shared.examples(OWN_VALUE),
    shared.bookings(
        "AutoScout24", say("Plus-Inserat, Premium-Inserat und Boost kosten bei AutoScout24 zusätzlich.")
    ),
    shared.kinds(),
    shared.lock_scope(),
)
