"""The ten settings of an activation in the order of the form, and what a lock holds back."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.common import settings as shared
from portal.platforms.contract.fields import Option, SettingField

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
    shared.ENVKV_ALWAYS,
    shared.equipment_format(
        bullet="•",
        help=shared.BESIDE_CRITERIA,
    ),
    shared.number_format("mobile.de"),
    *shared.examples(OWN_VALUE),
    shared.bookings(
        "mobile.de", say("Blickfänger, Top-Inserat und Seite-1-Inserat kosten bei mobile.de zusätzlich.")
    ),
    shared.kinds(),
    shared.lock_scope(),
)
