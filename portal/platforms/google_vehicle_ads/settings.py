"""The settings of an activation, in the order of the form."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.common import settings as shared
from portal.platforms.common.delivery_settings import delivery_settings
from portal.platforms.common.feed import vehicle_page
from portal.platforms.contract.fields import SettingField
from portal.platforms.contract.files import Transport

TRANSPORTS = (Transport.PULL,)
SCHEDULE = ("02:00", "08:00", "12:00", "18:00")

FIELDS: tuple[SettingField, ...] = (
    shared.customer_number(
        say("Merchant-Center-ID"),
        say("Die Nummer Ihres Kontos im Google Merchant Center."),
        pattern=r"\d{5,15}",
        pattern_text=say("Eine Merchant-Center-ID besteht nur aus Ziffern."),
    ),
    shared.LOCATION,
    *delivery_settings(TRANSPORTS, SCHEDULE),
    SettingField(
        name="store_code",
        label=say("Geschäftscode"),
        type="text",
        help=say(
            "Genau wie im Google-Unternehmensprofil dieses Standorts, auch in Groß- und Kleinschreibung."
        ),
        required=True,
        step="access",
        longest=64,
    ),
    vehicle_page("Google"),
    shared.equipment_format(default="comma"),
    shared.number_format("Google"),
    *shared.examples(),
    shared.kinds(),
)
