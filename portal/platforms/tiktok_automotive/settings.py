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
        say("Katalog-ID"),
        say("Die Nummer Ihres Fahrzeugkatalogs im Catalog Manager von TikTok."),
        pattern=r"\d{5,25}",
        pattern_text=say("Eine Katalog-ID besteht nur aus Ziffern."),
    ),
    shared.LOCATION,
    *delivery_settings(TRANSPORTS, SCHEDULE),
    vehicle_page("TikTok"),
    shared.equipment_format(default="comma"),
    shared.number_format("TikTok"),
    *shared.examples(),
    shared.kinds(),
)
