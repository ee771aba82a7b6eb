"""The settings of an activation, in the order of the form."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.common import settings as shared
from portal.platforms.common.delivery_settings import delivery_settings
from portal.platforms.common.settings import SEPARATORS, pictures, table_settings
from portal.platforms.contract.fields import SettingField
from portal.platforms.contract.files import Transport

TRANSPORTS = (Transport.SFTP, Transport.FTPS, Transport.FTP, Transport.HTTPS, Transport.PULL)
SCHEDULE = ("02:00", "12:00")

FIELDS: tuple[SettingField, ...] = (
    shared.any_number(
        say("Kd-Nr. bei der Börse"),
        say("Unter dieser Nummer führt Sie die Börse. Sie wird auch zum Namen der Datei."),
    ),
    shared.LOCATION,
    *delivery_settings(TRANSPORTS, SCHEDULE),
    *table_settings(),
    pictures("urls", "urls", "zip", "none"),
    shared.equipment_format(default="criteria_only"),
    shared.number_format(say("die Börse")),
    *shared.examples(),
    shared.kinds(),
)

__all__ = ["FIELDS", "SCHEDULE", "SEPARATORS", "TRANSPORTS"]
