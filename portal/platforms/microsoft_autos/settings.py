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
        say("Kontonummer"),
        say("Die Nummer Ihres Kontos bei Microsoft Advertising."),
        pattern=r"[A-Za-z0-9]{5,20}",
        pattern_text=say("Eine Kontonummer besteht nur aus Buchstaben und Ziffern."),
    ),
    shared.LOCATION,
    *delivery_settings(TRANSPORTS, SCHEDULE),
    SettingField(
        name="target_campaign",
        label=say("Kampagne"),
        type="text",
        help=say("Der Name der Kampagne in Microsoft Advertising, für die diese Fahrzeuge gedacht sind."),
        required=True,
        step="access",
        longest=128,
    ),
    vehicle_page("Microsoft"),
    shared.equipment_format(default="comma"),
    shared.number_format("Microsoft"),
    *shared.examples(),
    shared.kinds(),
)
