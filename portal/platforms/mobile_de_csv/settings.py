"""The settings of an activation, in the order of the form."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.common import settings as shared
from portal.platforms.common.delivery_settings import delivery_settings
from portal.platforms.contract.fields import Option, SettingField
from portal.platforms.contract.files import Transport

TRANSPORTS = (Transport.SFTP, Transport.FTPS, Transport.FTP, Transport.HTTPS)
SCHEDULE = ("02:00", "12:00")

FIELDS: tuple[SettingField, ...] = (
    shared.customer_number(
        say("Kd-Nr."),
        say("Ihre Kundennummer bei mobile.de. Sie steht auf jeder Rechnung und besteht nur aus Ziffern."),
        pattern=r"\d{1,12}",
        pattern_text=say("Eine Kundennummer von mobile.de besteht nur aus Ziffern."),
    ),
    shared.LOCATION,
    *delivery_settings(TRANSPORTS, SCHEDULE),
    shared.equipment_format(default="criteria_only"),
    shared.number_format("mobile.de"),
    *shared.examples(),
    SettingField(
        name="pictures",
        label=say("Bilder"),
        type="choice",
        options=(
            Option(
                "zip",
                say("In einer Zip-Datei mitsenden"),
                say("4711.zip\n  4711.csv\n  A10234_1.jpg\n  A10234_2.jpg"),
            ),
            Option("none", say("Nicht übertragen"), say("4711.csv")),
        ),
        default="zip",
        required=True,
    ),
    SettingField(
        name="header",
        label=say("Kopfzeile mit Spaltennamen"),
        type="flag",
        help=say(
            "mobile.de selbst erwartet keine Kopfzeile. Wählen Sie Ja nur, wenn der Empfänger der Datei sie "
            "verlangt."
        ),
        default=False,
    ),
    shared.kinds(),
)
